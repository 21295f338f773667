import { makeEnv } from '../src/envs/registry.ts'
import { SAC } from '../src/sac/agent.ts'
import { evaluate } from '../src/training/evaluate.ts'
import { presetOptions } from '../src/training/presets.ts'
import { train } from '../src/training/train.ts'
import { trainAgent } from '../src/training/train-agent.ts'
import { median, processorSeconds, type Row } from './measure.ts'

const ROUNDS = 15

/** Where the loop around an agent would show most, because nothing is learned; and an agent that learns at every step. */
const TASKS = [
  { what: 'without updates', steps: 60_000, learningStarts: 60_000 },
  { what: 'with 3,500 updates', steps: 4000, learningStarts: 500 },
]

/** What `trainAgent` costs over the event stream of `train`, in processor time, in rounds of train, trainAgent, train. */
export async function trainAgentCost(): Promise<Row[]> {
  const rows: Row[] = []
  for (const task of TASKS) rows.push(...(await measure(task)))
  return rows
}

async function measure({ what, steps, learningStarts }: (typeof TASKS)[number]): Promise<Row[]> {
  const options = { learningStarts, engine: 'wasm', threads: 1 } as const
  async function byStream(): Promise<void> {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, presetOptions(env, options))
    for await (const _ of train(agent, env, { steps }));
    await evaluate(agent, env, { episodes: 1 })
    await agent.dispose()
  }
  async function byCall(): Promise<void> {
    const { agent } = await trainAgent(await makeEnv('Pendulum-v1'), {
      ...options,
      steps,
      evaluationEpisodes: 1,
    })
    await agent.dispose()
  }
  const costs: number[] = []
  const noise: number[] = []
  for (let round = -1; round < ROUNDS; round++) {
    const before = await secondsOf(byStream)
    const call = await secondsOf(byCall)
    const after = await secondsOf(byStream)
    // The first round warms up.
    if (round < 0) continue
    costs.push(100 * (call / ((before + after) / 2) - 1))
    noise.push(100 * Math.abs(after / before - 1))
  }
  const [cost, apart] = [median(costs), median(noise)]
  return [
    {
      what: `trainAgent over train, ${steps} steps ${what}`,
      value: cost,
      unit: '%',
      reach: 'less than the same loop differs from itself',
      reached: cost < apart,
      detail: costs,
    },
    { what: `the loop of train a second time, ${what}: difference`, value: apart, unit: '%', detail: noise },
  ]
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  globalThis.gc?.()
  const started = processorSeconds()
  await work()
  return processorSeconds() - started
}
