/** The networks of an agent of Stable-Baselines3 in the shape that they have here, checked as a whole. */
import type { NamedTensors } from '../encoding/safetensors.ts'
import { LOG_STD } from '../policy/state-dependent.ts'
import type { SacOptionsInput } from '../sac/options.ts'
import { ModelFileError } from './model-file-error.ts'
import type { ImportedAlgorithm } from './stable-baselines3-algorithm.ts'
import type { SpaceSizes } from './stable-baselines3-spaces.ts'

const DEVIATIONS = 'actor.log_std'

/** An affine layer, with the kernel in this package's layout. */
interface Linear {
  /** Its name in the file, and the names of the tensors that it is made of. */
  name: string
  tensors: readonly string[]
  inputs: number
  kernel: Float32Array
  bias: Float32Array
}

/** A network by its names in the file and here. */
interface Network {
  theirs: string
  ours: string
  layers: readonly Linear[]
}

/** Options that say how the networks are built. */
export type NetworkOptions = Pick<SacOptionsInput, 'critics' | 'atoms' | 'stateDependentNoise'> & {
  hiddenSizes: number[]
  criticHiddenSizes: number[] | 'same'
}

export interface ImportedNetworks {
  options: NetworkOptions
  observationSize: number
  actionSize: number
  /** Of actor, critics and targets, by the names that `loadParameters` takes. */
  parameters: NamedTensors
}

/**
 * Actor, critics and targets.
 *
 * @param tensors the file's policy
 * @param spaces sizes of the agent's spaces, which the layers have to fit
 * @throws ModelFileError for tensors that make no such networks, or more than those
 */
export function networksIn(
  tensors: NamedTensors,
  spaces: SpaceSizes,
  algorithm: ImportedAlgorithm,
): ImportedNetworks {
  const isDeterministic = algorithm === 'td3' || algorithm === 'ddpg'
  const deviations = isDeterministic ? undefined : deviationsIn(tensors)
  const actor = actorIn(tensors, isDeterministic, deviations !== undefined)
  const hiddenSizes = widths(actor)
  const observationSize = actor[0].inputs
  const actionSize = isDeterministic || deviations ? outputsOf(actor) : outputsOf(actor) / 2
  const shape = [hiddenSizes[hiddenSizes.length - 1], actionSize]
  if (deviations && String(deviations.shape) !== String(shape)) {
    throw new ModelFileError(
      `The agent explores by gSDE, but its ${DEVIATIONS} is [${deviations.shape}], not [${shape}].`,
    )
  }
  requireSize('observations', observationSize, spaces.observationSize)
  requireSize('actions', actionSize, spaces.actionSize)
  requireChain(actor, observationSize)
  const order = spaces.order ?? Array.from({ length: observationSize }, (_, i) => i)

  const critics = criticsIn(tensors, { inputs: observationSize + actionSize, algorithm })
  const networks: Network[] = [{ theirs: 'actor', ours: 'actor', layers: actor }, ...critics]
  if (isDeterministic) {
    const layers = linears(tensors, 'actor_target.mu')
    const slow = { theirs: 'actor_target.mu', ours: 'target.actor', layers }
    requireLike(slow, { theirs: 'actor.mu', layers: actor })
    requireChain(layers, observationSize)
    networks.push(slow)
  }
  requireNothingElse(tensors, networks, deviations ? [DEVIATIONS] : [])
  networks.forEach(requireHidden)

  const criticSizes = widths(critics[0].layers)
  return {
    options: {
      hiddenSizes,
      criticHiddenSizes: String(criticSizes) === String(hiddenSizes) ? 'same' : criticSizes,
      critics: critics.length / 2,
      ...(algorithm === 'tqc' && { atoms: outputsOf(critics[0].layers) }),
      ...(deviations && { stateDependentNoise: true }),
    },
    observationSize,
    actionSize,
    parameters: Object.assign(
      deviations ? { [LOG_STD]: deviations } : {},
      ...networks.map(({ ours, layers }) => named(ours, reordered(layers, order))),
    ),
  }
}

