import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { checkEnv } from '../../../src/env/check-env.ts'
import type { Env, ResetResult, StepResult } from '../../../src/env/env.ts'
import type { Box } from '../../../src/env/spaces.ts'
import { environments } from '../../../src/envs/environments.ts'
import { antDefaults, createAnt } from '../../../src/envs/mujoco/ant.ts'
import { loadMujoco } from '../../../src/envs/mujoco/bindings.ts'
import type { MujocoState } from '../../../src/envs/mujoco/environment.ts'
import {
  createHalfCheetah,
  halfCheetahDefaults,
  halfCheetahModel,
} from '../../../src/envs/mujoco/half-cheetah.ts'
import { createHopper, hopperDefaults } from '../../../src/envs/mujoco/hopper.ts'
import { createHumanoid, humanoidDefaults } from '../../../src/envs/mujoco/humanoid.ts'
import {
  createInvertedDoublePendulum,
  invertedDoublePendulumDefaults,
} from '../../../src/envs/mujoco/inverted-double-pendulum.ts'
import {
  createInvertedPendulum,
  invertedPendulumDefaults,
} from '../../../src/envs/mujoco/inverted-pendulum.ts'
import { mujocoMakers } from '../../../src/envs/mujoco/makers.ts'
import type { ModelDefinition } from '../../../src/envs/mujoco/mjcf.ts'
import { createPusher, pusherDefaults } from '../../../src/envs/mujoco/pusher.ts'
import { createReacher, reacherDefaults } from '../../../src/envs/mujoco/reacher.ts'
import { Simulation } from '../../../src/envs/mujoco/simulation.ts'
import { createSwimmer, swimmerDefaults } from '../../../src/envs/mujoco/swimmer.ts'
import { createWalker2d, walker2dDefaults } from '../../../src/envs/mujoco/walker2d.ts'
import { makeEnv } from '../../../src/envs/registry.ts'
import { createRandom } from '../../../src/random.ts'

type Create = (options?: Record<string, unknown>) => Promise<Env>

interface Case {
  create: Create
  defaults: object
  limit: number
}

const cases: Record<string, Case> = {
  'HalfCheetah-v5': { create: createHalfCheetah, defaults: halfCheetahDefaults, limit: 1000 },
  'Hopper-v5': { create: createHopper, defaults: hopperDefaults, limit: 1000 },
  'Walker2d-v5': { create: createWalker2d, defaults: walker2dDefaults, limit: 1000 },
  'Ant-v5': { create: createAnt, defaults: antDefaults, limit: 1000 },
  'Humanoid-v5': { create: createHumanoid, defaults: humanoidDefaults, limit: 1000 },
  'Swimmer-v5': { create: createSwimmer, defaults: swimmerDefaults, limit: 1000 },
  'InvertedPendulum-v5': { create: createInvertedPendulum, defaults: invertedPendulumDefaults, limit: 1000 },
  'InvertedDoublePendulum-v5': {
    create: createInvertedDoublePendulum,
    defaults: invertedDoublePendulumDefaults,
    limit: 1000,
  },
  'Reacher-v5': { create: createReacher, defaults: reacherDefaults, limit: 50 },
  'Pusher-v5': { create: createPusher, defaults: pusherDefaults, limit: 100 },
}
const ids = Object.keys(cases)

/** How many positions and velocities an environment has. */
interface Sizes {
  nq: number
  nv: number
}

/** Positions and velocities: MuJoCo's state is the time, then these. */
function positionsAndVelocities(env: Env, { nq, nv }: Sizes) {
  const { simulation } = env.getState!() as MujocoState
  return { qpos: simulation.slice(1, 1 + nq), qvel: simulation.slice(1 + nq, 1 + nq + nv) }
}

const reset = (env: Env, options?: Parameters<Env['reset']>[0]) => env.reset(options) as ResetResult
const step = (env: Env, action: ArrayLike<number>) => env.step(action as Float32Array) as StepResult

/** Records `steps` steps of random actions, with the episodes that begin in between. */
function record(env: Env, steps: number, actionSeed: number) {
  const random = createRandom(actionSeed, 'actions')
  const { low, high, size } = env.actionSpace as Box
  const trace: unknown[] = []
  for (let i = 0; i < steps; i++) {
    const action = Float32Array.from({ length: size }, (_, k) => random.uniform(low[k], high[k]))
    const result = step(env, action)
    trace.push(result)
    if (result.terminated) trace.push(reset(env))
  }
  return [...trace, reset(env)]
}

