import { spawnSync } from 'node:child_process'
import { makeEnv } from '../src/envs/registry.ts'
import { SAC } from '../src/sac/agent.ts'
import { evaluate } from '../src/training/evaluate.ts'
import { presetFor } from '../src/training/presets.ts'
import { train } from '../src/training/train.ts'
import { atLeast, atMost, type Row } from './measure.ts'

const SEEDS = 10
const EPISODES = 100

/** Pendulum-v1 with its preset: mean return of the deterministic policy after training, for seeds 0..9. */
export async function pendulum(): Promise<Row[]> {
  const { options, steps } = presetFor('Pendulum-v1')
  const returns: number[] = []
  for (let seed = 0; seed < SEEDS; seed++) {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, { ...options, seed })
    for await (const _ of train(agent, env, { steps }));
    const { mean } = await evaluate(agent, await makeEnv('Pendulum-v1'), { episodes: EPISODES, seed: 1000 })
    returns.push(mean)
    await agent.dispose()
  }
  const sorted = [...returns].sort((a, b) => a - b)
  const what = `Pendulum-v1, ${steps} steps, return over ${EPISODES} episodes`
  return [
    {
      what: `${what}: second worst of ${SEEDS} seeds`,
      value: sorted[1],
      unit: '',
      ...atLeast(-170, sorted[1]),
      detail: returns,
    },
    { what: `${what}: worst of ${SEEDS} seeds`, value: sorted[0], unit: '', ...atLeast(-250, sorted[0]) },
  ]
}

/** Wall clock of what a newcomer types after installing. */
export async function npmStart(): Promise<Row[]> {
  const start = performance.now()
  const { status, stderr } = spawnSync('npm', ['start', '--silent'], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm start failed: ${stderr}`)
  const seconds = (performance.now() - start) / 1000
  return [{ what: 'npm start, wall clock', value: seconds, unit: 's', ...atMost(15, seconds) }]
}
