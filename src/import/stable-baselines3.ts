/**
 * Agents of Stable-Baselines3's SAC, as its `save` wrote them: a zip archive of PyTorch's tensors and of `data`, JSON in
 * which base64 of pickles stands for what JSON cannot say. Those are never opened, for the readable rest suffices.
 */
import type { NamedTensors } from '../encoding/safetensors.ts'
import type { SacOptionsInput } from '../sac/options.ts'
import { ModelFileError } from './model-file-error.ts'
import { readStateDict } from './pytorch.ts'
import { boundsIn, countIn, notesOn, optionsIn, parseData } from './stable-baselines3-data.ts'
import { unzip } from './zip.ts'

/** An agent that another library has trained. */
export interface ImportedAgent {
  /** The library and its version. */
  source: string
  /** For `SAC.create`, so that the parameters fit. */
  options: SacOptionsInput
  /** For `loadParameters`: actor, critics, targets and temperature. */
  parameters: NamedTensors
  observationSize: number
  actionSize: number
  /** Bounds of an action; undefined where the file does not say them legibly. */
  actionLow?: number[]
  actionHigh?: number[]
  /** Environment steps and gradient updates it has learned from. */
  steps: number
  updates: number
  /** What was not taken over, one sentence each. */
  notes: string[]
}

/** The archive's files, and the tensors in them. */
const [DATA, POLICY, VARIABLES, VERSION] = [
  'data',
  'policy.pth',
  'pytorch_variables.pth',
  '_stable_baselines3_version',
]
const CRITICS = {
  'critic.qf0': 'critic1',
  'critic.qf1': 'critic2',
  'critic_target.qf0': 'target.critic1',
  'critic_target.qf1': 'target.critic2',
}

/**
 * Reads an agent that Stable-Baselines3's `SAC.save` wrote. Nothing in the file is executed.
 *
 * Not taken over are the optimisers' moments, and the replay buffer, which Stable-Baselines3 keeps in another file.
 *
 * @param bytes of the .zip file
 * @throws ModelFileError if the file is cut off or damaged, is no such agent, or one with parts that have no place
 *   here: another policy than MlpPolicy, state-dependent exploration, other than two critics, an activation other than
 *   ReLU and Tanh, different hidden layers in actor and critics
 */
export function importStableBaselines3(bytes: Uint8Array): ImportedAgent {
  const files = unzip(bytes, 'The file', path => [DATA, POLICY, VARIABLES, VERSION].includes(path))
  const fileOf = (path: string) => {
    const file = files.get(path)
    if (file) return file
    throw new ModelFileError(
      `The file is no agent that Stable-Baselines3 saved, or it is cut off: there is no ${path} in it.`,
    )
  }
  const data = parseData(fileOf(DATA), DATA)
  const tensors = readStateDict(fileOf(POLICY), POLICY)
  if (data.use_sde === true) {
    throw new ModelFileError(
      'The agent explores by gSDE (use_sde), which has no place here; train it without.',
    )
  }

  const actor = [...linears(tensors, 'actor.latent_pi'), sideBySide(tensors, 'actor.mu', 'actor.log_std')]
  const hiddenSizes = widths(actor)
  const parameters = named('actor', actor)
  for (const [theirs, ours] of Object.entries(CRITICS)) {
    const critic = linears(tensors, theirs)
    Object.assign(parameters, named(ours, critic))
    if (String(widths(critic)) !== String(hiddenSizes)) {
      throw new ModelFileError(
        `The hidden layers of ${theirs} are [${widths(critic)}], those of the actor [${hiddenSizes}]; here all have the same.`,
      )
    }
  }
  requireNothingElse(tensors)
  const logAlpha = logTemperature(readStateDict(fileOf(VARIABLES), VARIABLES))
  parameters.logAlpha = { shape: [1], data: Float32Array.of(logAlpha) }
  requireFinite(parameters)

  const actionSize = actor[actor.length - 1].bias.length / 2
  const { action_space: actionSpace } = data
  return {
    source: `Stable-Baselines3 ${new TextDecoder().decode(files.get(VERSION)).trim()}`.trim(),
    options: { hiddenSizes, ...optionsIn(data) },
    parameters,
    observationSize: actor[0].inputs,
    actionSize,
    actionLow: boundsIn(actionSpace, 'low', actionSize),
    actionHigh: boundsIn(actionSpace, 'high', actionSize),
    steps: countIn(data, 'num_timesteps'),
    updates: countIn(data, '_n_updates'),
    notes: notesOn(data),
  }
}

