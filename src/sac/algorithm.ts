/** What distinguishes the members of the family in an update: the actor's half, and the critics' half. */
import { add, concat, mul, scale, slice, sum, tanh } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { Head } from '../policy/head.ts'
import { categorical, expected, oneHot } from './categorical.ts'
import {
  average,
  distances,
  lowest,
  quantileErrors,
  smallest,
  smoothed,
  squaredErrors,
  weighted,
} from './losses.ts'
import type { SacOptions } from './options.ts'
import { squashedGaussian } from './squashed-gaussian.ts'

/**
 * Actions for a batch, [B, actions], and if the policy has a spread log pi of each, [B, 1]. Where actions are discrete, the
 * probability of every action, [B, actions], and the mean of log pi over them.
 */
export interface Sample {
  action: Tensor
  logProb?: Tensor
}

export interface ActorEquations {
  /** What the actor's output means. */
  head: Head
  /** Whether values include entropy, weighted by the temperature. */
  entropy: boolean
  /** Whether the target policy is the slow copy of the actor. */
  slowActor: boolean
  /** Which of `sample` and `nextSample` take noise. */
  noisy: { sample: boolean; nextSample: boolean }
  /** Actions at s, to improve the actor by. */
  sample(output: Tensor, xi?: Tensor): Sample
  /** Actions at s', for the target. */
  nextSample(output: Tensor, xi?: Tensor): Sample
  /** What the policy does without chance, in the form of a sample: of discrete actions the probability of each. */
  centre(output: Tensor): Tensor
  /** The batch's actions in the form of a sample. */
  taken(action: Tensor): Tensor
}

export interface Judgement {
  /** J(Q), one number. */
  loss: Tensor
  /** |Q - y| of each row, a mean over critics, [B, 1]. */
  errors: Tensor
}

export interface CriticEquations {
  /** Numbers that each critic gives: 1, or quantiles of the return; these for every action where actions are discrete. */
  atoms: number
  /**
   * V(s') without entropy, [B, 1] or [B, atoms of all]; `subset` [1, critics] is added where only some critics count.
   * @param action that of the sample which the critics have judged, as below
   */
  nextValue(q: readonly Tensor[], action: Tensor, subset?: Tensor): Tensor
  /** How far the critics are from the target; rows count by their weights `w` [B, 1], if there are any. */
  judge(q: readonly Tensor[], action: Tensor, y: Tensor, w?: Tensor): Judgement
  /** What the actor maximises, [B, 1]. */
  actorValue(q: readonly Tensor[], action: Tensor): Tensor
}

export interface Algorithm {
  actor: ActorEquations
  critics: CriticEquations
}

/** Soft Actor-Critic's policy: a squashed Gaussian that is rewarded for its entropy. */
export const gaussianActor: ActorEquations = {
  head: 'gaussian',
  entropy: true,
  slowActor: false,
  noisy: { sample: true, nextSample: true },
  sample: (output, xi) => squashedGaussian(output, xi!),
  nextSample: (output, xi) => squashedGaussian(output, xi!),
  centre: output => tanh(slice(output, 1, 0, output.shape[1] / 2)),
  taken: action => action,
}

/** The same with noise that depends on the state, of which the actor's output says no more than sigma. */
export const stateDependentActor: ActorEquations = { ...gaussianActor, head: 'stateDependent' }

/** The policy of members with entropy, as the options have it. */
export const softActor = ({
  stateDependentNoise,
}: Pick<SacOptions, 'stateDependentNoise'>): ActorEquations =>
  stateDependentNoise ? stateDependentActor : gaussianActor

/** Its form for `n` discrete actions: the probability of each. */
export const categoricalActor = (n: number): ActorEquations => ({
  head: 'categorical',
  entropy: true,
  slowActor: false,
  noisy: { sample: false, nextSample: false },
  sample: categorical,
  nextSample: categorical,
  centre: output => categorical(output).action,
  taken: action => oneHot(action, n),
})

/** The policy of DDPG and TD3: a = tanh(mu); a target policy of its own, which may be smoothed with noise. */
export function deterministicActor({
  targetNoise = 0,
  targetNoiseClip = 0,
}: Pick<SacOptions, 'targetNoise' | 'targetNoiseClip'>): ActorEquations {
  const sample = (output: Tensor) => ({ action: tanh(output) })
  const isSmoothed = targetNoise > 0
  return {
    head: 'deterministic',
    entropy: false,
    slowActor: true,
    noisy: { sample: false, nextSample: isSmoothed },
    sample,
    nextSample: isSmoothed
      ? (output, xi) => ({ action: smoothed(tanh(output), xi!, targetNoise, targetNoiseClip) })
      : sample,
    centre: tanh,
    taken: action => action,
  }
}

/** How the values of several critics become one. */
const COMBINED = { min: smallest, mean: average, first: (q: readonly Tensor[]) => q[0] }

/** Critics of the expected return. */
export const valueCritics = ({ actorValue = 'min' }: Pick<SacOptions, 'actorValue'>): CriticEquations => ({
  atoms: 1,
  nextValue: (q, _, subset) => smallest(subset ? q.map((qi, i) => add(qi, slice(subset, 1, i, i + 1))) : q),
  judge: (q, _, y, w) => ({ loss: squaredErrors(q, y, w), errors: distances(q, y) }),
  actorValue: COMBINED[actorValue],
})

/**
 * Critics that give Q of every action: expectations over the policy's actions are exact sums, of the values that several
 * critics combine to for each action.
 */
export function choiceCritics(options: Pick<SacOptions, 'actorValue'>): CriticEquations {
  const { atoms, nextValue, judge, actorValue } = valueCritics(options)
  return {
    atoms,
    nextValue: (q, pi, subset) => expected(nextValue(q, pi, subset), pi),
    judge: (q, taken, y, w) =>
      judge(
        q.map(qi => expected(qi, taken)),
        taken,
        y,
        w,
      ),
    actorValue: (q, pi) => expected(actorValue(q, pi), pi),
  }
}

/** Critics of the return's distribution: each gives quantiles of it. */
export const quantileCritics = ({
  critics,
  atoms = 25,
  droppedAtoms = 0,
}: Pick<SacOptions, 'critics' | 'atoms' | 'droppedAtoms'>): CriticEquations => {
  const kept = critics * (atoms - droppedAtoms)
  return {
    atoms,
    nextValue: z => concat(z, 1),
    judge(z, _, y, w) {
      // y rises with the atoms it is made of, so that its lowest numbers are those of the lowest atoms.
      const share = lowest(y, kept)
      const target = scale(sum(mul(share, y), 1), 1 / kept)
      const means = z.map(atomsOf => scale(sum(atomsOf, 1), 1 / atoms))
      return { loss: quantileErrors(z, y, kept, weighted(share, w)), errors: distances(means, target) }
    },
    actorValue: z => scale(sum(concat(z, 1), 1), 1 / (critics * atoms)),
  }
}
