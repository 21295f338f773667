/**
 * Generalised state-dependent exploration (Raffin et al. 2020, 2005.05719): the noise of an action is linear in the last
 * hidden features phi(s), u = mu(s) + phi(s) E, with a matrix E [features, actions] whose elements have learned deviations.
 * For one E drawn for each action that is a Gaussian whose sigma_j^2 is sum_h phi_h^2 sigma_hj^2.
 */
import type { NamedTensors } from '../encoding/safetensors.ts'
import { exp, log } from '../portable-math.ts'
import { HEADS, type Head } from './head.ts'
import { parameterIn } from './parameter.ts'

/** The parameter that is the logarithm of the deviations, [features, actions]. */
export const LOG_STD = 'actor.logStd'

/** mu is kept within [-2, 2], beyond which the tanh hardly changes, so that noise keeps its effect on actions. */
export const MEAN_LIMIT = 2

/** Added to sigma^2, so that a state without features has a density. */
export const LEAST_VARIANCE = 1e-6

/** What determines the parameter's shape. */
interface Sizes {
  hiddenSizes: readonly number[]
  actionSize: number
  head?: Head
}

/**
 * Variances of the noise matrix [features, actions], row-major; undefined for a policy of another head.
 * @throws RangeError if the parameter is missing, has another shape or is not finite
 */
export function noiseVariances(
  parameters: NamedTensors,
  { hiddenSizes, actionSize, head = 'gaussian' }: Sizes,
): Float32Array | undefined {
  if (!HEADS[head].isStateDependent) return undefined
  const logStd = parameterIn(parameters, LOG_STD, [hiddenSizes[hiddenSizes.length - 1], actionSize])
  return logStd.map(value => exp(2 * value))
}

/**
 * Writes log sigma of each action to `out`.
 * @param variances as `noiseVariances` gives them, at `from` of an array
 */
export function writeLogSigma(
  features: ArrayLike<number>,
  variances: ArrayLike<number>,
  from: number,
  out: Float64Array,
): void {
  const actions = out.length
  out.fill(LEAST_VARIANCE)
  for (let h = 0; h < features.length; h++) {
    const square = features[h] ** 2
    for (let j = 0; j < actions; j++) out[j] += square * variances[from + h * actions + j]
  }
  for (let j = 0; j < actions; j++) out[j] = log(out[j]) / 2
}
