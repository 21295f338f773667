import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Env } from '../env/env.ts'
import { ModelFileError } from '../import/model-file-error.ts'
import { type ImportedAgent, importStableBaselines3 } from '../import/stable-baselines3.ts'
import { printable } from '../printable.ts'
import { resolvePaths } from './environment-path.ts'
import { environmentOf } from './environments/environment.ts'
import { type RunPlace, saveAsRun } from './run-directory.ts'
import { agentOptions, parseSettings, type RunSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'

/** How `importRun` makes a run of a file. */
export interface ImportRunOptions extends RunPlace {
  /** The environment that the agent was trained in, as settings name it. */
  environment: string
  /** Settings of the environment by name. Default: none. */
  environmentOptions?: Record<string, unknown>
  /** The file that VecNormalize saved; false if there is none. Default: the one in the folder of the file, if there is one. */
  vecNormalize?: string | false
}

/** A run that was made of an agent from elsewhere. */
export interface ImportedRun {
  /** Where it is. */
  directory: string
  /** Its settings, as far as they were known. */
  settings: RunSettings
  /** The agent as the file has it; its `notes` say what could not be taken over. */
  imported: ImportedAgent
  /** Its environment; the caller closes it. */
  env: Env
}

/**
 * Makes a run of an agent that Stable-Baselines3 or sb3-contrib has saved, to evaluate, export or train further. Nothing
 * in the file is executed.
 * @param file the `.zip` file that `save()` wrote
 * @throws UsageError if it cannot be read, or does not fit the environment
 * @example
 * const { directory, env } = await importRun('sac_pendulum.zip', { environment: 'Pendulum-v1' })
 * await env.close?.()
 */
export async function importRun(
  file: string,
  { environment, environmentOptions = {}, vecNormalize, ...place }: ImportRunOptions,
): Promise<ImportedRun> {
  const imported = readAgent(file, vecNormalize)
  const settings = parseSettings({
    ...resolvePaths({ environment, environmentOptions }, process.cwd()),
    steps: Math.max(imported.steps, 1),
    ...imported.options,
  })
  const env = await environmentOf(settings)
  try {
    requireSameSpaces(imported, env, file, environment)
    // Imported here, because of what else there is nothing needs the gradient step.
    const { SAC } = await import('../sac/agent.ts')
    const agent = await SAC.create(env, agentOptions(settings))
    agent.loadParameters(imported.parameters, imported)
    const directory = await saveAsRun(agent, settings, place, `${imported.source}, imported`)
    await agent.dispose()
    return { directory, settings, imported, env }
  } catch (error) {
    await env.close?.()
    throw error
  }
}

/**
 * The agent of a file, with the statistics of VecNormalize.
 * @param given the file of VecNormalize; false if there is none; undefined to look for it
 */
function readAgent(file: string, given: string | boolean | undefined): ImportedAgent {
  const bytes = readBytes(file)
  const beside = given === undefined ? vecNormalizeBeside(file) : { others: [] }
  const path = typeof given === 'string' ? given : beside.path
  const vecNormalize = path === undefined ? undefined : readBytes(path)
  const leaveOut =
    beside.path === undefined ? '' : ` --no-vec-normalize leaves ${printable(beside.path)} out.`
  const agent = imported(bytes, vecNormalize, message => {
    return `${path === undefined ? file : `${file} with ${path}`} cannot be imported: ${message}${leaveOut}`
  })
  if (leaveOut) agent.notes.push(`It uses the statistics of VecNormalize in its folder.${leaveOut}`)
  if (beside.others.length > 0) {
    agent.notes.push(
      `Its folder contains ${printable(beside.others.join(', '))}; if the agent was trained with it, name it with --vec-normalize.`,
    )
  }
  return agent
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${(cause as Error).message}.`, { cause })
  }
}

/** @param complaint the error message for a file that cannot be imported */
function imported(
  bytes: Uint8Array,
  vecNormalize: Uint8Array | undefined,
  complaint: (message: string) => string,
): ImportedAgent {
  try {
    return importStableBaselines3(bytes, { vecNormalize })
  } catch (cause) {
    if (cause instanceof ModelFileError) throw new UsageError(complaint(cause.message), { cause })
    throw cause
  }
}

/** How people name the file of VecNormalize: vecnormalize.pkl, vec_normalize.pkl, rl_model_vecnormalize_1000_steps.pkl. */
const VEC_NORMALIZE_NAME = /_?vec_?norm(alize)?(_env)?/i

/**
 * The file of VecNormalize in the folder of a model: the one named after the model, or after no model at all.
 * @returns its path, or else the files that may belong to other models
 */
function vecNormalizeBeside(file: string): { path?: string; others: string[] } {
  const folder = dirname(file)
  const model = basename(file).replace(/\.zip$/, '')
  const names = readdirSync(folder).filter(name => name.endsWith('.pkl') && VEC_NORMALIZE_NAME.test(name))
  const modelOf = (name: string) => name.slice(0, -'.pkl'.length).replace(VEC_NORMALIZE_NAME, '')
  const name = names.find(name => modelOf(name) === model) ?? names.find(name => modelOf(name) === '')
  return name === undefined ? { others: names } : { path: join(folder, name), others: [] }
}

/** @throws UsageError unless the environment has as many observations and actions as the agent, and its bounds */
function requireSameSpaces(imported: ImportedAgent, env: Env, file: string, environment: string): void {
  const { observationSize, actionSize, actionLow, actionHigh } = imported
  if (env.actionSpace.kind === 'discrete') {
    throw new UsageError(`${file} has continuous actions, but those of ${environment} are discrete.`)
  }
  const sizes = (observations: number, actions: number) =>
    `${observations} observation${observations === 1 ? '' : 's'} and ${actions} action${actions === 1 ? '' : 's'}`
  const [trained, here] = [
    sizes(observationSize, actionSize),
    sizes(env.observationSpace.size, env.actionSpace.size),
  ]
  if (trained !== here) throw new UsageError(`${file} has ${trained}, but ${environment} has ${here}.`)
  const { low, high } = env.actionSpace
  // As printed, with eight digits.
  const same = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b))
  for (let i = 0; i < actionSize; i++) {
    if (same(actionLow?.[i] ?? low[i], low[i]) && same(actionHigh?.[i] ?? high[i], high[i])) continue
    throw new UsageError(
      `${file} was trained with action ${i} from ${actionLow?.[i]} to ${actionHigh?.[i]}, but in ${environment} it ` +
        `ranges from ${low[i]} to ${high[i]}.`,
    )
  }
}
