import { environments } from '../../../src/envs/environments.ts'
import {
  decodeSafetensors,
  importStableBaselines3,
  type NamedTensors,
  type SacOptionsInput,
  sacOptionsSchema,
} from '../../../src/index.ts'
import type { World } from '../training/plan.ts'

/** What another agent learned, and how to make one that it fits. */
export interface LearnedFile {
  world: World
  agent: SacOptionsInput
  parameters: NamedTensors
}

/** A file, and where it is among those that were dropped together. */
export interface DroppedFile {
  path: string
  file: File
}

/**
 * What is learned in a file, or in the files of a run's folder.
 * @param present the environment that is in view, for files that do not name theirs
 * @throws Error that says what the files lack
 */
export async function learnedIn(dropped: readonly DroppedFile[], present: string): Promise<LearnedFile> {
  const bytesOf = async ({ file }: DroppedFile) => new Uint8Array(await file.arrayBuffer())
  const zip = dropped.find(({ path }) => path.endsWith('.zip'))
  if (zip) return fromStableBaselines3(await bytesOf(zip), present)
  const configs = dropped.filter(({ file }) => file.name === 'config.json')
  if (configs.length > 1) {
    throw new Error(
      `these are ${configs.length} runs (each has a config.json): drop the folder of one of them.`,
    )
  }
  const { tensors, metadata } = decodeSafetensors(await bytesOf(weightsAmong(dropped)))
  const settings = configs[0] ? await settingsIn(configs[0].file) : {}
  const id = (settings.environment ?? metadata.environment ?? present) as string
  requireKnown(id)
  const known = Object.entries(settings).filter(
    ([name]) =>
      Object.hasOwn(sacOptionsSchema.shape, name) && !['engine', 'threads', 'background'].includes(name),
  )
  const options = (settings.environmentOptions ?? {}) as Record<string, unknown>
  const agent = known.length > 0 ? Object.fromEntries(known) : optionsIn(tensors, metadata)
  return { world: { id, options }, agent, parameters: tensors }
}

/** The weights of a run: its last ones, or else the newest policy that was saved on the way. */
function weightsAmong(dropped: readonly DroppedFile[]): DroppedFile {
  const all = dropped.filter(({ path }) => path.endsWith('.safetensors'))
  // A checkpoint has the whole state of a training, which is another thing.
  const weights = all
    .filter(({ path }) => !path.includes('/checkpoints/'))
    .sort((a, b) => a.path.localeCompare(b.path))
  const found = weights.find(({ file }) => file.name === 'parameters.safetensors') ?? weights.at(-1)
  if (found) return found
  throw new Error(
    all.length > 0
      ? 'it has checkpoints, but no weights yet, because this run has not ended: finish it with `sac resume`.'
      : 'there is no .safetensors file and no .zip of Stable-Baselines3 among it.',
  )
}

/** @throws Error if it is no JSON object */
async function settingsIn(file: File): Promise<Record<string, unknown>> {
  let settings: unknown
  try {
    settings = JSON.parse(await file.text())
  } catch (error) {
    throw new Error(`its config.json is damaged (${(error as Error).message}).`)
  }
  if (typeof settings === 'object' && settings !== null && !Array.isArray(settings)) {
    return settings as Record<string, unknown>
  }
  throw new Error('its config.json is damaged (it is no object of settings).')
}

function requireKnown(id: string): void {
  if (environments().some(entry => entry.id === id)) return
  throw new Error(`it is for the environment ${id}, which this page does not have.`)
}

/** The options that a file's tensors show. */
function optionsIn(tensors: NamedTensors, metadata: Record<string, string>): SacOptionsInput {
  const widths = (network: string) => {
    const sizes: number[] = []
    for (let i = 0; tensors[`${network}.kernel${i + 1}`]; i++)
      sizes.push(tensors[`${network}.kernel${i}`].shape[1])
    return sizes
  }
  const hiddenSizes = widths('actor')
  if (hiddenSizes.length === 0) throw new Error('it has no actor of this library.')
  const criticHiddenSizes = widths('critic1')
  let critics = 0
  while (tensors[`critic${critics + 1}.kernel0`]) critics++
  return {
    ...(metadata.head === 'deterministic' && { algorithm: 'td3' }),
    ...(tensors['actor.logStd'] && { stateDependentNoise: true }),
    ...(metadata.activation && { activation: metadata.activation as 'relu' | 'tanh' }),
    hiddenSizes,
    ...(critics > 0 && { critics, criticHiddenSizes }),
    ...(tensors['normalizer.mean'] && { normalizeObservations: true }),
  }
}

function fromStableBaselines3(bytes: Uint8Array, present: string): LearnedFile {
  const { options, parameters, observationSize, actionSize } = importStableBaselines3(bytes)
  const fits = (summary: string) =>
    summary.includes(`(${observationSize} observation`) &&
    new RegExp(`[ ,]${actionSize} actions?[,)]`).test(summary)
  const all = environments()
  const entry =
    all.find(({ id, summary }) => id === present && fits(summary)) ?? all.find(({ summary }) => fits(summary))
  if (!entry) {
    throw new Error(
      `it observes ${observationSize} numbers and acts by ${actionSize}, as no environment of this page does.`,
    )
  }
  return { world: { id: entry.id, options: {} }, agent: options, parameters }
}
