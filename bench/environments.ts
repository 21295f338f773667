import { drawAction } from '../src/env/action-space.ts'
import type { Env, StepResult } from '../src/env/env.ts'
import { antDefaults, antModel } from '../src/envs/mujoco/ant.ts'
import { loadMujoco } from '../src/envs/mujoco/bindings.ts'
import { halfCheetahDefaults, halfCheetahModel } from '../src/envs/mujoco/half-cheetah.ts'
import { hopperDefaults, hopperModel } from '../src/envs/mujoco/hopper.ts'
import { humanoidDefaults } from '../src/envs/mujoco/humanoid.ts'
import { humanoidModel } from '../src/envs/mujoco/humanoid-model.ts'
import {
  invertedDoublePendulumDefaults,
  invertedDoublePendulumModel,
} from '../src/envs/mujoco/inverted-double-pendulum.ts'
import { invertedPendulumDefaults, invertedPendulumModel } from '../src/envs/mujoco/inverted-pendulum.ts'
import { type ModelDefinition, toMjcf } from '../src/envs/mujoco/mjcf.ts'
import { pusherDefaults } from '../src/envs/mujoco/pusher.ts'
import { pusherModel } from '../src/envs/mujoco/pusher-model.ts'
import { reacherDefaults, reacherModel } from '../src/envs/mujoco/reacher.ts'
import { swimmerDefaults, swimmerModel } from '../src/envs/mujoco/swimmer.ts'
import { walker2dDefaults, walker2dModel } from '../src/envs/mujoco/walker2d.ts'
import { makeEnv } from '../src/envs/registry.ts'
import { createRandom } from '../src/random.ts'
import { atLeast, atMost, median, processorSeconds, type Row } from './measure.ts'

interface Subject {
  model: ModelDefinition
  frameSkip: number
  /** Steps a second to reach. */
  reach?: number
}

const subjects: Record<string, Subject> = {
  'HalfCheetah-v5': { model: halfCheetahModel, ...halfCheetahDefaults, reach: 18_000 },
  'Hopper-v5': { model: hopperModel, ...hopperDefaults, reach: 7_000 },
  'Walker2d-v5': { model: walker2dModel, ...walker2dDefaults, reach: 6_500 },
  'Ant-v5': { model: antModel, ...antDefaults, reach: 3_000 },
  'Humanoid-v5': { model: humanoidModel, ...humanoidDefaults, reach: 2_500 },
  'Swimmer-v5': { model: swimmerModel, ...swimmerDefaults },
  'InvertedPendulum-v5': { model: invertedPendulumModel, ...invertedPendulumDefaults },
  'InvertedDoublePendulum-v5': { model: invertedDoublePendulumModel, ...invertedDoublePendulumDefaults },
  'Reacher-v5': { model: reacherModel, ...reacherDefaults },
  'Pusher-v5': { model: pusherModel, ...pusherDefaults },
}

const ACTIONS = 1024
const ROUNDS = 21
const SECONDS = 0.15

/** Environments: steps a second of one thread, what they add to bare MuJoCo, and their memory. */
export async function environments(): Promise<Row[]> {
  // First, because memory once taken is not given back.
  const rows = [await memoryOfMany()]
  for (const [id, subject] of Object.entries(subjects)) rows.push(...(await mujocoEnvironment(id, subject)))
  rows.push(await otherEnvironment('Pendulum-v1', 500_000, 2_000_000))
  rows.push(await otherEnvironment('MountainCarContinuous-v0', 500_000))
  rows.push(await otherEnvironment('LunarLanderContinuous-v3', 1_000, 7_000))
  rows.push(await otherEnvironment('BipedalWalker-v3', 150, 1_000))
  rows.push(await otherEnvironment('BipedalWalkerHardcore-v3', 150))
  return rows
}

/** Actions to take in turn. */
export function randomActions({ actionSpace }: Env): Float32Array[] {
  const random = createRandom(0, 'bench')
  return Array.from({ length: ACTIONS }, () => drawAction(actionSpace, random))
}