/** Logarithms of gSDE's deviations, [features, actions]; undefined for an agent without. */
export const deviationsIn = (tensors: NamedTensors) =>
  Object.hasOwn(tensors, DEVIATIONS) ? tensors[DEVIATIONS] : undefined

/** Mean and deviation are layers side by side on the last hidden one; of gSDE the mean alone, first of a sequence. */
function actorIn(tensors: NamedTensors, isDeterministic: boolean, isStateDependent: boolean): Linear[] {
  if (isDeterministic) return linears(tensors, 'actor.mu')
  const hidden = linears(tensors, 'actor.latent_pi')
  const output = isStateDependent
    ? linear(tensors, 'actor.mu.0')
    : sideBySide(tensors, 'actor.mu', 'actor.log_std')
  return [...hidden, output]
}

/** All critics, then all their targets; they have the same sizes, and only those of TQC have more than one output. */
function criticsIn(
  tensors: NamedTensors,
  { inputs, algorithm }: { inputs: number; algorithm: ImportedAlgorithm },
): Network[] {
  let count = 1
  while (Object.hasOwn(tensors, `critic.qf${count}.0.weight`)) count++
  const critics = ['critic', 'critic_target'].flatMap(kind =>
    Array.from({ length: count }, (_, i) => ({
      theirs: `${kind}.qf${i}`,
      ours: `${kind === 'critic' ? '' : 'target.'}critic${i + 1}`,
      layers: linears(tensors, `${kind}.qf${i}`),
    })),
  )
  for (const critic of critics) {
    const outputs = outputsOf(critic.layers)
    if (algorithm !== 'tqc' && outputs !== 1) {
      const kind = critic.theirs.startsWith('critic.') ? 'critics' : 'target critics'
      const name = algorithm.toUpperCase()
      throw new ModelFileError(
        `The file holds no agent of ${name}: its ${kind} have ${outputs} outputs each (TQC), where ${name}'s have one.`,
      )
    }
    requireLike(critic, critics[0])
    requireChain(critic.layers, inputs)
  }
  return critics
}

const outputsOf = (layers: readonly Linear[]): number => layers[layers.length - 1].bias.length

/** The linear layers of a torch.nn.Sequential, with activations in between; the last is the output. */
function linears(tensors: NamedTensors, prefix: string): Linear[] {
  const layers: Linear[] = []
  for (let i = 0; Object.hasOwn(tensors, `${prefix}.${i}.weight`); i += 2)
    layers.push(linear(tensors, `${prefix}.${i}`))
  if (layers.length > 0) return layers
  throw new ModelFileError(
    `The file holds no agent that is read: there is no ${prefix}.0.weight in its policy. Agents of SAC, TQC, TD3 and ` +
      'DDPG with hidden layers are.',
  )
}

/** A torch.nn.Linear; its weight is [outputs, inputs], our kernels are [inputs, outputs]. */
function linear(tensors: NamedTensors, name: string): Linear {
  const [weight, bias] = ['weight', 'bias'].map(part => {
    const tensor = Object.hasOwn(tensors, `${name}.${part}`) ? tensors[`${name}.${part}`] : undefined
    if (tensor) return tensor
    throw new ModelFileError(
      `The file holds no agent that is read: there is no ${name}.${part} in its policy.`,
    )
  })
  const [outputs, inputs] = weight.shape
  if (weight.shape.length !== 2 || String(bias.shape) !== String(outputs) || weight.data.length === 0) {
    throw new ModelFileError(
      `${name} is no affine layer: its weight is [${weight.shape}], its bias [${bias.shape}].`,
    )
  }
  const kernel = Float32Array.from(
    weight.data,
    (_, k) => weight.data[(k % outputs) * inputs + Math.floor(k / outputs)],
  )
  return { name, tensors: [`${name}.weight`, `${name}.bias`], inputs, kernel, bias: bias.data }
}