interface Golden {
  bodyMass: number[]
  obsDim: number
  records: {
    step: number
    reward: number
    terminated: boolean
    qpos: number[]
    qvel: number[]
    obsSum: number
    obsSumSq: number
  }[]
}

const golden: Record<string, Golden> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'mujoco-trajectories.json'), 'utf8'),
).envs

describe('golden trajectories', () => {
  test('of every environment', () => {
    expect(Object.keys(golden)).toEqual(ids)
  })

  test.each(ids)('%s', async id => {
    const { records, obsDim } = golden[id]
    const sizes = { nq: records[0].qpos.length, nv: records[0].qvel.length }
    const env = await cases[id].create()
    expect(env.observationSpace.size).toBe(obsDim)
    reset(env, { options: { qvel: new Array(sizes.nv).fill(0) } })
    const { low, high, size } = env.actionSpace as Box
    // The ranges in the model, of which the space has the float32.
    const exact = (bound: number) => Number(bound.toPrecision(6))
    let seen = 0
    for (let t = 0; t < 50; t++) {
      const action = Array.from(
        { length: size },
        (_, i) => exact(low[i]) + (exact(high[i]) - exact(low[i])) * (((37 * t + 17 * i + 11) % 101) / 100),
      )
      const { observation, reward, terminated } = step(env, action)
      const expected = records.find(record => record.step === t + 1)
      if (!expected) continue
      seen++
      const { qpos, qvel } = positionsAndVelocities(env, sizes)
      // Humanoid's solver stops before it converges, so that rounding grows fast.
      const tolerance = id === 'Humanoid-v5' && t + 1 === 50 ? 1e-3 : 1e-6
      const deviation = Math.max(
        ...qpos.map((value, i) => Math.abs(value - expected.qpos[i])),
        ...qvel.map((value, i) => Math.abs(value - expected.qvel[i])),
        Math.abs(reward - expected.reward),
      )
      expect(deviation, `step ${t + 1}`).toBeLessThanOrEqual(tolerance)
      expect(terminated).toBe(expected.terminated)
      const values = Array.from(observation)
      const sum = values.reduce((a, b) => a + b)
      const squares = values.reduce((a, b) => a + b * b, 0)
      const scale = Math.sqrt(expected.obsSumSq)
      expect(Math.abs(sum - expected.obsSum) / scale).toBeLessThan(tolerance)
      expect(Math.abs(Math.sqrt(squares) - scale) / scale).toBeLessThan(tolerance)
    }
    expect(seen).toBe(4)
    env.close!()
  })

  test('masses of HalfCheetah', async () => {
    const simulation = new Simulation(await loadMujoco(), halfCheetahModel, 1)
    const expected = golden['HalfCheetah-v5'].bodyMass
    expect(simulation.bodyMass.length).toBe(expected.length)
    for (const [i, mass] of expected.entries()) expect(simulation.bodyMass[i]).toBeCloseTo(mass, 9)
    simulation.dispose()
  })
})

