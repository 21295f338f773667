/** A run's directory: the lasting record of a training run, made so that nothing ever overwrites it. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { encodeSafetensors } from '../encoding/safetensors.ts'
import { policyToOnnx } from '../policy/onnx.ts'
import { policyMetadata } from '../policy/policy-file.ts'
import type { SAC } from '../sac/agent.ts'
import { packageVersion } from '../version.ts'
import { environmentName, relativeEnvironment } from './environment-path.ts'
import { flattenSettings, type RunSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** The files of a run. */
export const RUN_FILES = {
  /** All settings with their defaults filled in, and versions; also a config file with which to repeat the run. */
  config: 'config.json',
  /** What happened, one JSON object a line. */
  metrics: 'metrics.jsonl',
  /** The deterministic policy, both ends in the environment's units. */
  policy: 'policy.onnx',
  /** Every parameter of actor, critics, targets and temperature; also a policy's file, for `loadPolicy`. */
  parameters: 'parameters.safetensors',
} as const

/**
 * Makes the directory of a new run: `out`, or else `<folder>/<environment>-seed<seed>`, with a number behind it
 * from the second such run on.
 *
 * @returns its path
 * @throws UsageError if `out` is there and not an empty directory
 */
export function createRunDirectory(settings: RunSettings, { out, folder = 'runs' }: RunPlace = {}): string {
  if (out !== undefined) {
    requireEmpty(out)
    mkdirSync(out, { recursive: true })
    return out
  }
  mkdirSync(folder, { recursive: true })
  const environment = environmentName(settings.environment).replace(/[^\w.-]+/g, '-')
  const name = `${environment}-seed${settings.options.seed}`
  for (let number = 1; ; number++) {
    const path = join(folder, number === 1 ? name : `${name}-${number}`)
    try {
      // Not recursive: it fails where the directory exists, even if two runs start at the same moment.
      mkdirSync(path)
      return path
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

/** Where to make a run's directory. */
export interface RunPlace {
  /** The directory itself; it must not exist yet, or be empty. */
  out?: string
  /** Else: the folder in which it gets a name. Default `runs`. */
  folder?: string
}

function requireEmpty(path: string): void {
  let entries: string[]
  try {
    entries = readdirSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    if (codeOf(error) === 'ENOTDIR') throw new UsageError(`${path} is a file; name another directory.`)
    throw error
  }
  if (entries.length > 0) {
    throw new UsageError(`The directory ${path} is not empty; name another one, for no run is overwritten.`)
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
  // As in any config file, seen from its own folder: so a run and its environment can move together.
  const environment = relativeEnvironment(settings.environment, resolve(directory))
  const config = { ...flattenSettings(settings), environment, run }
  writeFileAtomically(join(directory, RUN_FILES.config), `${JSON.stringify(config, null, 2)}\n`)
}

/** Writes what the agent has learned: `parameters.safetensors` and `policy.onnx`. */
export function saveAgent(directory: string, agent: SAC): void {
  const metadata = { ...policyMetadata(agent), steps: String(agent.steps), updates: String(agent.updates) }
  const parameters = encodeSafetensors(agent.parameters(), metadata)
  writeFileAtomically(join(directory, RUN_FILES.parameters), parameters)
  writeFileAtomically(join(directory, RUN_FILES.policy), policyToOnnx(agent))
}

/** Writes a file so that, whatever happens meanwhile, it is there in its old form or its new one, never in part. */
export function writeFileAtomically(path: string, data: string | Uint8Array): void {
  const temporary = `${path}.tmp`
  try {
    const file = openSync(temporary, 'w')
    try {
      writeFileSync(file, data)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
