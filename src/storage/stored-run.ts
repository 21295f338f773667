import type { SAC } from '../sac/agent.ts'
import { type LoadAgentOptions, loadAgent, saveAgent, trainingStateIn } from '../training/agent-file.ts'
import type { TrainingState } from '../training/lanes.ts'
import type { RunStorage } from './run-storage.ts'

/** What a page wants to know later of one moment of training: values that survive JSON. */
export interface StoredMetrics {
  /** Environment steps at that moment. */
  step: number
  /** Anything else, by names of your own. */
  [name: string]: unknown
}

/** A run of a page. */
export interface StoredRun {
  /** What learns. */
  agent: SAC
  /** Where the loop was: the `state` of a `done` or `checkpoint` event. Without it training resumes with new episodes. */
  training?: TrainingState
  /** What was written down on the way. */
  metrics: StoredMetrics[]
}

const AGENT = 'agent.safetensors'
const METRICS = 'metrics.jsonl'

/**
 * Saves a run of a page: `agent.safetensors`, which is the whole agent with the state of training, and `metrics.jsonl`,
 * a JSON object a line. If it is cut short, what was saved before remains.
 * @throws Error while an update is under way, and as `RunStorage.write`
 * @example
 * for await (const event of train(agent, env, { steps: 50_000, checkpointEvery: 1000 })) {
 *   if (event.type === 'episode') metrics.push({ step: event.step, return: event.return })
 *   if (event.type === 'checkpoint') await storeRun(storage, { agent, training: event.state, metrics })
 * }
 */
export async function storeRun(
  storage: RunStorage,
  { agent, training, metrics = [] }: Omit<StoredRun, 'metrics'> & Partial<Pick<StoredRun, 'metrics'>>,
): Promise<void> {
  const bytes = saveAgent(agent, { training })
  const lines = metrics.map(line => `${JSON.stringify(line)}\n`)
  // The agent last: metrics beyond it are left out when the run is restored, but it cannot make up for missing ones.
  await storage.write(METRICS, new TextEncoder().encode(lines.join('') || '\n'))
  await storage.write(AGENT, bytes)
}

/**
 * Restores a run that `storeRun` saved; training it on goes to the same bits as if it had never stopped.
 * @param options as `loadAgent` takes them
 * @returns undefined if there is none
 * @throws SafetensorsError if the agent's file is damaged, SyntaxError if the metrics are
 * @example
 * const run = (await restoreRun(storage)) ?? { agent: await SAC.create(env), metrics: [] }
 * for await (const event of train(run.agent, env, { steps: 1000, state: run.training })) show(event)
 */
export async function restoreRun(
  storage: RunStorage,
  options: LoadAgentOptions = {},
): Promise<StoredRun | undefined> {
  const bytes = await storage.read(AGENT)
  if (!bytes) return undefined
  const agent = await loadAgent(bytes, options)
  const text = new TextDecoder().decode(await storage.read(METRICS))
  const lines: StoredMetrics[] = text
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  return { agent, training: trainingStateIn(bytes), metrics: lines.filter(({ step }) => step <= agent.steps) }
}
