/** What there is to see of a run from outside. */
import {
  ACTOR_KEYS,
  decodeJson,
  decodeRun,
  decodeWeights,
  nameOfActor,
  type Presence,
  RUN_KEY,
  type RunDescription,
  WEIGHTS_KEY,
} from './board.ts'
import type { BoardEntry, Transport } from './transport.ts'

/** A run as its board shows it. */
export interface RunSurvey {
  /** Missing before a learner has begun it. */
  run?: RunDescription
  /** Of the newest policy: updates that it has behind it, and steps that the learner had taken in. */
  newest?: { updates: number; steps: number }
  /** What each actor said of itself last, by name. */
  actors: Record<string, Presence>
}

/**
 * Looks at a run without taking part in it.
 * @throws RunError for a run whose messages another version of this package writes
 * @example
 * const { run, actors } = await surveyRun(transport)
 */
export async function surveyRun(transport: Transport): Promise<RunSurvey> {
  const entries = await transport.board([RUN_KEY, WEIGHTS_KEY, ACTOR_KEYS])
  const find = (key: string) => entries.find(entry => entry.key === key)?.value
  const [run, weights] = [find(RUN_KEY), find(WEIGHTS_KEY)]
  const survey: RunSurvey = { actors: Object.fromEntries(entries.flatMap(presenceIn)) }
  if (run) survey.run = decodeRun(run)
  if (weights) {
    const { updates, steps } = decodeWeights(weights)
    survey.newest = { updates, steps }
  }
  return survey
}

/** An actor may write anything; what is no presence is none. */
function presenceIn({ key, value }: BoardEntry): [name: string, presence: Presence][] {
  const name = nameOfActor(key)
  if (name === undefined) return []
  try {
    const presence = decodeJson<Presence>(value)
    const { steps, episodes, policyUpdates, time, stepsPerSecond } = presence
    const numbers = [steps, episodes, policyUpdates, time, stepsPerSecond]
    return numbers.every(Number.isFinite) ? [[name, presence]] : []
  } catch {
    return []
  }
}

/**
 * The description of a run, once a learner has begun it.
 * @returns undefined if the signal aborts before
 * @throws RunError for a run whose messages another version of this package writes
 * @example
 * const run = await awaitRun(transport, signal)
 */
export async function awaitRun(
  transport: Transport,
  signal: AbortSignal,
): Promise<RunDescription | undefined> {
  for await (const { value } of transport.watch([RUN_KEY], signal)) return decodeRun(value)
  return undefined
}
