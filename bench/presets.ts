import { makeEnv } from '../src/envs/registry.ts'
import { SAC } from '../src/sac/agent.ts'
import { evaluate } from '../src/training/evaluate.ts'
import { presetFor } from '../src/training/presets.ts'
import { train } from '../src/training/train.ts'
import { atLeast, type Row } from './measure.ts'

const EPISODES = 100

/** Environments whose presets claim a result: seeds to train with, and the mean return each of them has to reach. */
const claims: Record<string, { seeds: number; reach: number }> = {
  'Pendulum-v1': { seeds: 10, reach: -170 },
  'InvertedPendulum-v5': { seeds: 3, reach: 1000 },
  'InvertedDoublePendulum-v5': { seeds: 3, reach: 9000 },
  'MountainCarContinuous-v0': { seeds: 3, reach: 90 },
  'LunarLanderContinuous-v3': { seeds: 3, reach: 200 },
}

/** By id of the environment: trains with its preset, once for each seed, and reports the worst result. */
export const presetBenches: Record<string, () => Promise<Row[]>> = Object.fromEntries(
  Object.keys(claims).map(id => [id, () => worstOfSeeds(id)]),
)

async function worstOfSeeds(id: string): Promise<Row[]> {
  const { seeds, reach } = claims[id]
  const results = []
  for (let seed = 0; seed < seeds; seed++) {
    const result = await trained(id, seed)
    results.push(result)
    console.log(`${id}, seed ${seed}: ${result.mean.toFixed(1)} after ${result.seconds.toFixed(0)} s`)
  }
  const worst = Math.min(...results.map(({ mean }) => mean))
  const what = `${id}, ${presetFor(id).steps} steps: worst of ${seeds} seeds`
  return [{ what, value: worst, unit: '', ...atLeast(reach, worst), detail: results }]
}

/** The mean return that `sac train ID --seed SEED --evaluation-episodes 100` ends with, and how long it learns. */
async function trained(id: string, seed: number): Promise<{ mean: number; seconds: number }> {
  const { options, steps } = presetFor(id)
  const [env, evaluationEnv] = [await makeEnv(id), await makeEnv(id)]
  const agent = await SAC.create(env, { ...options, seed })
  try {
    const start = performance.now()
    for await (const _ of train(agent, env, { steps }));
    const seconds = (performance.now() - start) / 1000
    const { mean } = await evaluate(agent, evaluationEnv, { episodes: EPISODES, seed })
    return { mean, seconds }
  } finally {
    await agent.dispose()
    await env.close?.()
    await evaluationEnv.close?.()
  }
}
