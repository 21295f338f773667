import type { Env } from '../src/env/env.ts'
import { recordTransitions } from '../src/env/record-transitions.ts'
import { makeEnv } from '../src/envs/registry.ts'
import type { Transition } from '../src/replay/transition.ts'
import { SAC } from '../src/sac/agent.ts'
import type { SacOptionsInput } from '../src/sac/options.ts'
import { evaluate } from '../src/training/evaluate.ts'
import { presetOptions } from '../src/training/presets.ts'
import { train } from '../src/training/train.ts'
import { atMost, median, type Row } from './measure.ts'

const SEEDS = [0, 1, 2, 3, 4]
const TEACHER = 50
const SOLVED = -200
const [STEPS, EVERY, EPISODES] = [8000, 250, 20]

/** How a new agent learns from demonstrations. */
interface Way {
  what: string
  /** Updates on the demonstrations alone; undefined for no demonstrations at all. */
  updates?: number
  options?: SacOptionsInput
}

const WAYS: Way[] = [
  { what: 'without demonstrations' },
  { what: 'half of each batch from them', updates: 0 },
  {
    what: '2,000 updates before the first step, cloningWeight 10',
    updates: 2000,
    options: { cloningWeight: 10 },
  },
]

/** Steps of Pendulum-v1 until an evaluation reaches -200, with and without 10 episodes of a trained policy. */
export async function demonstrations(): Promise<Row[]> {
  const shown = await recorded()
  const rows: Row[] = []
  let alone = 0
  for (const way of WAYS) {
    const curves: number[][] = []
    for (const seed of SEEDS) curves.push(await learn(way, seed, shown))
    const steps = curves.map(stepsUntilSolved)
    const middle = median(steps)
    if (way.updates === undefined) alone = middle
    const lowest = Math.min(...curves.map((curve, i) => Math.min(...curve.slice(steps[i] / EVERY))))
    rows.push({
      what: `steps until ${SOLVED}, ${way.what}`,
      value: middle,
      best: Math.min(...steps),
      unit: 'steps',
      ...(way.updates && atMost(alone / 2, middle)),
      detail: { steps, curves },
    })
    rows.push({
      what: `  each seed: ${steps.join(', ')}; the lowest evaluation afterwards`,
      value: lowest,
      unit: '',
    })
  }
  return rows
}

/** Ten episodes of a policy that was trained as the preset says. */
async function recorded(): Promise<Transition[]> {
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, presetOptions(env, { seed: TEACHER }))
  for await (const _ of train(agent, env, { steps: 10_000 }));
  const shown: Transition[] = []
  const keep = ({ observation, action, nextObservation, ...rest }: Transition) => {
    shown.push({
      observation: Float64Array.from(observation),
      action: Float32Array.from(action),
      nextObservation: Float64Array.from(nextObservation),
      ...rest,
    })
  }
  await evaluate(agent, recordTransitions(env, keep), { episodes: 10, seed: TEACHER })
  await agent.dispose()
  return shown
}

/** Mean returns of evaluations, before the first step and every 250 steps. */
async function learn(
  { updates, options }: Way,
  seed: number,
  shown: readonly Transition[],
): Promise<number[]> {
  const [env, evaluationEnv] = [await makeEnv('Pendulum-v1'), await makeEnv('Pendulum-v1')]
  const agent = await SAC.create(env, presetOptions(env, { seed, ...options }))
  if (updates !== undefined) await agent.learnFrom(shown)
  if (updates) await agent.learnFromDemonstrations(updates)
  const before = await evaluateIn(evaluationEnv, agent, seed)
  const curve = [before]
  const asked = { steps: STEPS, evaluationEnv, evaluateEvery: EVERY, evaluationEpisodes: EPISODES }
  for await (const event of train(agent, env, asked)) if (event.type === 'evaluation') curve.push(event.mean)
  await agent.dispose()
  return curve
}

const evaluateIn = async (env: Env, agent: SAC, seed: number): Promise<number> =>
  (await evaluate(agent, env, { episodes: EPISODES, seed })).mean

/** As many as there were if it was never solved. */
function stepsUntilSolved(curve: readonly number[]): number {
  const first = curve.findIndex(mean => mean >= SOLVED)
  return (first === -1 ? curve.length : first) * EVERY
}