describe.each(ids)('%s', id => {
  const { create, defaults, limit } = cases[id]

  test('checkEnv finds nothing', async () => {
    const env = await makeEnv(id)
    expect(await checkEnv(env)).toEqual([])
    await env.close!()
  })

  test('repeats with the seed, in another instance too', async () => {
    const [env, other] = [await create(), await create()]
    const first = [reset(env, { seed: 5 }), record(env, 100, 1)]
    expect([reset(env, { seed: 5 }), record(env, 100, 1)]).toEqual(first)
    expect([reset(other, { seed: 5 }), record(other, 100, 1)]).toEqual(first)
    expect(reset(other, { seed: 6 })).not.toEqual(first[0])
    for (const each of [env, other]) each.close!()
  })

  test('goes on exactly from its state, in another instance too', async () => {
    const [env, other] = [await create(), await create()]
    reset(env, { seed: 3 })
    record(env, 20, 2)
    const few = new Float32Array(env.actionSpace.size).fill(0.3)
    for (let i = 0; i < 3; i++) step(env, few)
    const state = JSON.parse(JSON.stringify(env.getState!()))
    const next = record(env, 60, 3)
    env.setState!(state)
    expect(record(env, 60, 3)).toEqual(next)
    reset(other, { seed: 9 })
    record(other, 10, 4)
    other.setState!(state)
    expect(record(other, 60, 3)).toEqual(next)
    for (const each of [env, other]) each.close!()
  })

  test('is listed with its options and its time limit', async () => {
    const entry = environments().find(entry => entry.id === id)!
    expect(Object.keys(entry.options!).sort()).toEqual([...Object.keys(defaults), 'xmlFile'].sort())
    for (const [name, value] of Object.entries(defaults)) {
      const shown = Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
      expect(entry.options![name].replace("'torso'", 'torso')).toContain(`(default ${shown})`)
    }
    const env = await makeEnv(id, { ...defaults })
    const { observationSpace, actionSpace } = env
    expect(entry.summary).toMatch(
      new RegExp(
        `\\(${observationSpace.size} observations, ${actionSpace.size} actions?, ${limit} steps\\)$`,
      ),
    )
    const still = new Float32Array(actionSpace.size)
    let steps = 0
    let result: StepResult
    await env.reset({ seed: 0 })
    do {
      result = await env.step(still)
      steps++
    } while (!result.terminated && !result.truncated)
    if (result.truncated) expect(steps).toBe(limit)
    else expect(steps).toBeLessThan(limit)
    await env.close!()
  })
})

test('the catalogue has these and no others', () => {
  expect(Object.keys(mujocoMakers)).toEqual(ids)
})

describe('starts', () => {
  /** Positions and velocities of many starts, less those of the model at rest. */
  async function starts(create: Create, sizes: Sizes, options?: Record<string, unknown>) {
    const env = await create(options)
    reset(env, { options: { qvel: new Array(sizes.nv).fill(0) } })
    const rest = positionsAndVelocities(env, sizes)
    const columns = { qpos: rest.qpos.map(() => [] as number[]), qvel: rest.qvel.map(() => [] as number[]) }
    for (let seed = 0; seed < 400; seed++) {
      reset(env, { seed })
      const { qpos, qvel } = positionsAndVelocities(env, sizes)
      for (const [i, value] of qpos.entries()) columns.qpos[i].push(value - rest.qpos[i])
      for (const [i, value] of qvel.entries()) columns.qvel[i].push(value - rest.qvel[i])
    }
    env.close!()
    return columns
  }

  const deviation = (values: number[]) =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)

  function expectUniform(values: number[], scale: number) {
    for (const value of values) expect(Math.abs(value)).toBeLessThanOrEqual(scale * (1 + 1e-9))
    expect(deviation(values) / scale).toBeGreaterThan(0.5)
    expect(deviation(values) / scale).toBeLessThan(0.66)
  }

  function expectNormal(values: number[], scale: number) {
    expect(deviation(values) / scale).toBeGreaterThan(0.85)
    expect(deviation(values) / scale).toBeLessThan(1.15)
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(2 * scale)
  }

  test.each([
    ['HalfCheetah-v5', { nq: 9, nv: 9 }, 0.1, expectNormal, 0.1],
    ['Hopper-v5', { nq: 6, nv: 6 }, 0.005, expectUniform, 0.005],
    ['Walker2d-v5', { nq: 9, nv: 9 }, 0.005, expectUniform, 0.005],
    ['Ant-v5', { nq: 15, nv: 14 }, 0.1, expectNormal, 0.1],
    ['Humanoid-v5', { nq: 24, nv: 23 }, 0.01, expectUniform, 0.01],
    ['Swimmer-v5', { nq: 5, nv: 5 }, 0.1, expectUniform, 0.1],
    ['InvertedPendulum-v5', { nq: 2, nv: 2 }, 0.01, expectUniform, 0.01],
    ['InvertedDoublePendulum-v5', { nq: 3, nv: 3 }, 0.1, expectNormal, 0.1],
  ] as const)('%s has noise', async (id, sizes, positions, expectNoise, velocities) => {
    const { qpos, qvel } = await starts(cases[id].create, sizes)
    for (const values of qpos) expectUniform(values, positions)
    for (const values of qvel) expectNoise(values, velocities)
  })

  test('noise may be left out', async () => {
    const { qpos, qvel } = await starts(createAnt, { nq: 15, nv: 14 }, { resetNoiseScale: 0 })
    for (const values of [...qpos, ...qvel]) expect(values).toEqual(values.map(() => 0))
  })

  test('Reacher has a target within reach', async () => {
    const { qpos, qvel } = await starts(createReacher, { nq: 4, nv: 4 })
    for (const values of qpos.slice(0, 2)) expectUniform(values, 0.1)
    for (const values of qvel.slice(0, 2)) expectUniform(values, 0.005)
    for (const values of qvel.slice(2)) expect(values).toEqual(values.map(() => 0))
    const radii = qpos[2].map((x, i) => Math.hypot(x + 0.1, qpos[3][i] - 0.1))
    expect(Math.max(...radii)).toBeLessThan(0.2)
    // Uniform in the disc: half of the targets lie beyond sqrt(1/2) of its radius.
    expect(radii.filter(radius => radius > 0.2 * Math.SQRT1_2).length / 400).toBeCloseTo(0.5, 1)
  })

  test('Pusher has an object away from its goal', async () => {
    const { qpos, qvel } = await starts(createPusher, { nq: 11, nv: 11 })
    for (const values of [...qpos.slice(0, 7), ...qpos.slice(9)]) expect(values).toEqual(values.map(() => 0))
    for (const values of qvel.slice(0, 7)) expectUniform(values, 0.005)
    for (const values of qvel.slice(7)) expect(values).toEqual(values.map(() => 0))
    for (const [i, y] of qpos[7].entries()) {
      expect(y).toBeGreaterThanOrEqual(-0.3)
      expect(y).toBeLessThan(0)
      expect(Math.abs(qpos[8][i])).toBeLessThanOrEqual(0.2)
      expect(Math.hypot(y, qpos[8][i])).toBeGreaterThan(0.17)
    }
  })

  test('may be given', async () => {
    const env = await createHopper()
    const qpos = [1, 1.5, 0.1, -0.2, -0.3, 0.4]
    const qvel = [1, -2, 30, 4, -50, 6]
    const { observation } = reset(env, { options: { qpos, qvel } })
    expect(Array.from(observation)).toEqual([1.5, 0.1, -0.2, -0.3, 0.4, 1, -2, 10, 4, -10, 6])
    expect(() => reset(env, { options: { qpos: [1] } })).toThrow(/qpos of Hopper-v5 has 1 elements, not 6/)
    env.close!()
  })
})

