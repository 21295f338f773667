/** Files of reference updates (format: test/golden/README.md): what they hold, and the options they imply. */
import { ALGORITHMS, type AlgorithmName, type SacOptionsInput } from '../src/sac/options.ts'
import { hasOption } from '../src/sac/parse-options.ts'

type Matrix = number[][]
export type Layers = (Matrix | number[])[]

interface Statistics {
  mean: Matrix
  variance: Matrix
  passes: number
}

interface NetworkStatistics {
  actor: Statistics
  critics: Statistics[]
}

/** Parameters at one moment. */
interface Parameters {
  actor: Layers
  critics: Layers[]
  targets?: Layers[]
  target_actor?: Layers
  log_alpha?: number
  statistics?: NetworkStatistics
}

/** Every setting that a file may name. */
export interface GoldenOptions {
  gamma: number
  actor_lr: number
  critic_lr: number
  critics?: number
  tau?: number
  policy_delay: number
  target_update_interval?: number
  n_step?: number
  activation?: 'relu' | 'tanh'
  critic_activation?: 'relu' | 'tanh'
  max_grad_norm?: number
  adam_beta1?: number
  adam_beta2?: number
  adam_eps?: number
  alpha_lr?: number
  alpha_beta1?: number
  alpha0?: number
  auto_alpha?: number | boolean
  target_entropy?: number
  /** How the batch's actions were drawn. */
  action_scale_spread?: number
  subset_size?: number
  dropout?: number
  layer_norm_eps?: number
  quantiles?: number
  drop_per_critic?: number
  target_noise?: number
  target_noise_clip?: number
  actor_weight_decay?: number
  critic_weight_decay?: number
  decays?: 'all' | 'kernels'
  norm_eps?: number
  norm_momentum?: number
  renorm_warmup?: number
  renorm_r_max?: number
  renorm_d_max?: number
  renorm_form?: 'ioffe' | 'sbx'
}

export interface GoldenFile {
  member?: string
  obs_dim: number
  act_dim: number
  /** Those of both actor and critics, in the older files. */
  hidden?: number[]
  actor_hidden?: number[]
  critic_hidden?: number[]
  batch_size: number
  options: GoldenOptions
  init: Parameters
  updates: GoldenUpdate[]
  /** Whether some gradients may be so small that float32 says little about them; in the older files. */
  tinyGradients?: boolean
}

export interface GoldenUpdate {
  batch: {
    observation: Matrix
    /** `[row]` of numbers where actions are discrete. */
    action: Matrix | number[]
    reward: number[]
    next_observation: Matrix
    terminated: number[]
    discount?: number[]
  }
  noise?: { observation?: Matrix; next_observation?: Matrix }
  subset?: number[]
  /** `[critic][hidden layer][row][unit]`, 1 for units that stay. */
  masks?: { next: number[][][][]; current: number[][][][]; actor?: number[][][][] }
  after: Parameters
  [quantity: string]: unknown
}

/** A file in the newer form: the older ones are of SAC, and name its two critics each. */
export function modernized(file: GoldenFile): GoldenFile {
  if (file.member !== undefined) return file
  const parameters = (old: object): Parameters => {
    const { critic1, critic2, target1, target2, ...rest } = old as Record<string, Layers>
    const targets = target1 ? [target1, target2] : [critic1, critic2]
    return { ...rest, critics: [critic1, critic2], targets } as unknown as Parameters
  }
  return {
    ...file,
    member: 'sac',
    tinyGradients: true,
    init: parameters(file.init),
    updates: file.updates.map(update => ({
      ...update,
      q: [update.q1, update.q2],
      after: parameters(update.after),
    })),
  }
}

/** What files call `sac` for discrete actions, whose number `act_dim` then is. */
export const DISCRETE = 'sac-discrete'

