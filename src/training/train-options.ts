import type { Env } from '../env/env.ts'
import { describe } from '../env/require.ts'
import { requireEnv } from '../env/require-env.ts'
import { requireOptions } from '../options.ts'
import { SAC } from '../sac/agent.ts'
import type { TrainingState } from './lanes.ts'

/** What `train` takes beside the agent and its environments. */
export interface TrainOptions {
  /**
   * Environment steps to take in this call; with n environments rounded up to whole rounds of n. With 0 it only makes
   * the updates that are due, because a loop was left before they were made, and an evaluation that `state` says is due.
   */
  steps: number
  /** Environment steps from one evaluation of the deterministic policy to the next; needs `evaluationEnv`. Default: never. */
  evaluateEvery?: number
  /** A separate environment to evaluate in. */
  evaluationEnv?: Env
  /** Episodes of one evaluation. Default 10. */
  evaluationEpisodes?: number
  /** Steps after which an episode of an evaluation is cut off (`maxSteps` of `evaluate`). Default 10,000. */
  evaluationSteps?: number
  /** Environment steps from one `checkpoint` event to the next, or a function that returns true after a step to have one. Default: never. */
  checkpointEvery?: number | (() => boolean)
  /** Ends training after the round in progress. */
  signal?: AbortSignal
  /**
   * Where to resume: the `state` of a `checkpoint` or `done` event, for an agent that was restored from
   * `agent.state()` of that moment. Default: new episodes.
   */
  state?: TrainingState
}

export const LOOP_NAMES = Object.keys({
  steps: true,
  evaluateEvery: true,
  evaluationEnv: true,
  evaluationEpisodes: true,
  evaluationSteps: true,
  checkpointEvery: true,
  signal: true,
  state: true,
} satisfies Record<keyof TrainOptions, true>)

/** Checks all that `train` is given. */
export function requireTraining(agent: SAC, envs: readonly Env[], options: TrainOptions): void {
  requireAgent('train', agent)
  if (envs.length === 0) requireEnv('train', undefined)
  for (const env of envs) requireEnv('train', env)
  requireOptions('train', options, LOOP_NAMES)
  requireLoop(envs, options)
  if (options.state?.experience) {
    throw new RangeError(
      'The state to resume from is of a run that learns from actors: resume it by learnFromActors.',
    )
  }
  if (envs.length !== agent.options.envs) {
    throw new RangeError(
      `The agent was made for ${agent.options.envs} environments side by side, not ${envs.length}: ` +
        'create it with the option envs set to their number.',
    )
  }
}

/** Checks what every training loop takes. */
export function requireLoop(envs: readonly Env[], options: TrainOptions): void {
  const { steps, evaluateEvery, evaluationEpisodes, checkpointEvery, signal } = options
  if (!(Number.isInteger(steps) && steps >= 0)) {
    throw new RangeError(`steps is ${describe(steps)}; it must be a whole number of at least 0.`)
  }
  for (const [name, value] of Object.entries({ evaluateEvery, evaluationEpisodes, checkpointEvery })) {
    if (value === undefined || typeof value === 'function') continue
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`${name} is ${describe(value)}; it must be a whole number of at least 1.`)
    }
  }
  requireSignal(signal)
  requireEvaluationEnv(envs, options)
}

function requireEvaluationEnv(envs: readonly Env[], { evaluateEvery, evaluationEnv }: TrainOptions): void {
  if (evaluationEnv === undefined) {
    if (evaluateEvery) throw new RangeError('evaluateEvery needs an evaluationEnv to evaluate in.')
    return
  }
  requireEnv('The option evaluationEnv', evaluationEnv)
  if (envs.includes(evaluationEnv)) {
    throw new RangeError(
      'evaluationEnv is the environment that is trained in: an evaluation would break into the episode in progress. ' +
        'Make a second one for it, as in evaluationEnv: await makeEnv(id).',
    )
  }
}

/**
 * Throws unless something is an agent.
 * @throws TypeError that says what it is instead
 */
export function requireAgent(call: string, agent: unknown): asserts agent is SAC {
  if (agent instanceof SAC) return
  const awaited = agent instanceof Promise ? ', not a promise of one: await SAC.create(...)' : ''
  throw new TypeError(`${call} takes an agent made by SAC.create${awaited || `, not ${describe(agent)}`}.`)
}

/**
 * Throws unless something can abort a loop.
 * @throws TypeError that says what to pass
 */
export function requireSignal(signal: unknown): asserts signal is AbortSignal | undefined {
  if (signal === undefined || typeof (signal as AbortSignal | null)?.aborted === 'boolean') return
  const controller = signal instanceof AbortController ? ' Pass controller.signal.' : ''
  throw new TypeError(`signal is ${describe(signal)}; it must be an AbortSignal.${controller}`)
}
