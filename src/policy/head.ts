import { type Arithmetic, numbers } from '../arithmetic.ts'
import type { ActionSpace } from '../env/spaces.ts'

/**
 * Every kind of output that an actor may have: columns of its last layer for each number of an action, or for each discrete
 * action.
 */
export const HEADS = {
  /** mu and log sigma of a Gaussian, whose samples go through the tanh. */
  gaussian: { columns: 2, isSampled: true, isChoice: false, isStateDependent: false },
  /** mu alone, an action is its tanh: one for each observation. */
  deterministic: { columns: 1, isSampled: false, isChoice: false, isStateDependent: false },
  /** mu of a Gaussian of which log sigma follows from the last hidden features (`state-dependent.ts`). */
  stateDependent: { columns: 1, isSampled: true, isChoice: false, isStateDependent: true },
  /** Logits of discrete actions, whose probabilities are their softmax. */
  categorical: { columns: 1, isSampled: true, isChoice: true, isStateDependent: false },
} as const

/** What an actor's output means. */
export type Head = keyof typeof HEADS

/**
 * What the output of a policy means that acts in this space: by default the form that Soft Actor-Critic has.
 * @throws RangeError if the two do not fit
 */
export function headFor({ kind }: ActionSpace, given?: Head): Head {
  const isChoice = kind === 'discrete'
  const head = given ?? (isChoice ? 'categorical' : 'gaussian')
  if (HEADS[head].isChoice === isChoice) return head
  const fitting = isChoice ? 'discrete' : 'continuous'
  throw new RangeError(
    `The policy's head is ${head}, which does not give ${fitting} actions as the action space has them.`,
  )
}

/** Range of log sigma: wide enough never to matter, narrow enough that sigma and 1 / sigma stay finite. */
const LOG_SIGMA_MIN = -20
const LOG_SIGMA_MAX = 2

/** log sigma as it counts, from the actor's second column. */
export const logSigma = <T>({ clamp }: Arithmetic<T>, output: T): T =>
  clamp(output, LOG_SIGMA_MIN, LOG_SIGMA_MAX)

/** u = mu + sigma xi with standard normal xi; the sampled action is its tanh. */
export const gaussianSample = <T>({ add, mul, exp }: Arithmetic<T>, mu: T, logSigma: T, xi: T): T =>
  add(mu, mul(exp(logSigma), xi))

/** Index of the largest logit, the first of equal ones: the deterministic choice. */
export function likeliest(logits: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i
  return best
}

/**
 * The choice on which u falls, a number in [0, 1): the first whose probability, added to those before it, exceeds u.
 * A uniform u makes each as likely as the softmax of its logit.
 */
export function choiceAt(logits: ArrayLike<number>, u: number): number {
  const largest = logits[likeliest(logits)]
  const weight = (i: number) => numbers.exp(logits[i] - largest)
  let total = 0
  for (let i = 0; i < logits.length; i++) total += weight(i)
  let rest = u * total
  for (let i = 0; i < logits.length; i++) {
    rest -= weight(i)
    if (rest < 0) return i
  }
  // Where rounding left a little of the whole.
  return logits.length - 1
}
