import { isPromise } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import { requireVector } from '../env/require.ts'
import type { Policy } from '../policy/policy.ts'
import { guardedReset, guardedStep } from './guarded-env.ts'

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
}

export interface EvaluateOptions {
  /** Whole episodes to run, at least 1. Default 10. */
  episodes?: number
  /** Seed of the environment's first reset; later episodes go on from there. Default 0. */
  seed?: number
  /** Sample actions instead of taking the policy's centre. Default false. */
  stochastic?: boolean
  /** Stops it: the promise rejects with the signal's reason. */
  signal?: AbortSignal
}

/**
 * Runs a policy for whole episodes in an environment of its own (not one that is being trained in: it is reset).
 *
 * @throws RangeError for a number of episodes below 1, and for a policy whose action is not one of finite numbers
 * @throws EnvironmentError if the environment throws or answers with something that is no number or not finite
 */
export async function evaluate(
  policy: Policy,
  env: Env,
  { episodes = 10, seed = 0, stochastic = false, signal }: EvaluateOptions = {},
): Promise<Evaluation> {
  if (!(Number.isInteger(episodes) && episodes >= 1)) {
    throw new RangeError(`episodes is ${episodes}; it must be a whole number of at least 1.`)
  }
  const returns: number[] = []
  const lengths: number[] = []
  for (let episode = 1; episode <= episodes; episode++) {
    let { observation } = await guardedReset(
      env,
      episode === 1 ? { seed } : {},
      `evaluation episode ${episode}`,
    )
    let total = 0
    let length = 0
    for (let ended = false; !ended; ) {
      signal?.throwIfAborted()
      length++
      const action = policy.act(observation, { deterministic: !stochastic })
      requireVector("policy's action", action, env.actionSpace.size)
      const answer = guardedStep(env, action, () => `evaluation episode ${episode}, step ${length}`)
      // Awaiting even a plain value costs as much as a small environment's step.
      const result = isPromise(answer) ? await answer : answer
      observation = result.observation
      total += result.reward
      ended = result.terminated || result.truncated
    }
    returns.push(total)
    lengths.push(length)
  }
  const mean = returns.reduce((a, b) => a + b, 0) / episodes
  const variance = returns.reduce((a, b) => a + (b - mean) ** 2, 0) / episodes
  return { mean, standardDeviation: Math.sqrt(variance), returns, lengths }
}
