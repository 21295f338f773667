import { isPromise } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import { largestSeed } from '../env/episode-seed.ts'
import { describe, requireVector } from '../env/require.ts'
import { requireEnv } from '../env/require-env.ts'
import { successOf } from '../env/success.ts'
import { createBreaks } from '../event-loop.ts'
import { requireOptions } from '../options.ts'
import type { Policy } from '../policy/policy.ts'
import { guardedReset, guardedStep } from './guarded-env.ts'
import { occupyEnvs } from './occupied.ts'

/** Result of running a policy for whole episodes. */
export interface Evaluation {
  /** Mean of `returns`. */
  mean: number
  /** Standard deviation of `returns` (over the population: divided by the number of episodes). */
  standardDeviation: number
  /** Undiscounted return of every episode. */
  returns: number[]
  /** Length of every episode in steps. */
  lengths: number[]
  /**
   * Share of the episodes whose last step said that the goal is reached (`info.is_success`, else `info.success`), of those
   * that said whether it is; missing if none did.
   */
  successRate?: number
  /** Episodes that did not end by themselves but were cut off after `maxSteps` steps; missing if there are none. */
  cutOff?: number
}

/** An episode of an evaluation. */
export interface EpisodeResult {
  /** Undiscounted sum of its rewards. */
  return: number
  /** Its steps. */
  length: number
}

/** The default of `maxSteps`: ten times the length of the usual tasks. */
export const EVALUATION_STEPS = 10_000

/** What `evaluate` takes. */
export interface EvaluateOptions {
  /** Whole episodes to run, at least 1. Default 10. */
  episodes?: number
  /**
   * Steps after which an episode is cut off, so that an evaluation ends also in an environment without end; at least 1,
   * `Infinity` to wait for the end. Default 10,000.
   */
  maxSteps?: number
  /**
   * Seed of the environment's first reset, from 0 to 2^31 - 1 unless the environment says otherwise (`seedBits`); later
   * episodes continue from there. Default 0.
   */
  seed?: number
  /** Sample actions instead of taking the policy's centre. Default false. */
  stochastic?: boolean
  /** Called after each episode, for example to report progress. */
  onEpisode?: (episode: EpisodeResult) => void
  /** Stops it: the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

/**
 * Runs a policy for whole episodes in an environment of its own (not one that is being trained in: it is reset).
 *
 * Timers, signals and pages stay responsive: after 20 ms of computing the event loop has a turn, between two steps.
 *
 * @throws RangeError for options out of range, and for a policy whose action is not one of finite numbers
 * @throws EnvironmentError if the environment throws or answers with something that is no number or not finite
 * @throws Error while `train` or another evaluation uses the environment
 * @example
 * const { mean, standardDeviation } = await evaluate(agent, await makeEnv('Pendulum-v1'), { episodes: 20 })
 */
export async function evaluate(policy: Policy, env: Env, options: EvaluateOptions = {}): Promise<Evaluation> {
  if (typeof policy?.act !== 'function') {
    throw new TypeError(`evaluate takes a policy or an agent, then an environment, not ${describe(policy)}.`)
  }
  requireEnv('evaluate', env)
  requireOptions('evaluate', options, ['episodes', 'maxSteps', 'seed', 'stochastic', 'onEpisode', 'signal'])
  const {
    episodes = 10,
    maxSteps = EVALUATION_STEPS,
    seed = 0,
    stochastic = false,
    onEpisode,
    signal,
  } = options
  checkOptions(env, episodes, maxSteps, seed)
  const release = occupyEnvs([env])
  const breaks = createBreaks()
  const returns: number[] = []
  const lengths: number[] = []
  const successes: boolean[] = []
  let cutOff = 0
  try {
    for (let episode = 1; episode <= episodes; episode++) {
      const options = episode === 1 ? { seed } : {}
      let { observation } = await guardedReset(env, options, `evaluation episode ${episode}`)
      let total = 0
      let length = 0
      let success: boolean | undefined
      for (let ended = false; !ended; ) {
        if (breaks.isDue()) await breaks.take()
        signal?.throwIfAborted()
        length++
        const action = policy.act(observation, { deterministic: !stochastic })
        requireVector("policy's action", action, env.actionSpace.size)
        const answer = guardedStep(env, action, () => `evaluation episode ${episode}, step ${length}`)
        // Awaiting even a plain value costs as much as a small environment's step.
        const result = isPromise(answer) ? await answer : answer
        observation = result.observation
        total += result.reward
        success = successOf(result.info)
        ended = result.terminated || result.truncated
        if (ended || length < maxSteps) continue
        ended = true
        cutOff++
      }
      if (success !== undefined) successes.push(success)
      returns.push(total)
      lengths.push(length)
      onEpisode?.({ return: total, length })
    }
  } finally {
    release()
  }
  const mean = returns.reduce((a, b) => a + b, 0) / episodes
  const variance = returns.reduce((a, b) => a + (b - mean) ** 2, 0) / episodes
  return {
    mean,
    standardDeviation: Math.sqrt(variance),
    returns,
    lengths,
    ...(successes.length > 0 && { successRate: successes.filter(Boolean).length / successes.length }),
    ...(cutOff > 0 && { cutOff }),
  }
}

function checkOptions(env: Env, episodes: number, maxSteps: number, seed: number): void {
  if (!(Number.isInteger(episodes) && episodes >= 1)) {
    throw new RangeError(`episodes is ${episodes}; it must be a whole number of at least 1.`)
  }
  if (!((Number.isInteger(maxSteps) && maxSteps >= 1) || maxSteps === Infinity)) {
    throw new RangeError(`maxSteps is ${maxSteps}; it must be a whole number of at least 1, or Infinity.`)
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= largestSeed(env))) {
    throw new RangeError(
      `seed is ${seed}; it must be a whole number from 0 to ${largestSeed(env)}, the largest that this environment takes.`,
    )
  }
}