describe('options', () => {
  const sizeWith = async (create: Create, options: Record<string, unknown>) => {
    const env = await create(options)
    env.close!()
    return env.observationSpace.size
  }

  test('change what is observed', async () => {
    const all = { excludeCurrentPositionsFromObservation: false }
    expect(await sizeWith(createHalfCheetah, all)).toBe(18)
    expect(await sizeWith(createHopper, all)).toBe(12)
    expect(await sizeWith(createWalker2d, all)).toBe(18)
    expect(await sizeWith(createSwimmer, all)).toBe(10)
    expect(await sizeWith(createAnt, { ...all, includeCfrcExtInObservation: false })).toBe(29)
    expect(await sizeWith(createHumanoid, all)).toBe(350)
    const parts = { Cinert: 130, Cvel: 78, QfrcActuator: 17, CfrcExt: 78 }
    for (const [part, size] of Object.entries(parts)) {
      expect(await sizeWith(createHumanoid, { [`include${part}InObservation`]: false })).toBe(348 - size)
    }
  })

  test('change what is rewarded', async () => {
    const rewards = async (options: Record<string, unknown>) => {
      const env = await createAnt(options)
      reset(env, { seed: 1 })
      const { reward, info } = step(env, new Float32Array(8).fill(0.5))
      env.close!()
      return { reward, ...info } as Record<string, number>
    }
    const usual = await rewards({})
    const { rewardForward, rewardCtrl, rewardContact, rewardSurvive } = usual
    expect(usual.reward).toBeCloseTo(rewardForward + rewardCtrl + rewardContact + rewardSurvive, 12)
    expect(rewardCtrl).toBeCloseTo(-0.5 * 8 * 0.25, 12)
    const heavy = { forwardRewardWeight: 2, ctrlCostWeight: 1, contactCostWeight: 0.005, healthyReward: 7 }
    const other = await rewards(heavy)
    expect(other.rewardForward).toBeCloseTo(2 * rewardForward, 12)
    expect(other.rewardCtrl).toBeCloseTo(2 * rewardCtrl, 12)
    expect(other.rewardContact).toBeCloseTo(10 * rewardContact, 12)
    expect(other.rewardSurvive).toBe(7)
    expect((await rewards({ mainBody: 'foot_1' })).rewardForward).not.toBeCloseTo(rewardForward, 3)
    expect((await rewards({ contactForceRange: [0, 0] })).rewardContact).toBeCloseTo(0, 12)
  })

  test('change what is healthy', async () => {
    const fall = async (create: Create, qpos: number[], options: Record<string, unknown> = {}) => {
      const env = await create(options)
      reset(env, { options: { qpos } })
      const { terminated, info } = step(env, new Float32Array(env.actionSpace.size))
      env.close!()
      return [terminated, info?.rewardSurvive]
    }
    const low = [0, 0.5, 0, 0, 0, 0]
    expect(await fall(createHopper, low)).toEqual([true, 0])
    expect(await fall(createHopper, low, { terminateWhenUnhealthy: false })).toEqual([false, 0])
    expect(await fall(createHopper, low, { healthyZRange: [0.1, 2] })).toEqual([false, 1])
    const tilted = [0, 1.3, 0.5, 0, 0, 0]
    expect(await fall(createHopper, tilted)).toEqual([true, 0])
    expect(await fall(createHopper, tilted, { healthyAngleRange: [-1, 1] })).toEqual([false, 1])
    const bent = [0, 1.4, 0, -3, 0, 0]
    expect(await fall(createHopper, bent, { healthyStateRange: [-2, 2] })).toEqual([true, 0])
    const walker = [0, 1.4, 1.2, 0, 0, 0, 0, 0, 0]
    expect(await fall(createWalker2d, walker)).toEqual([true, 0])
    expect(await fall(createWalker2d, walker, { healthyAngleRange: [-2, 2] })).toEqual([false, 1])
  })

  test('change the time of a step', async () => {
    const velocity = async (frameSkip: number) => {
      const env = await createHalfCheetah({ frameSkip })
      reset(env, { options: { qpos: [0, 3, 0, 0, 0, 0, 0, 0, 0] } })
      step(env, new Float32Array(6))
      const { qvel } = positionsAndVelocities(env, { nq: 9, nv: 9 })
      env.close!()
      return qvel[1]
    }
    // Falling freely for 0.05 and 0.1 s.
    expect(await velocity(5)).toBeCloseTo(-9.81 * 0.05, 9)
    expect(await velocity(10)).toBeCloseTo(-9.81 * 0.1, 9)
  })

  test('are checked', async () => {
    // As plain JavaScript, of which no compiler checks the options.
    const make = (options: object) => makeEnv('Ant-v5' as string, { ...options })
    await expect(make({ ctrlCostWieght: 1 })).rejects.toThrow(/did you mean 'ctrlCostWeight'/)
    await expect(make({ ctrlCostWeight: '1' })).rejects.toThrow(
      /ctrlCostWeight is "1": it must be a finite number/,
    )
    await expect(make({ healthyZRange: [1, 0] })).rejects.toThrow(/low not above high/)
    await expect(make({ healthyZRange: 1 })).rejects.toThrow(/a range \[low, high\]/)
    await expect(make({ terminateWhenUnhealthy: 0 })).rejects.toThrow(/true or false/)
    await expect(make({ mainBody: 1 })).rejects.toThrow(/a text/)
    await expect(make({ mainBody: 'tail' })).rejects.toThrow(/no body 'tail'/)
    for (const frameSkip of [0, 1.5, '5']) {
      await expect(make({ frameSkip })).rejects.toThrow(/positive whole number/)
    }
    await expect(make({ frameSkip: undefined })).resolves.toBeDefined()
  })
})

