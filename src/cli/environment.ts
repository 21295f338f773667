import type { Env } from '../env/env.ts'
import { makeEnv } from '../envs/registry.ts'
import type { RunSettings } from '../run/settings.ts'
import { UsageError } from '../run/usage-error.ts'

/**
 * The environment of a run.
 * @throws UsageError for options that it does not take, UnknownEnvironmentError for an id that is not known
 */
export async function environmentOf({ environment, environmentOptions }: RunSettings): Promise<Env> {
  try {
    return await makeEnv(environment, environmentOptions)
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}
