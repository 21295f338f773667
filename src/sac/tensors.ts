/** The tensors that an update reads and keeps: which there are, under which names, in which shapes. */
import { input } from '../graph/operations.ts'
import type { Shape, Tensor } from '../graph/tensor.ts'
import { flatShape } from '../nn/parameters.ts'
import { HEADS } from '../policy/head.ts'
import type { Algorithm } from './algorithm.ts'
import type { Networks } from './networks.ts'
import type { SacOptions } from './options.ts'

/** Every optimiser: the state that it keeps in addition to its parameters, and the options that configure it. */
export const OPTIMISERS = {
  critics: {
    momentum: 'criticsMomentum',
    velocity: 'criticsVelocity',
    learningRate: 'criticLearningRate',
    beta1: 'beta1',
    weightDecay: 'criticWeightDecay',
  },
  actor: {
    momentum: 'actorMomentum',
    velocity: 'actorVelocity',
    learningRate: 'actorLearningRate',
    beta1: 'beta1',
    weightDecay: 'actorWeightDecay',
  },
  logAlpha: {
    momentum: 'logAlphaMomentum',
    velocity: 'logAlphaVelocity',
    learningRate: 'temperatureLearningRate',
    beta1: 'temperatureBeta1',
    weightDecay: undefined,
  },
} as const

export type Optimiser = keyof typeof OPTIMISERS

/** Columns of the input `schedule`: what changes from update to update by schedule, not at random. */
export const SCHEDULE = [
  'criticsStepSize',
  'criticsEpsilon',
  'criticsDecay',
  'actorStepSize',
  'actorEpsilon',
  'actorDecay',
  'logAlphaStepSize',
  'logAlphaEpsilon',
  'targetEntropy',
] as const

/** Slow copies by the networks that they follow. */
export const SLOW = { critics: 'targets', actor: 'slowActor' } as const

/** What is written before each update. */
export interface UpdateInputs {
  /** [B, observations]. */
  observation: Tensor
  /** [B, actions]; of discrete ones their numbers from 0, [B, 1]. */
  action: Tensor
  /** [B, 1]: of k steps, discounted. */
  reward: Tensor
  /** [B, observations]: after these steps. */
  nextObservation: Tensor
  /** [B, 1]: gamma^k (1 - terminated). */
  discount: Tensor
  /** [B, 1]: how much each row counts in the critics' loss, if rows are drawn by priority. */
  weight?: Tensor
  /** [B, 1]: 1 for rows from demonstrations, 0 for others, if the actor imitates those. */
  imitated?: Tensor
  /** [1, columns of `SCHEDULE`]. */
  schedule: Tensor
  /** xi, standard normal, for the actions at s and at s', [B, actions]. */
  noise?: Tensor
  nextNoise?: Tensor
  /** [1, critics]: 0 for those of which the target takes the smallest, a huge number for the others. */
  subset?: Tensor
  /** Factors of the critics' hidden units [B, units of all critics] in the passes on s, on s', and for the actor. */
  dropout?: Tensor
  nextDropout?: Tensor
  actorDropout?: Tensor
  /** [1, 2]: bounds of batch renorm's corrections. */
  criticsRenorm?: Tensor
  actorRenorm?: Tensor
  /** 1 for the parameters that decay, 0 for the others; written once. */
  criticsDecaying?: Tensor
  actorDecaying?: Tensor
  /** [1, observations]: of the step that acts. */
  actingObservation: Tensor
}

/** What lasts from update to update. */
export interface UpdateState {
  actor: Tensor
  actorMomentum: Tensor
  actorVelocity: Tensor
  /** All critics, one after the other. */
  critics: Tensor
  criticsMomentum: Tensor
  criticsVelocity: Tensor
  /** The slow copy of the critics. */
  targets?: Tensor
  slowActor?: Tensor
  /** The logarithm of the temperature. */
  logAlpha?: Tensor
  logAlphaMomentum?: Tensor
  logAlphaVelocity?: Tensor
  /** Running statistics of batch renorm. */
  actorStatistics?: Tensor
  criticsStatistics?: Tensor
}

type Config = SacOptions & { observationSize: number; actionSize: number }

/** The inputs of these options. */
export function inputsOf(config: Config, { actor }: Algorithm, networks: Networks): UpdateInputs {
  const { batchSize: B, observationSize: n, actionSize: m, critics, weightDecayOn } = config
  const { layouts, criticUnits } = networks
  const hasSubset = typeof config.targetCritics === 'number' && config.targetCritics < critics
  const units: Shape | undefined = config.dropout > 0 ? [B, criticUnits] : undefined
  const bounds: Shape | undefined = config.batchRenorm ? [1, 2] : undefined
  const decaying = (network: 'actor' | 'critics', decay: number) =>
    decay > 0 && weightDecayOn === 'kernels' ? flatShape(layouts[network]) : undefined
  return named<UpdateInputs>({
    observation: [B, n],
    action: [B, HEADS[actor.head].isChoice ? 1 : m],
    reward: [B, 1],
    nextObservation: [B, n],
    discount: [B, 1],
    weight: config.prioritizedReplay === 'none' ? undefined : [B, 1],
    imitated: config.cloningWeight > 0 ? [B, 1] : undefined,
    noise: actor.noisy.sample ? [B, m] : undefined,
    nextNoise: actor.noisy.nextSample ? [B, m] : undefined,
    schedule: [1, SCHEDULE.length],
    subset: hasSubset ? [1, critics] : undefined,
    dropout: units,
    nextDropout: units,
    actorDropout: units,
    criticsRenorm: bounds,
    actorRenorm: bounds,
    criticsDecaying: decaying('critics', config.criticWeightDecay),
    actorDecaying: decaying('actor', config.actorWeightDecay),
    actingObservation: [1, n],
  })
}

/** The state of these options. */
export function stateOf(config: Config, { actor }: Algorithm, networks: Networks): UpdateState {
  const { layouts, statistics } = networks
  const [P, Q] = [flatShape(layouts.actor), flatShape(layouts.critics)]
  const scalar: Shape | undefined = actor.entropy ? [1, 1] : undefined
  return named<UpdateState>({
    actor: P,
    actorMomentum: P,
    actorVelocity: P,
    critics: Q,
    criticsMomentum: Q,
    criticsVelocity: Q,
    targets: config.targetNetworks ? Q : undefined,
    slowActor: config.targetNetworks && actor.slowActor ? P : undefined,
    logAlpha: scalar,
    logAlphaMomentum: scalar,
    logAlphaVelocity: scalar,
    actorStatistics: config.batchRenorm ? flatShape(statistics.actor) : undefined,
    criticsStatistics: config.batchRenorm ? flatShape(statistics.critics) : undefined,
  })
}

/** Input tensors of these names, where there is a shape. */
function named<T>(shapes: Record<keyof T, Shape | undefined>): T
function named(shapes: Record<string, Shape | undefined>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(shapes).flatMap(([name, shape]) => (shape ? [[name, input(name, shape)]] : [])),
  )
}