/** The options of an agent that learns as the file says. */
export function goldenOptions({ member, options, batch_size, ...sizes }: GoldenFile): SacOptionsInput {
  const algorithm = member === DISCRETE ? 'sac' : ALGORITHMS.find(name => name === member)
  if (!algorithm)
    throw new Error(`the file is of ${member}, which is none of ${[...ALGORITHMS, DISCRETE].join(', ')}`)
  const { adam_beta2 = 0.999, adam_eps = 1e-8 } = options
  if (adam_beta2 !== 0.999 || adam_eps !== 1e-8) {
    throw new Error('Adam has beta2 0.999 and epsilon 1e-8 here, unlike in the file')
  }
  const { adam_beta2: _, adam_eps: __, ...given } = options
  const unknown = Object.keys(given).filter(name => !Object.hasOwn(TRANSLATIONS, name))
  if (unknown.length > 0) throw new Error(`the file has settings that are not known: ${unknown.join(', ')}`)
  const translated = (Object.keys(given) as (keyof typeof TRANSLATIONS)[]).map(name =>
    TRANSLATIONS[name](given[name] as never, given),
  )
  const all: SacOptionsInput = Object.assign(
    {
      algorithm,
      batchSize: batch_size,
      hiddenSizes: sizes.actor_hidden ?? sizes.hidden,
      criticHiddenSizes: sizes.critic_hidden ?? 'same',
      critics: 2,
      targetUpdateInterval: 1,
      // What a file does not name, it does not have.
      layerNorm: false,
      dropout: 0,
      batchRenorm: false,
      targetNoise: 0,
      targetCritics: 'all',
      beta1: 0.9,
    },
    ...translated,
  )
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => hasOption(algorithm as AlgorithmName, name)),
  )
}

/** What each setting of a file is here. */
const TRANSLATIONS: {
  [Name in keyof Omit<GoldenOptions, 'adam_beta2' | 'adam_eps'>]-?: (
    value: NonNullable<GoldenOptions[Name]>,
    options: GoldenOptions,
  ) => SacOptionsInput
} = {
  gamma: gamma => ({ gamma }),
  actor_lr: actorLearningRate => ({ actorLearningRate }),
  critic_lr: criticLearningRate => ({ criticLearningRate }),
  critics: critics => ({ critics }),
  tau: tau => ({ tau }),
  policy_delay: policyDelay => ({ policyDelay }),
  target_update_interval: targetUpdateInterval => ({ targetUpdateInterval }),
  n_step: nStep => ({ nStep }),
  activation: activation => ({ activation }),
  critic_activation: criticActivation => ({ criticActivation }),
  max_grad_norm: maxGradientNorm => ({ maxGradientNorm }),
  adam_beta1: beta1 => ({ beta1 }),
  alpha_lr: temperatureLearningRate => ({ temperatureLearningRate }),
  alpha_beta1: temperatureBeta1 => ({ temperatureBeta1 }),
  alpha0: (alpha, { auto_alpha }) => ({ temperature: auto_alpha ? `auto_${alpha}` : alpha }),
  auto_alpha: () => ({}),
  target_entropy: targetEntropy => ({ targetEntropy }),
  action_scale_spread: () => ({}),
  subset_size: targetCritics => ({ targetCritics }),
  dropout: dropout => ({ dropout }),
  layer_norm_eps: layerNormEpsilon => ({ layerNorm: true, layerNormEpsilon }),
  quantiles: atoms => ({ atoms }),
  drop_per_critic: droppedAtoms => ({ droppedAtoms }),
  target_noise: targetNoise => ({ targetNoise }),
  target_noise_clip: targetNoiseClip => ({ targetNoiseClip }),
  actor_weight_decay: actorWeightDecay => ({ actorWeightDecay }),
  critic_weight_decay: criticWeightDecay => ({ criticWeightDecay }),
  decays: weightDecayOn => ({ weightDecayOn }),
  norm_eps: batchRenormEpsilon => ({ batchRenorm: true, batchRenormEpsilon }),
  norm_momentum: batchRenormMomentum => ({ batchRenormMomentum }),
  renorm_warmup: batchRenormWarmup => ({ batchRenormWarmup }),
  renorm_r_max: batchRenormMaxScale => ({ batchRenormMaxScale }),
  renorm_d_max: batchRenormMaxShift => ({ batchRenormMaxShift }),
  renorm_form: form => ({ batchRenormForm: form === 'ioffe' ? 'paper' : 'folded' }),
}
