/** Normalisation of hidden layers: over the units of a row (layer norm), or over the rows of a batch (batch renorm). */
import {
  add,
  clamp,
  constant,
  div,
  min,
  mul,
  neg,
  scale,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
} from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'

const meanOver = (x: Tensor, axis: 0 | 1): Tensor => scale(sum(x, axis), 1 / x.shape[axis])

/** Mean and variance (over the population) along an axis, which stays with extent 1. */
export function moments(x: Tensor, axis: 0 | 1): { mean: Tensor; variance: Tensor } {
  const mean = meanOver(x, axis)
  return { mean, variance: meanOver(square(sub(x, mean)), axis) }
}

/** (x - mean) / sqrt(variance + epsilon), mean and variance over the units of each row (Ba et al. 2016). */
export function standardizeRows(x: Tensor, epsilon: number): Tensor {
  const { mean, variance } = moments(x, 1)
  return div(sub(x, mean), sqrt(add(variance, constant(epsilon))))
}

/** Batch renormalisation (Ioffe 2017, 1702.03275) as CrossQ uses it. */
export interface BatchRenorm {
  /** Keeps the division finite where a unit does not vary. */
  epsilon: number
  /** Share of the running statistics that stays at each update. */
  momentum: number
  /** `paper`: (x - mean) / sigma r + d. `folded`: r and d inside mean and variance, and epsilon added after. */
  form: 'paper' | 'folded'
}

/** Mean and variance of every unit, each [1, units]. */
export interface Statistics {
  mean: Tensor
  variance: Tensor
}

/** Normalises by given statistics, as in acting and evaluation. */
export const standardizeBy = (x: Tensor, { mean, variance }: Statistics, epsilon: number): Tensor =>
  div(sub(x, mean), sqrt(add(variance, constant(epsilon))))

/** x kept within [low, high], bounds that are tensors. */
const within = (x: Tensor, low: Tensor, high: Tensor): Tensor => neg(min(neg(min(x, high)), neg(low)))

/** Where the variance is zero, the derivative of its root is taken as zero: such a unit does not vary. */
const SMALLEST_VARIANCE = 1e-30

/**
 * Normalises a batch by its own statistics, corrected towards the running ones by r and d, through which no gradient
 * flows. Bounds of r = 1 and d = 0 make it plain batch normalisation.
 *
 * @param bounds [1, 2]: the largest r, and the largest |d|
 * @returns the normalised batch, and the running statistics after it
 */
export function renormalize(
  x: Tensor,
  running: Statistics,
  bounds: Tensor,
  { epsilon, momentum, form }: BatchRenorm,
): { normalized: Tensor; running: Statistics } {
  const batch = moments(x, 0)
  const [sigma, runningSigma] = [batch, running].map(({ variance }) => sqrt(add(variance, constant(epsilon))))
  const [largestR, largestD] = [slice(bounds, 1, 0, 1), slice(bounds, 1, 1, 2)]
  const r = stopGradient(within(div(sigma, runningSigma), div(constant(1), largestR), largestR))
  const d = stopGradient(within(div(sub(batch.mean, running.mean), runningSigma), neg(largestD), largestD))
  const moved = (before: Tensor, now: Tensor) => add(scale(before, momentum), scale(now, 1 - momentum))
  return {
    normalized: form === 'paper' ? paperForm() : foldedForm(),
    running: {
      mean: moved(running.mean, batch.mean),
      variance: moved(running.variance, batch.variance),
    },
  }

  function paperForm(): Tensor {
    return add(mul(div(sub(x, batch.mean), sigma), r), d)
  }

  function foldedForm(): Tensor {
    const deviation = sqrt(clamp(batch.variance, SMALLEST_VARIANCE, Infinity))
    const mean = sub(batch.mean, div(mul(d, deviation), r))
    return standardizeBy(x, { mean, variance: div(batch.variance, square(r)) }, epsilon)
  }
}
