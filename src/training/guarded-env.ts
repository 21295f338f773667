import { isPromise } from '../env/awaitable.ts'
import type { Awaitable, Env, ResetOptions, ResetResult, StepResult } from '../env/env.ts'
import { EnvironmentError } from '../env/environment-error.ts'
import { requireFlag, requireNames, requireNumber, requireVector } from '../env/require.ts'

export { EnvironmentError }

/** `env.reset`, with what it returns checked. `where` says when, for the error message. */
export const guardedReset = (env: Env, options: ResetOptions, where: string): Promise<ResetResult> =>
  guarded(env, 'reset', where, async () => {
    const result = await env.reset(options)
    requireReset(result)
    requireVector('observation', result?.observation, env.observationSpace.size)
    return result
  })

function requireReset(result: unknown): void {
  if (Array.isArray(result) || ArrayBuffer.isView(result)) {
    throw new TypeError('it returned the observation itself: return { observation }')
  }
  requireNames('what it returned', result, ['observation'])
}

/** What `call`, one of the environment's functions, does; what it throws is made an EnvironmentError. */
export async function guarded<T>(
  env: Env,
  call: 'reset' | 'getState' | 'setState',
  where: string,
  work: () => Awaitable<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw explain(env, call, where, error)
  }
}

/** `env.step`, with what it returns checked; synchronous if the environment is. */
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
  if (typeof result?.terminated !== 'boolean') {
    requireNames('what it returned', result, ['observation', 'reward', 'terminated'])
  }
  requireVector('observation', result?.observation, env.observationSpace.size)
  requireNumber('reward', result.reward)
  requireFlag('terminated', result.terminated)
  requireFlag('truncated', result.truncated)
  return result
}

function explain(env: Env, call: string, where: string, error: unknown): EnvironmentError {
  const message = error instanceof Error ? error.message : String(error)
  return new EnvironmentError(
    `${env.id ?? 'The environment'} failed in ${call}, ${where}: ${message}. checkEnv(env) finds most such faults.`,
    { cause: error },
  )
}
