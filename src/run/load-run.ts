import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { decodeSafetensors, type NamedTensors } from '../encoding/safetensors.ts'
import { requireNumbers } from '../policy/parameter.ts'
import { type PolicySource, policyParts } from '../policy/policy.ts'
import { policyIn, readPolicy } from '../policy/policy-file.ts'
import { resolvePaths } from './environment-path.ts'
import { RUN_FILES } from './run-directory.ts'
import { parseSettings, type RunSettings, withPresentEngine } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** What to do where there is no run. */
export const HOW_TO_FIND =
  'To list the runs in a folder: sac runs <folder>. To make one: sac train Pendulum-v1'

/** What a run's directory says. */
export interface LoadedRun {
  /** What it was trained with. */
  settings: RunSettings
  /** For `policyFromParameters` with `policyNetworkOf(settings.options, env.actionSpace)`, or `SAC.loadParameters` of an agent made with `settings.options`. */
  parameters: NamedTensors
  /** Environment steps the parameters have learned from. */
  steps: number
}

/**
 * Reads a run.
 * @param file which of its parameters: the last ones, or those of the best evaluation
 * @throws UsageError if the directory does not hold a run that has saved them, or one of its files is damaged
 * @example
 * const { settings, parameters, steps } = loadRun('runs/Pendulum-v1-seed1')
 */
export function loadRun(
  directory: string,
  file: typeof RUN_FILES.parameters | typeof RUN_FILES.best = RUN_FILES.parameters,
): LoadedRun {
  const settings = loadSettings(directory)
  return { settings, ...load(directory, file, readParameters) }
}

/** Checks everything in the file, also what the caller does not need: where one number is damaged, others may be too. */
function readParameters(bytes: Uint8Array): Omit<LoadedRun, 'settings'> {
  const decoded = decodeSafetensors(bytes)
  const { tensors, metadata } = decoded
  for (const [name, tensor] of Object.entries(tensors)) requireNumbers(name, tensor)
  // Earlier versions did not write whose parameters they are.
  if (metadata.activation !== undefined) policyIn(decoded)
  const steps = metadata.steps === undefined ? Number.NaN : Number(metadata.steps)
  if (!(Number.isSafeInteger(steps) && steps >= 0)) {
    throw new RangeError(`It says that its parameters have learned from ${metadata.steps} steps.`)
  }
  return { parameters: tensors, steps }
}

/**
 * Reads the settings of a run, which need not have ended.
 * @throws UsageError if the directory has no `config.json`, or a damaged one
 * @example
 * const { environment, steps, options } = loadSettings('runs/Pendulum-v1-seed1')
 */
export const loadSettings = (directory: string): RunSettings =>
  load(directory, RUN_FILES.config, bytes =>
    resolvePaths(parseSettings(withPresentEngine(JSON.parse(new TextDecoder().decode(bytes)))), directory),
  )

/**
 * The policy of a run, for exports: from its parameters' file alone, so that the environment need not be installed.
 * @throws UsageError if the directory does not hold a finished or stopped run, or the file is damaged or too old
 * @example
 * const bytes = policyToOnnx(loadRunPolicy('runs/Pendulum-v1-seed1'))
 */
export const loadRunPolicy = (directory: string): PolicySource =>
  load(directory, RUN_FILES.parameters, bytes => {
    const policy = readPolicy(bytes)
    policyParts(policy)
    return policy
  })

function load<T>(directory: string, file: string, decode: (bytes: Uint8Array) => T): T {
  const path = join(directory, file)
  let bytes: Uint8Array
  try {
    // Reading a pipe could block for ever.
    if (!statSync(path).isFile()) throw new Error(`${file} is not a file`)
    bytes = readFileSync(path)
  } catch (cause) {
    const missing = ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')
    const reason = missing ? `it has no ${file}` : (cause as Error).message
    throw new UsageError(`There is no complete run in ${directory}: ${reason}. ${HOW_TO_FIND}`, { cause })
  }
  try {
    return decode(bytes)
  } catch (cause) {
    throw new UsageError(`${path} cannot be used: ${(cause as Error).message}`, { cause })
  }
}
