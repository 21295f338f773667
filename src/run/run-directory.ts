/** A run's directory: the lasting record of a training run, made so that nothing ever overwrites it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { toJson } from '../encoding/json.ts'
import { encodeSafetensors } from '../encoding/safetensors.ts'
import { policyToOnnx } from '../policy/onnx.ts'
import { policyMetadata } from '../policy/policy-file.ts'
import type { SAC } from '../sac/agent.ts'
import { packageVersion } from '../version.ts'
import { environmentName, relativeEnvironment } from './environment-path.ts'
import { isLock, lockRun, type RunLock, requireNobodyTrains, type WatchOptions } from './run-lock.ts'
import { flattenSettings, type RunSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'
import { isHalfWritten, makeFolder, writeFileAtomically } from './write-file.ts'

/** The files of a run. */
export const RUN_FILES = {
  /** All settings with their defaults filled in, and versions; also a config file with which to repeat the run. */
  config: 'config.json',
  /** What happened, one JSON object a line. */
  metrics: 'metrics.jsonl',
  /** The deterministic policy, observations and actions in the environment's units. */
  policy: 'policy.onnx',
  /** Every parameter of actor, critics, targets and temperature; also a policy's file, for `loadPolicy`. */
  parameters: 'parameters.safetensors',
  /** The parameters with which an evaluation had the highest mean return. */
  best: 'best.safetensors',
  /** The folder of the last checkpoints, from which the run resumes exactly. */
  checkpoints: 'checkpoints',
  /** The folder of policies saved on the way, for looking at what the agent could do then. */
  policies: 'policies',
} as const

/** Name of a file in a run's directory. */
export type RunFile = (typeof RUN_FILES)[keyof typeof RUN_FILES]

const FOLDER = 'runs'

/**
 * Makes the directory of a new run: `out`, or else `<folder>/<environment>-seed<seed>`, with a number appended
 * from the second such run on.
 *
 * @returns its path
 * @throws UsageError if `out` is there and not an empty directory
 * @throws WriteError if the directory cannot be made
 */
export function createRunDirectory(settings: RunSettings, { out, folder = FOLDER }: RunPlace = {}): string {
  if (out !== undefined) {
    requireEmpty(out)
    makeFolder(out, { recursive: true })
    return out
  }
  makeFolder(folder, { recursive: true })
  for (let number = 1; ; number++) {
    const path = directoryNumber(number, settings, folder)
    // Not recursive: it returns false where the directory exists, even if two runs start at the same moment.
    if (makeFolder(path)) return path
  }
}

/**
 * The directories that `createRunDirectory` has made in a folder for such runs, oldest first.
 * @example
 * const newest = runDirectories(settings).at(-1)
 */
export function runDirectories(settings: RunSettings, folder = FOLDER): string[] {
  const paths: string[] = []
  for (let number = 1; ; number++) {
    const path = directoryNumber(number, settings, folder)
    if (!existsSync(path)) return paths
    paths.push(path)
  }
}

function directoryNumber(number: number, { environment, options }: RunSettings, folder: string): string {
  const name = `${environmentName(environment).replace(/[^\w.-]+/g, '-')}-seed${options.seed}`
  return join(folder, number === 1 ? name : `${name}-${number}`)
}

/** Where to make a run's directory. */
export interface RunPlace {
  /** The directory itself; it must not exist yet, or be empty. */
  out?: string
  /** Else: the folder in which it gets a name. Default `runs`. */
  folder?: string
}

/**
 * Makes the directory of a new run as `createRunDirectory` does, for this process alone until it releases the lock.
 * @throws UsageError if `out` is there and not an empty directory, or another process trains in it
 * @throws WriteError if the directory cannot be made
 */
export async function claimRunDirectory(
  settings: RunSettings,
  place: RunPlace,
  options?: WatchOptions,
): Promise<{ directory: string; lock: RunLock }> {
  // If a run has begun there, this reports who trains it. A lock without a run shows that the directory was empty.
  if (place.out !== undefined && !isYetToBegin(place.out)) await requireNobodyTrains(place.out, options)
  const directory = createRunDirectory(settings, place)
  const lock = await lockRun(directory, options)
  try {
    // Another process may have begun a run in it at the same moment.
    requireEmpty(directory)
  } catch (error) {
    lock.release()
    throw error
  }
  return { directory, lock }
}

/** A directory may contain what is left of a run that was killed before its settings were saved. */
function requireEmpty(path: string): void {
  if (isWithoutRun(entriesOf(path))) return
  throw new UsageError(`The directory ${path} is not empty; name another one, because no run is overwritten.`)
}

/** Whether a directory is there in which no run has begun, or one that was killed before its settings were saved. */
export const isYetToBegin = (path: string): boolean => existsSync(path) && isWithoutRun(entriesOf(path))

function isWithoutRun(names: readonly string[]): boolean {
  // An import saves weights before its settings. It locks only empty directories, so weights next to a lock are its own.
  const imported: string[] = names.some(isLock) ? [RUN_FILES.parameters, RUN_FILES.policy] : []
  return names.every(name => isLock(name) || isHalfWritten(name) || imported.includes(name))
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    if (codeOf(error) === 'ENOTDIR') throw new UsageError(`${path} is a file; name another directory.`)
    throw error
  }
}

/** Writes `config.json`. */
export function writeRunConfig(directory: string, settings: RunSettings, engine: string): void {
  const run = {
    startedAt: new Date().toISOString(),
    engine,
    version: packageVersion,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  }
  // Relative to its own folder, as in any config file, so that a run and its environment can move together.
  const environment = relativeEnvironment(settings.environment, resolve(directory))
  const config = { ...flattenSettings(settings), environment, run }
  writeFileAtomically(join(directory, RUN_FILES.config), `${toJson(config, 2)}\n`)
}

/**
 * Makes a run of an agent that was trained elsewhere. If that is cut short, it can be made again in the same directory.
 * @returns the directory
 * @throws UsageError and WriteError as `claimRunDirectory` does
 * @example
 * const directory = await saveAsRun(agent, settings, { out: 'runs/imported' }, agent.engine)
 */
export async function saveAsRun(
  agent: SAC,
  settings: RunSettings,
  place: RunPlace,
  engine: string,
): Promise<string> {
  const { directory, lock } = await claimRunDirectory(settings, place)
  try {
    // The settings last, because with them it is a run.
    saveAgent(directory, agent)
    writeRunConfig(directory, settings, engine)
  } finally {
    lock.release()
  }
  return directory
}

/** Writes to `config.json` how many steps a resumed run is to take in all. */
export function changeRunSteps(directory: string, steps: number): void {
  const path = join(directory, RUN_FILES.config)
  const config = { ...JSON.parse(readFileSync(path, 'utf8')), steps }
  writeFileAtomically(path, `${toJson(config, 2)}\n`)
}

/** Writes what the agent has learned: `parameters.safetensors` and `policy.onnx`. */
export function saveAgent(directory: string, agent: SAC): void {
  saveParameters(directory, RUN_FILES.parameters, agent)
  writeFileAtomically(join(directory, RUN_FILES.policy), policyToOnnx(agent))
}

/** Writes every parameter of the agent to one of a run's files. */
export function saveParameters(directory: string, file: RunFile, agent: SAC): void {
  const metadata = { ...policyMetadata(agent), steps: String(agent.steps), updates: String(agent.updates) }
  writeFileAtomically(join(directory, file), encodeSafetensors(agent.parameters(), metadata))
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