describe('the simulation', () => {
  test('survives the growth of the heap', async () => {
    const mujoco = await loadMujoco()
    const buffer = new mujoco.DoubleBuffer(1)
    const view = buffer.GetView()
    const env = await createHalfCheetah()
    const control = await createHalfCheetah()
    reset(control, { seed: 1 })
    const expected = [record(control, 50, 1), record(control, 50, 2)]
    reset(env, { seed: 1 })
    const seen = [record(env, 50, 1)]
    const crowd: Env[] = []
    while (view.length > 0) {
      if (crowd.length > 1000) throw new Error('the heap does not grow')
      crowd.push(await createHumanoid())
    }
    seen.push(record(env, 50, 2))
    expect(seen).toEqual(expected)
    // Whatever is called first after the heap has grown.
    const state = env.getState!()
    env.setState!(state)
    expect(env.getState!()).toEqual(state)
    for (const each of [env, control, ...crowd]) each.close!()
  })

  test('frees its memory', async () => {
    const mujoco = await loadMujoco()
    for (let i = 0; i < 5; i++) (await createHumanoid()).close!()
    const buffer = new mujoco.DoubleBuffer(1)
    const view = buffer.GetView()
    for (let i = 0; i < 100; i++) (await createHumanoid()).close!()
    expect(view.length).toBe(1)
  })

  test('reports an unstable state', async () => {
    const env = await createHopper()
    reset(env, { options: { qvel: [0, 0, 0, 1e12, 0, 0] } })
    expect(() => step(env, [0, 0, 0])).toThrow(/has become unstable.*Reset the environment/)
    reset(env, { seed: 1 })
    expect(step(env, [0, 0, 0]).reward).toBeGreaterThan(0)
    env.close!()
  })

  test('clamps controls, and costs count them as they are', async () => {
    const env = await createHalfCheetah()
    const holding = (size: number) => {
      reset(env, { seed: 2 })
      const { observation, info } = step(env, new Float32Array(6).fill(size))
      return { observation, cost: (info as Record<string, number>).rewardCtrl }
    }
    expect(holding(3).observation).toEqual(holding(1).observation)
    expect(holding(3).cost).toBeCloseTo(9 * holding(1).cost, 12)
    env.close!()
  })

  test('refuses a model that MuJoCo does not compile', async () => {
    const mujoco = await loadMujoco()
    const broken: ModelDefinition = { ...halfCheetahModel, motors: { tail: 1 } }
    expect(() => new Simulation(mujoco, broken, 1)).toThrow(/tail/)
  })
})

