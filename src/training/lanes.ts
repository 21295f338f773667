/** The environments a training loop runs side by side, each with its episode in progress. */
import type { Awaitable, Env, Vector } from '../env/env.ts'
import { requireNumber, requireVector } from '../env/require.ts'
import type { Breaks } from '../event-loop.ts'
import { guarded, guardedReset } from './guarded-env.ts'

/** One environment and its episode in progress. */
export interface Lane {
  readonly env: Env
  /** Which of the environments side by side, counted from 0. */
  readonly index: number
  /** What was observed last; undefined until the next episode begins. */
  observation: Vector | undefined
  /** Undiscounted sum of the episode's rewards so far. */
  return: number
  /** Steps in the episode so far. */
  length: number
}

/** An episode in progress, as a value that survives JSON. */
export interface LaneState {
  /** Missing between two episodes. */
  observation?: number[]
  /** Undiscounted sum of the rewards of the episode in progress. */
  return: number
  /** Steps of the episode in progress. */
  length: number
  /** The environment's own, from `getState`; missing between two episodes, and if it has no such function. */
  environment?: unknown
}

/** All that a training loop needs, beside the agent, to resume as if it had never stopped. */
export interface TrainingState {
  /** Each of the environments side by side. */
  lanes: LaneState[]
  /** Whether the evaluation of the present step has still to be made. */
  evaluationDue: boolean
  /** How far it has read what actors elsewhere send (`learnFromActors`); missing if it acts itself. */
  experience?: ExperienceState
}

/** How far a learner has read the experience of actors; plain values. */
export interface ExperienceState {
  /** When the run began, in milliseconds since 1970. */
  epoch: number
  /** Position in the log of its first entry. */
  start: number
  /** Position in the log of the entry to read next. */
  position: number
  /** Of each actor, by its name, what has come from it, and its episode in progress. */
  actors: Record<string, ActorState>
}

/** What has come from an actor. */
export interface ActorState {
  /** When its process began: what an earlier one has sent does not count any more. */
  incarnation: number
  /** Number of the transition to come next; what is below was taken in. */
  next: number
  /** Its place in the replay buffer, which it may share with others. */
  lane: number
  /** Undiscounted sum of the rewards of the episode in progress. */
  return: number
  /** Steps of the episode in progress. */
  length: number
}

/**
 * The environments at the start of a loop: between two episodes or, given a state, where they were. An environment
 * whose state could not be saved begins a new episode.
 * @throws RangeError if the state is of another number of environments, or has something else where numbers belong
 * @throws EnvironmentError if an environment fails to restore its state
 */
export async function createLanes(envs: readonly Env[], states?: readonly LaneState[]): Promise<Lane[]> {
  if (states && states.length !== envs.length) {
    throw new RangeError(
      `The state to resume from is of ${states.length} environments, not ${envs.length}: make as many.`,
    )
  }
  return Promise.all(
    envs.map(async (env, index) => {
      const state = states?.[index]
      if (state?.observation === undefined || state.environment === undefined || !env.setState) {
        return { env, index, observation: undefined, return: 0, length: 0 }
      }
      requireVector("state's observation", state.observation, env.observationSpace.size)
      requireNumber("state's return", state.return)
      requireNumber("state's length", state.length)
      await guarded(env, 'setState', 'to resume where it was', () => env.setState!(state.environment))
      return { env, index, observation: state.observation, return: state.return, length: state.length }
    }),
  )
}

/**
 * The reverse of `createLanes`.
 * @throws EnvironmentError if an environment fails to return its state
 */
export const laneStates = (lanes: readonly Lane[]): Promise<LaneState[]> =>
  Promise.all(
    lanes.map(async ({ env, observation, ...episode }) =>
      observation === undefined
        ? { return: 0, length: 0 }
        : {
            observation: Array.from(observation),
            return: episode.return,
            length: episode.length,
            environment: await guarded(env, 'getState', `step ${episode.length} of an episode`, () =>
              env.getState?.(),
            ),
          },
    ),
  )

/**
 * Begins an episode wherever none is in progress, seeds in the order of the environments.
 * @throws EnvironmentError if an environment throws or answers with something that is not finite
 */
export async function beginEpisodes(
  lanes: readonly Lane[],
  seed: (lane: Lane) => number,
  where: () => string,
  breaks: Breaks,
): Promise<void> {
  const between = lanes.filter(lane => lane.observation === undefined)
  const seeds = new Map(between.map(lane => [lane, seed(lane)]))
  const results = await askInTurn(
    between,
    lane => guardedReset(lane.env, { seed: seeds.get(lane) }, where()),
    breaks,
  )
  for (const [i, lane] of between.entries()) {
    lane.observation = results[i].observation
    lane.return = 0
    lane.length = 0
  }
}

/**
 * Asks something of each environment, the next before the one before has answered. All are asked in one tick, unless
 * that takes long: what is asked of workers in a tick travels in one message.
 */
export async function askInTurn<T>(
  lanes: readonly Lane[],
  ask: (lane: Lane) => Awaitable<T>,
  breaks: Breaks,
): Promise<T[]> {
  const answers: Promise<T>[] = []
  for (const lane of lanes) {
    // An async function, so that what one of them throws does not leave the others' promises without a handler.
    const answer = (async () => ask(lane))()
    answer.catch(() => {})
    answers.push(answer)
    if (breaks.isDue()) await breaks.take()
  }
  return Promise.all(answers)
}