/** An affine layer, with the kernel as it stands here. */
interface Linear {
  inputs: number
  kernel: Float32Array
  bias: Float32Array
}

/** The linear layers of a torch.nn.Sequential, between which stand activations. */
function linears(tensors: NamedTensors, prefix: string): Linear[] {
  const layers: Linear[] = []
  for (let i = 0; Object.hasOwn(tensors, `${prefix}.${i}.weight`); i += 2)
    layers.push(linear(tensors, `${prefix}.${i}`))
  if (layers.length > 0) return layers
  throw new ModelFileError(
    `The file holds no agent of SAC with hidden layers: there is no ${prefix}.0.weight in ${POLICY}.`,
  )
}

/** A torch.nn.Linear; its weight is [outputs, inputs], our kernels are [inputs, outputs]. */
function linear(tensors: NamedTensors, name: string): Linear {
  const [weight, bias] = ['weight', 'bias'].map(part => {
    const tensor = Object.hasOwn(tensors, `${name}.${part}`) ? tensors[`${name}.${part}`] : undefined
    if (tensor) return tensor
    throw new ModelFileError(`The file holds no agent of SAC: there is no ${name}.${part} in ${POLICY}.`)
  })
  const [outputs, inputs] = weight.shape
  if (weight.shape.length !== 2 || String(bias.shape) !== String(outputs)) {
    throw new ModelFileError(
      `${name} is no affine layer: its weight is [${weight.shape}], its bias [${bias.shape}].`,
    )
  }
  const kernel = Float32Array.from(
    weight.data,
    (_, k) => weight.data[(k % outputs) * inputs + Math.floor(k / outputs)],
  )
  return { inputs, kernel, bias: bias.data }
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
  return { inputs: a.inputs, kernel, bias: Float32Array.of(...a.bias, ...b.bias) }
}

const widths = (layers: readonly Linear[]) => layers.slice(0, -1).map(({ bias }) => bias.length)

const named = (prefix: string, layers: readonly Linear[]): NamedTensors =>
  Object.fromEntries(
    layers.flatMap(({ inputs, kernel, bias }, i) => [
      [`${prefix}.kernel${i}`, { shape: [inputs, bias.length], data: kernel }],
      [`${prefix}.bias${i}`, { shape: [1, bias.length], data: bias }],
    ]),
  )

/** A third critic, a network that reads images, a layer that is not affine: tensors that nothing here reads. */
function requireNothingElse(tensors: NamedTensors): void {
  const read = ['actor.latent_pi', ...Object.keys(CRITICS)].map(
    prefix => `${prefix.replace('.', '\\.')}\\.\\d*[02468]`,
  )
  const known = new RegExp(`^(${read.join('|')}|actor\\.mu|actor\\.log_std)\\.(weight|bias)$`)
  const surplus = Object.keys(tensors).find(name => !known.test(name))
  if (surplus === undefined) return
  const reason = surplus.includes('features_extractor')
    ? 'a features extractor has no place here; only MlpPolicy on plain vectors has'
    : 'it belongs to no layer here; an agent has an actor and two critics of affine layers'
  throw new ModelFileError(`The agent has ${surplus}: ${reason}.`)
}

function requireFinite(parameters: NamedTensors): void {
  for (const [name, { data }] of Object.entries(parameters)) {
    // A temperature fixed at zero has the logarithm -Infinity.
    const wrong = data.find(value => !Number.isFinite(value) && !(name === 'logAlpha' && value === -Infinity))
    if (wrong !== undefined)
      throw new ModelFileError(`The agent's ${name} holds ${wrong}; its training had failed.`)
  }
}

function logTemperature({ log_ent_coef: logarithm, ent_coef_tensor: fixed }: NamedTensors): number {
  const [tensor, value] = logarithm ? [logarithm, logarithm.data[0]] : [fixed, Math.log(fixed?.data[0])]
  if (tensor?.data.length === 1) return value
  throw new ModelFileError(`The file holds no agent of SAC: there is no temperature in ${VARIABLES}.`)
}
