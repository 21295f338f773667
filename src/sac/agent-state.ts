import { createRandom, type Random, type RandomState } from '../random.ts'
import type { ReplayBufferState } from '../replay/replay-buffer.ts'
import type { EpisodeNoise } from './exploration-noise.ts'
import type { Learner } from './learner.ts'
import type { LiveOptions } from './live-options.ts'
import type { RunningStatistics, RunningStatisticsState } from './running-statistics.ts'

/** The random streams of an agent, each independent of how much the others are used. */
export const STREAMS = ['environment', 'exploration', 'replay', 'updates', 'initial weights'] as const
/** Each stream by its name. */
export type Streams = Record<(typeof STREAMS)[number], Random>

/** Everything that decides how an agent continues: plain values, and typed arrays that are its own memory. */
export interface AgentState {
  /** How far it is. */
  counters: AgentCounters
  /** Where each random stream is. */
  random: Record<keyof Streams, RandomState>
  /** Parameters and moments of the optimisers, flat. */
  learner: Record<string, Float32Array>
  /** Statistics of observations, if they are normalised. */
  statistics?: RunningStatisticsState
  /** State of exploration noise that lasts: the present noise of each environment side by side. */
  exploration?: number[][]
  /** Experience, as `ReplayBuffer.state` gives it. */
  replay: ReplayBufferState
  /** Missing if it has none. */
  demonstrations?: ReplayBufferState
  /** Whether it explores by a policy that was loaded, instead of random actions; missing if it does not. */
  policyLoaded?: boolean
  /** Options that were changed while it learned; missing if there are none. */
  changes?: LiveOptions
}

/** Whole numbers of at least 0. */
export interface AgentCounters {
  /** Environment steps observed. */
  steps: number
  /** Episodes ended. */
  episodes: number
  /** Gradient updates made. */
  updates: number
  /** Updates that moved the actor. */
  actorUpdates: number
  /** Updates of the last step that are still to be made. Missing if there are none. */
  updatesDue?: number
  /** Steps before the first update, if they are others than the option `learningStarts` says. */
  learningFrom?: number
}

/** The agent that is to take over a state. */
interface Patron {
  learner: Learner
  statistics: RunningStatistics | undefined
  explorationNoise: EpisodeNoise | undefined
}

/**
 * Throws unless an agent can take a state over; the replay buffer checks its own part.
 * @throws RangeError naming what does not fit
 */
export function requireAgentState(
  { learner, statistics, explorationNoise }: Patron,
  state: AgentState,
): void {
  requireArrays(state)
  if (Boolean(state?.statistics) !== Boolean(statistics)) {
    throw new RangeError(
      `The state to resume from has normalizeObservations ${Boolean(state?.statistics)}, unlike this agent.`,
    )
  }
  requireCounters(state.counters)
  learner.requireState(state.learner)
  if (state.statistics) statistics?.requireState(state.statistics)
  explorationNoise?.requireState(state.exploration)
  for (const name of STREAMS) {
    try {
      createRandom(0, name).restore(state.random?.[name])
    } catch (cause) {
      throw new RangeError(`The random stream '${name}' is damaged: ${(cause as Error).message}.`, { cause })
    }
  }
}

/**
 * JSON makes a table of a typed array, with a length that nobody finds.
 * @throws RangeError if the state has been through it, or is none at all
 */
function requireArrays(state: AgentState): void {
  const { learner, replay, demonstrations } = state ?? {}
  const memories = [replay, demonstrations]
  const lanes = memories.flatMap(memory => (Array.isArray(memory?.lanes) ? memory.lanes : []))
  const priorities = memories.flatMap(memory => memory?.priorities?.lanes ?? [])
  const arrays = [
    ...Object.entries(learner ?? {}).map(([name, values]) => [`learner.${name}`, values] as const),
    ...priorities.map(values => ['replay.priorities', values] as const),
    ...lanes.flatMap(({ records, flags, pending }, i) => [
      [`replay.lanes[${i}].pending`, pending] as const,
      ...[...(records ?? []), ...(flags ?? [])].map(values => [`replay.lanes[${i}]`, values] as const),
    ]),
  ]
  const [name] = arrays.find(([, values]) => values instanceof Object && !ArrayBuffer.isView(values)) ?? []
  if (name === undefined) return
  throw new RangeError(
    `The state to resume from has no typed array for ${name}, as after JSON, which has none. ` +
      'Save an agent by saveAgent(agent) and load it by loadAgent(bytes), or copy its state by structuredClone.',
  )
}

function requireCounters(counters: AgentCounters): void {
  const { steps, episodes, updates, actorUpdates, updatesDue = 0, learningFrom = 0 } = counters ?? {}
  const all = { steps, episodes, updates, actorUpdates, updatesDue, learningFrom }
  for (const [name, value] of Object.entries(all)) {
    if (Number.isSafeInteger(value) && value >= 0) continue
    throw new RangeError(`The counter ${name} is ${value}; it must be a whole number of at least 0.`)
  }
}
