/** The environment of a run on a broker, as an actor on another machine makes it. */
import type { RunDescription } from '../../distributed/board.ts'
import { environmentName, GYMNASIUM, isModulePath, resolvePaths } from '../../run/environment-path.ts'
import type { WrappedEnvironment } from '../../run/environments/environment.ts'
import { parseSettings, type RunSettings } from '../../run/settings.ts'
import { UsageError } from '../../run/usage-error.ts'

/** What actors are told of a run so that they can make its environment. */
export type SharedSettings = Pick<
  RunSettings,
  'environment' | 'environmentOptions' | 'timeLimit' | 'stackFrames'
>

/** What the user says of the environment on this machine. */
export interface OwnEnvironment {
  /** In place of the run's. */
  environment?: string
  /** Beside the run's, or in place of them. */
  environmentOptions?: Record<string, unknown>
  /** Whether to execute what the run names. */
  trust?: boolean
}

/**
 * What to make: the run's environment, unless the user names another.
 * @throws UsageError if the run names none that this machine can make, or code that the user has not agreed to
 * @throws OptionError for settings that are none
 */
export function sharedEnvironment(
  run: string,
  description: RunDescription,
  { environment, environmentOptions: own = {}, trust = false }: OwnEnvironment,
): WrappedEnvironment {
  const shared = (description.settings ?? {}) as Partial<SharedSettings>
  const theirs = shared.environment ?? description.environment
  const chosen = environment ?? theirs
  if (chosen === undefined)
    throw new UsageError(`${run} does not name its environment; name it, as in: sac act ... ./my-env.ts`)
  if (environment === undefined) requireHarmless(run, String(theirs), trust)
  const isTheirs = environment === undefined || environment === theirs
  const options = isTheirs ? { ...withoutPython(shared.environmentOptions), ...own } : own
  const { timeLimit, stackFrames } = shared
  const settings = parseSettings({
    steps: 1,
    environment: chosen,
    environmentOptions: options,
    ...(timeLimit !== undefined && { timeLimit }),
    ...(stackFrames !== undefined && { stackFrames }),
  })
  return resolvePaths(settings, process.cwd())
}

/** A path of the learner's machine means nothing here, and neither does its Python. */
const withoutPython = ({ python: _, ...options }: Record<string, unknown> = {}) => options

/** Whoever can write to the broker could otherwise have any file or module executed here. */
function requireHarmless(run: string, environment: string, trust: boolean): void {
  if (isModulePath(environment)) {
    throw new UsageError(
      `${run} is of ${environmentName(environment)}, which is a file on the learner's machine: name the one on this ` +
        `machine, as in: sac act ... ./${environmentName(environment)}.ts`,
    )
  }
  const isModule = environment.startsWith(GYMNASIUM) && environment.slice(GYMNASIUM.length).includes(':')
  if (isModule && !trust) {
    throw new UsageError(
      `${run} is of ${environment}, and this command would execute that Python module. If you trust it, add --trust.`,
    )
  }
}
