import { environments } from '../../../src/envs/registry.ts'
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

/**
 * What is learned in a file, or in the files of a run's folder.
 * @param present the environment that is in view, for files that do not name theirs
 * @throws Error that says what the files lack
 */
export async function learnedIn(files: readonly File[], present: string): Promise<LearnedFile> {
  const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer())
  const zip = files.find(({ name }) => name.endsWith('.zip'))
  if (zip) return fromStableBaselines3(await bytesOf(zip), present)
  // A run's folder has its checkpoints as well.
  const weights =
    files.find(({ name }) => name === 'parameters.safetensors') ??
    files.find(({ name }) => name.endsWith('.safetensors'))
  if (!weights) {
    throw new Error('there is no .safetensors file and no .zip of Stable-Baselines3 among it.')
  }
  const { tensors, metadata } = decodeSafetensors(await bytesOf(weights))
  const config = files.find(({ name }) => name === 'config.json')
  const settings = config ? (JSON.parse(await config.text()) as Record<string, unknown>) : {}
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