/** Two layers on the same inputs as one with the outputs of both. */
function sideBySide(tensors: NamedTensors, ...names: string[]): Linear {
  const [a, b] = names.map(name => linear(tensors, name))
  const [m, n] = [a.bias.length, b.bias.length]
  if (a.inputs !== b.inputs || m !== n)
    throw new ModelFileError(`${names.join(' and ')} do not fit together.`)
  const kernel = new Float32Array(a.inputs * (m + n))
  for (let i = 0; i < a.inputs; i++) {
    kernel.set(a.kernel.subarray(i * m, (i + 1) * m), i * (m + n))
    kernel.set(b.kernel.subarray(i * n, (i + 1) * n), i * (m + n) + m)
  }
  const bias = new Float32Array(m + n)
  bias.set(a.bias)
  bias.set(b.bias, m)
  return { name: names.join(' and '), tensors: [...a.tensors, ...b.tensors], inputs: a.inputs, kernel, bias }
}

/** The layers for observations in another order; what the first reads beside them, an action, stays behind them. */
function reordered([first, ...others]: readonly Linear[], order: readonly number[]): Linear[] {
  const outputs = first.bias.length
  const kernel = first.kernel.slice()
  for (const [ours, theirs] of order.entries()) {
    kernel.set(first.kernel.subarray(theirs * outputs, (theirs + 1) * outputs), ours * outputs)
  }
  return [{ ...first, kernel }, ...others]
}

const widths = (layers: readonly Linear[]) => layers.slice(0, -1).map(({ bias }) => bias.length)

const named = (prefix: string, layers: readonly Linear[]): NamedTensors =>
  Object.fromEntries(
    layers.flatMap(({ inputs, kernel, bias }, i) => [
      [`${prefix}.kernel${i}`, { shape: [inputs, bias.length], data: kernel }],
      [`${prefix}.bias${i}`, { shape: [1, bias.length], data: bias }],
    ]),
  )

function requireSize(name: string, size: number, inSpace: number | undefined): void {
  if (inSpace === undefined || inSpace === size) return
  throw new ModelFileError(`The agent's actor is made for ${size} ${name}, but its space has ${inSpace}.`)
}

/** Every layer takes what the one before gives. */
function requireChain(layers: readonly Linear[], inputs: number): void {
  let before = inputs
  for (const layer of layers) {
    if (layer.inputs !== before)
      throw new ModelFileError(
        `The layers do not fit together: ${layer.name} takes ${layer.inputs} inputs, but is given ${before}.`,
      )
    before = layer.bias.length
  }
}

function requireHidden({ theirs, layers }: Network): void {
  if (layers.length > 1) return
  throw new ModelFileError(
    `The agent's ${theirs} has no hidden layers; here actor and critics have at least one.`,
  )
}

/** Targets and critics have the layers of the first. */
function requireLike({ theirs, layers }: Omit<Network, 'ours'>, first: Omit<Network, 'ours'>): void {
  if (String(widths(layers)) !== String(widths(first.layers))) {
    throw new ModelFileError(
      `The hidden layers of ${theirs} are [${widths(layers)}], those of ${first.theirs} [${widths(first.layers)}]; ` +
        'they have to be the same.',
    )
  }
  if (outputsOf(layers) !== outputsOf(first.layers)) {
    throw new ModelFileError(
      `${theirs} has ${outputsOf(layers)} outputs, but ${first.theirs} has ${outputsOf(first.layers)}.`,
    )
  }
}

/** A network that reads images, a layer that is not affine, half a critic: tensors that nothing here reads. */
function requireNothingElse(
  tensors: NamedTensors,
  networks: readonly Network[],
  others: readonly string[],
): void {
  const names = networks.flatMap(({ layers }) => layers.flatMap(layer => layer.tensors))
  const known = new Set([...names, ...others])
  const surplus = Object.keys(tensors).find(name => !known.has(name))
  if (surplus === undefined) return
  const reason = surplus.includes('features_extractor')
    ? 'a features extractor has no place here; MlpPolicy on plain vectors and MultiInputPolicy on a Dict of them have'
    : 'it belongs to no layer here; an agent has an actor, critics and their targets, all of affine layers'
  throw new ModelFileError(`The agent has ${surplus}: ${reason}.`)
}