describe('bad calls', () => {
  test('are refused', async () => {
    const env = await createHalfCheetah()
    expect(() => step(env, new Float32Array(6))).toThrow(
      'HalfCheetah-v5: call reset() before the first step()',
    )
    expect(() => env.getState!()).toThrow('HalfCheetah-v5: call reset() before the first getState()')
    expect(() => reset(env, { seed: -1 })).toThrow(/seed is -1/)
    reset(env)
    expect(() => step(env, [1])).toThrow('the action of HalfCheetah-v5 has 1 elements, not 6')
    expect(() => step(env, [0, 0, NaN, 0, 0, 0])).toThrow('action of HalfCheetah-v5[2] is NaN')
    const state = env.getState!() as MujocoState
    for (const bad of [null, {}, { ...state, simulation: [1, 2] }]) {
      expect(() => env.setState!(bad)).toThrow('the state of HalfCheetah-v5 is { simulation, random }')
    }
    expect(() => env.setState!({ ...state, random: [1] })).toThrow(/random state/)
    expect(() => env.setState!(state)).not.toThrow()
    env.close!()
    env.close!()
    for (const call of [() => reset(env), () => step(env, new Float32Array(6)), () => env.getState!()]) {
      expect(call).toThrow('HalfCheetah-v5: the environment was closed')
    }
  })

  test('without the package, what to install is said', async () => {
    vi.resetModules()
    vi.doMock('@mujoco/mujoco', () => {
      throw new Error("Cannot find package '@mujoco/mujoco'")
    })
    try {
      const { createHopper: create } = await import('../../../src/envs/mujoco/hopper.ts')
      await expect(create()).rejects.toThrow(/could not be loaded.*npm install @mujoco\/mujoco/)
      vi.doUnmock('@mujoco/mujoco')
      // It may be tried again.
      expect((await create()).id).toBe('Hopper-v5')
    } finally {
      vi.doUnmock('@mujoco/mujoco')
      vi.resetModules()
    }
  })
})
