import { missingMembers } from '../../env/check-env.ts'
import type { Env } from '../../env/env.ts'
import { stackFrames, timeLimit } from '../../env/wrappers.ts'
import { makeEnv, UnknownEnvironmentError } from '../../envs/registry.ts'
import { GymnasiumError, makeGymnasiumEnvs } from '../../gymnasium/index.ts'
import { GYMNASIUM, isModulePath, type NamedEnvironment, resolvePaths } from '../environment-path.ts'
import type { RunSettings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import { makeModuleEnv } from './module-environment.ts'
import { readModelFile } from './read-model-file.ts'

/**
 * Makes environments of one kind: of an id that `sac envs` lists, of a file, or of Gymnasium.
 * @param named as settings name it, paths relative to the working directory; what a file exports is executed
 * @throws UsageError if they cannot be made
 * @example
 * const settings = loadSettings('runs/Pendulum-v1-seed1')
 * const envs = await environmentsOf(settings, settings.options.envs)
 */
export async function environmentsOf(named: WrappedEnvironment, count: number): Promise<Env[]> {
  const envs = await makeUnchecked(named, count)
  const [problem] = missingMembers(envs[0])
  if (problem === undefined) return envs.map(env => wrapped(env, named))
  await closeAll(envs)
  throw new UsageError(
    `${named.environment} cannot be used: ${missingMembers(envs[0]).join('; ')}. To learn more: sac check ${named.environment}`,
  )
}

/**
 * One such environment.
 * @example
 * const env = await environmentOf({ environment: './my-env.ts', environmentOptions: {} })
 */
export async function environmentOf(named: WrappedEnvironment): Promise<Env> {
  const [env] = await environmentsOf(named, 1)
  return env
}

/** An environment and the wrappers that settings put around it. */
export type WrappedEnvironment = NamedEnvironment & Partial<Pick<RunSettings, 'timeLimit' | 'stackFrames'>>

function wrapped(env: Env, { timeLimit: maxSteps = 'own', stackFrames: count = 1 }: WrappedEnvironment): Env {
  const limited = maxSteps === 'own' ? env : timeLimit(env, maxSteps)
  return count === 1 ? limited : stackFrames(limited, count)
}

/**
 * The same, but unchecked and without wrappers: what is made may turn out not to be an environment at all, which `checkEnv` reports.
 * @throws UsageError if they cannot be made
 * @example
 * const [env] = await makeUnchecked({ environment: './my-env.ts', environmentOptions: {} }, 1)
 * for (const { problem, remedy } of await checkEnv(env)) console.log(problem, remedy)
 */
export async function makeUnchecked(named: NamedEnvironment, count: number): Promise<Env[]> {
  const { environment, environmentOptions } = resolvePaths(named, process.cwd())
  try {
    if (environment.startsWith(GYMNASIUM)) {
      const { python, ...options } = environmentOptions as { python?: string }
      return await makeGymnasiumEnvs(environment.slice(GYMNASIUM.length), { count, python, options })
    }
    const isModule = isModulePath(environment)
    const make = isModule ? makeModuleEnv : makeEnv
    const { xmlFile } = environmentOptions
    const readsModel = !isModule && typeof xmlFile === 'string'
    const options = readsModel
      ? { ...environmentOptions, xmlFile: readModelFile(xmlFile) }
      : environmentOptions
    const envs: Env[] = []
    while (envs.length < count) envs.push(await make(environment, options))
    return envs
  } catch (error) {
    if (error instanceof UnknownEnvironmentError) {
      const meant = error.suggestion ? `; did you mean '${error.suggestion}'?` : '.'
      throw new UsageError(
        `There is no environment '${environment}'${meant} See sac envs. Name one of your own by its file, ` +
          `as in ./my-env.ts, and one of Gymnasium as in ${GYMNASIUM}${environment}.`,
        { cause: error },
      )
    }
    if (error instanceof GymnasiumError)
      throw new UsageError(`${environment}: ${error.message}`, { cause: error })
    if (error instanceof TypeError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}

/**
 * Closes environments that need it.
 * @example
 * await closeAll(envs)
 */
export async function closeAll(envs: readonly Env[]): Promise<void> {
  await Promise.all(envs.map(env => env.close?.()))
}