/** Runs episodes of random actions for `steps` steps, resets included. Returns the lengths of the episodes. */
function runEpisodes(env: Env, actions: readonly Float32Array[], steps: number): number[] {
  const lengths = [0]
  env.reset({ seed: 0 })
  for (let i = 0; i < steps; i++) {
    const { terminated, truncated } = env.step(actions[i % ACTIONS]) as StepResult
    lengths[lengths.length - 1]++
    if (!terminated && !truncated) continue
    env.reset()
    lengths.push(0)
  }
  return lengths
}

function secondsOf(run: () => void): number {
  const start = processorSeconds()
  run()
  return processorSeconds() - start
}

async function mujocoEnvironment(
  id: string,
  { model: definition, frameSkip, reach }: Subject,
): Promise<Row[]> {
  const env = await makeEnv(id)
  const actions = randomActions(env)
  const warmUp = 200
  const steps = Math.ceil((warmUp * SECONDS) / secondsOf(() => runEpisodes(env, actions, warmUp)))
  const lengths = runEpisodes(env, actions, steps)

  // The same steps in MuJoCo alone, from the same starts, or else more or fewer contacts would be compared too.
  const starts: number[][] = []
  env.reset({ seed: 0 })
  let step = 0
  for (const length of lengths) {
    starts.push((env.getState!() as { env: { simulation: number[] } }).env.simulation)
    for (let i = 0; i < length; i++) env.step(actions[step++ % ACTIONS])
    env.reset()
  }
  const mujoco = await loadMujoco()
  const model = mujoco.MjModel.from_xml_string(toMjcf(definition))
  const data = new mujoco.MjData(model)
  const { ctrl, qpos, qvel } = data
  const runBare = () => {
    let step = 0
    for (const [episode, length] of lengths.entries()) {
      mujoco.mj_resetData(model, data)
      const start = starts[episode]
      for (let i = 0; i < qpos.length; i++) qpos[i] = start[1 + i]
      for (let i = 0; i < qvel.length; i++) qvel[i] = start[1 + qpos.length + i]
      mujoco.mj_forward(model, data)
      for (let i = 0; i < length; i++) {
        ctrl.set(actions[step++ % ACTIONS])
        for (let k = 0; k < frameSkip; k++) mujoco.mj_step(model, data)
        mujoco.mj_rnePostConstraint(model, data)
      }
    }
  }

  // In turn, because machines are shared, and drift hits both alike.
  const rates: number[] = []
  const overheads: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const bare = secondsOf(runBare)
    const whole = secondsOf(() => runEpisodes(env, actions, steps))
    rates.push(steps / whole)
    overheads.push(100 * (whole / bare - 1))
  }
  data.delete()
  model.delete()
  await env.close!()
  const [rate, overhead] = [median(rates), median(overheads)]
  return [
    { what: id, value: rate, unit: 'steps/s', ...(reach && atLeast(reach, rate)), detail: rates },
    {
      what: `${id}, over bare MuJoCo`,
      value: overhead,
      unit: '%',
      ...atMost(15, overhead),
      detail: overheads,
    },
  ]
}

async function memoryOfMany(): Promise<Row> {
  const envs: Env[] = []
  const add = async () => {
    const env = await makeEnv('HalfCheetah-v5')
    runEpisodes(env, randomActions(env), 100)
    envs.push(env)
  }
  const resident = () => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 2 ** 20
  }
  await add()
  const one = resident()
  while (envs.length < 64) await add()
  const more = resident() - one
  for (const env of envs) await env.close!()
  return { what: '64 HalfCheetah-v5, memory above one', value: more, unit: 'MB', ...atMost(60, more) }
}

/** Environments that are not MuJoCo's. */
async function otherEnvironment(id: string, steps: number, reach?: number): Promise<Row> {
  const env = await makeEnv(id)
  const actions = randomActions(env)
  const rates = Array.from(
    { length: ROUNDS },
    () => steps / secondsOf(() => runEpisodes(env, actions, steps)),
  )
  const rate = median(rates)
  return { what: id, value: rate, unit: 'steps/s', ...(reach && atLeast(reach, rate)), detail: rates }
}
