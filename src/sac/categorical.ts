/** Policies that choose one of n actions: exact expectations in place of samples (Christodoulou 2019, 1910.07207). */
import {
  add,
  concat,
  constant,
  exp,
  isAtMost,
  log,
  min,
  mul,
  neg,
  slice,
  stopGradient,
  sub,
  sum,
} from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import type { Sample } from './algorithm.ts'

/**
 * pi(a | s) of every action, the softmax of the logits, and their mean logarithm, minus the entropy: the sums over actions
 * of what a sample would give by chance.
 *
 * @param logits [B, n]
 */
export function categorical(logits: Tensor): Sample {
  // Any number may be taken off all logits; less the largest, no exponential overflows.
  const shifted = sub(logits, stopGradient(largestOfRows(logits)))
  const logProbs = sub(shifted, log(sum(exp(shifted), 1)))
  const probabilities = exp(logProbs)
  return { action: probabilities, logProb: expected(logProbs, probabilities) }
}

/** sum_a p(a) x(a), [B, 1]: what x [B, n] is on average. */
export const expected = (x: Tensor, probabilities: Tensor): Tensor => sum(mul(probabilities, x), 1)

/**
 * Actions that were taken, as probabilities [B, n]: 1 for each row's own, 0 for the others.
 * @param action their numbers, from 0 to n - 1, [B, 1]
 */
export function oneHot(action: Tensor, n: number): Tensor {
  const each = countTo(n)
  return mul(isAtMost(action, each), isAtMost(each, action))
}

/** [1, n]: 0, 1, ..., n - 1. */
function countTo(n: number): Tensor {
  let numbers = constant(0, [1, 1])
  for (let size = 1; size < n; size *= 2)
    numbers = concat([numbers, add(numbers, constant(size, numbers.shape))], 1)
  return slice(numbers, 1, 0, n)
}

/** [B, n] -> [B, 1]. Halves, which overlap where n is odd, are compared until there is one column. */
function largestOfRows(x: Tensor): Tensor {
  let smallest = neg(x)
  for (let n = x.shape[1]; n > 1; n = smallest.shape[1]) {
    const half = Math.ceil(n / 2)
    smallest = min(slice(smallest, 1, 0, half), slice(smallest, 1, n - half, n))
  }
  return neg(smallest)
}
