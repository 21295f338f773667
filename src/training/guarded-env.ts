import { isPromise } from '../env/awaitable.ts'
import type { Awaitable, Env, ResetOptions, ResetResult, StepResult, Vector } from '../env/env.ts'

/** The environment threw, or answered with something that no learner can use. */
export class EnvironmentError extends Error {
  override name = 'EnvironmentError'
}

/** `env.reset`, with what it answers checked. `where` says when, for the error message. */
export async function guardedReset(env: Env, options: ResetOptions, where: string): Promise<ResetResult> {
  try {
    const result = await env.reset(options)
    requireObservation(env, result?.observation)
    return result
  } catch (error) {
    throw explain(env, 'reset', where, error)
  }
}

/** `env.step`, with what it answers checked; synchronous if the environment is. */
export function guardedStep(env: Env, action: Float32Array, where: () => string): Awaitable<StepResult> {
  try {
    const answer = env.step(action)
    if (!isPromise(answer)) return requireStep(env, answer)
    return answer
      .then(result => requireStep(env, result))
      .catch(error => {
        throw explain(env, 'step', where(), error)
      })
  } catch (error) {
    throw explain(env, 'step', where(), error)
  }
}

function requireStep(env: Env, result: StepResult): StepResult {
  requireObservation(env, result?.observation)
  if (!Number.isFinite(result.reward))
    throw new RangeError(`the reward is ${result.reward}, not a finite number`)
  for (const flag of ['terminated', 'truncated'] as const) {
    if (typeof result[flag] !== 'boolean')
      throw new TypeError(`${flag} is ${result[flag]}, neither true nor false`)
  }
  return result
}

function requireObservation({ observationSpace: { size } }: Env, observation: Vector | undefined): void {
  if (observation?.length !== size) {
    throw new RangeError(`the observation has ${observation?.length ?? 'no'} elements instead of ${size}`)
  }
  for (let i = 0; i < size; i++) {
    if (!Number.isFinite(observation[i]))
      throw new RangeError(`observation[${i}] is ${observation[i]}, not finite`)
  }
}

function explain(env: Env, call: string, where: string, error: unknown): EnvironmentError {
  const message = error instanceof Error ? error.message : String(error)
  return new EnvironmentError(
    `${env.id ?? 'The environment'} failed in ${call}, ${where}: ${message}. ` +
      'checkEnv(env), or `sac check` on the command line, finds most such faults.',
    { cause: error },
  )
}
