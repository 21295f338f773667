/** The networks of Stable-Baselines3's SAC in the shape that they have here, checked as a whole. */
import type { NamedTensors } from '../encoding/safetensors.ts'
import { ModelFileError } from './model-file-error.ts'
import type { SpaceSizes } from './stable-baselines3-spaces.ts'

const CRITICS = {
  'critic.qf0': 'critic1',
  'critic.qf1': 'critic2',
  'critic_target.qf0': 'target.critic1',
  'critic_target.qf1': 'target.critic2',
}

/** An affine layer, with the kernel as it stands here. */
interface Linear {
  /** Its name in the file. */
  name: string
  inputs: number
  kernel: Float32Array
  bias: Float32Array
}

export interface ImportedNetworks {
  hiddenSizes: number[]
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
export function networksIn(tensors: NamedTensors, spaces: SpaceSizes): ImportedNetworks {
  const has = (name: string) => Object.hasOwn(tensors, name)
  if (has('actor.mu.0.weight') && !has('actor.latent_pi.0.weight')) {
    throw new ModelFileError(
      'The file holds no agent of SAC, but one of TD3 or DDPG: its actor is not random.',
    )
  }
  const actor = [...linears(tensors, 'actor.latent_pi'), sideBySide(tensors, 'actor.mu', 'actor.log_std')]
  const hiddenSizes = widths(actor)
  const observationSize = actor[0].inputs
  const actionSize = actor[actor.length - 1].bias.length / 2
  requireSize('observations', observationSize, spaces.observationSize)
  requireSize('actions', actionSize, spaces.actionSize)
  requireChain(actor, observationSize)

  const parameters = named('actor', actor)
  const read = [...actor.map(({ name }) => name), 'actor.mu', 'actor.log_std']
  for (const [theirs, ours] of Object.entries(CRITICS)) {
    const critic = linears(tensors, theirs)
    requireCritic(theirs, critic, { observationSize, actionSize, hiddenSizes })
    Object.assign(parameters, named(ours, critic))
    read.push(...critic.map(({ name }) => name))
  }
  requireNothingElse(tensors, read)
  return { hiddenSizes, observationSize, actionSize, parameters }
}

/** The linear layers of a torch.nn.Sequential, between which stand activations. */
function linears(tensors: NamedTensors, prefix: string): Linear[] {
  const layers: Linear[] = []
  for (let i = 0; Object.hasOwn(tensors, `${prefix}.${i}.weight`); i += 2)
    layers.push(linear(tensors, `${prefix}.${i}`))
  if (layers.length > 0) return layers
  throw new ModelFileError(
    `The file holds no agent of SAC with hidden layers: there is no ${prefix}.0.weight in its policy.`,
  )
}

/** A torch.nn.Linear; its weight is [outputs, inputs], our kernels are [inputs, outputs]. */
function linear(tensors: NamedTensors, name: string): Linear {
  const [weight, bias] = ['weight', 'bias'].map(part => {
    const tensor = Object.hasOwn(tensors, `${name}.${part}`) ? tensors[`${name}.${part}`] : undefined
    if (tensor) return tensor
    throw new ModelFileError(`The file holds no agent of SAC: there is no ${name}.${part} in its policy.`)
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
  return { name, inputs, kernel, bias: bias.data }
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
  return { name: names.join(' and '), inputs: a.inputs, kernel, bias }
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

function requireCritic(
  name: string,
  critic: readonly Linear[],
  { observationSize, actionSize, hiddenSizes }: Omit<ImportedNetworks, 'parameters'>,
): void {
  const outputs = critic[critic.length - 1].bias.length
  if (outputs !== 1) {
    const kind = name.startsWith('critic.') ? 'critics' : 'target critics'
    throw new ModelFileError(
      `The file holds no agent of SAC: its ${kind} have ${outputs} outputs each (TQC), where SAC's have one.`,
    )
  }
  if (String(widths(critic)) !== String(hiddenSizes)) {
    throw new ModelFileError(
      `The hidden layers of ${name} are [${widths(critic)}], those of the actor [${hiddenSizes}]; here all have the same.`,
    )
  }
  requireChain(critic, observationSize + actionSize)
}

/** A third critic, a network that reads images, a layer that is not affine: tensors that nothing here reads. */
function requireNothingElse(tensors: NamedTensors, layers: readonly string[]): void {
  const known = new Set(layers.flatMap(layer => [`${layer}.weight`, `${layer}.bias`]))
  const surplus = Object.keys(tensors).find(name => !known.has(name))
  if (surplus === undefined) return
  const reason = surplus.includes('features_extractor')
    ? 'a features extractor has no place here; only MlpPolicy on plain vectors has'
    : 'it belongs to no layer here; an agent has an actor and two critics of affine layers'
  throw new ModelFileError(`The agent has ${surplus}: ${reason}.`)
}
