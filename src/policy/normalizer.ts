import type { NamedTensors } from '../encoding/safetensors.ts'
import type { Vector } from '../env/env.ts'
import { parameterIn } from './parameter.ts'

/** Mean and variance of every element of an observation, in float64: a mean may far exceed the deviation. */
export interface Normalizer {
  /** Of each element. */
  readonly mean: Float64Array
  /** At least 0. */
  readonly variance: Float64Array
}

/** Keeps the division finite where an element never varied. */
export const NORMALIZER_EPSILON = 1e-8
/** Largest magnitude of a normalised element, in standard deviations: the networks have seen nothing beyond. */
export const NORMALIZER_CLIP = 10

/** What each element's distance from its mean is multiplied by: one over its standard deviation. */
export const normalizerScale = ({ variance }: Normalizer): Float64Array =>
  variance.map(value => 1 / Math.sqrt(value + NORMALIZER_EPSILON))

/** What rounding the means to float32 left over: a large mean may lie a whole deviation from the next float32. */
export const MEAN_REMAINDER = 'normalizer.meanRemainder'

/**
 * (observation - mean) / sqrt(variance + 1e-8), clipped to [-10, 10]. Rounded to float32 only at the end.
 *
 * @param observations as many numbers as the statistics have, or several such one after the other
 * @param out receives the result; may be `observations` itself
 * @returns `out`
 */
export function normalize(
  { mean, variance }: Normalizer,
  observations: Vector,
  out: Float32Array = new Float32Array(observations.length),
): Float32Array {
  const size = mean.length
  for (let i = 0; i < size; i++) {
    const deviation = Math.sqrt(variance[i] + NORMALIZER_EPSILON)
    for (let at = i; at < observations.length; at += size) {
      const deviations = (observations[at] - mean[i]) / deviation
      out[at] = Math.min(Math.max(deviations, -NORMALIZER_CLIP), NORMALIZER_CLIP)
    }
  }
  return out
}

/** Standard deviations, used instead of variances if one of these is beyond float32. */
export const DEVIATION = 'normalizer.deviation'

/** Variances as the parameter that `normalizerIn` reads, under the name that it has. */
export function varianceParameter(variance: ArrayLike<number>): NamedTensors {
  const shape = [variance.length]
  const data = Float32Array.from(variance)
  return data.every(Number.isFinite)
    ? { 'normalizer.variance': { shape, data } }
    : { [DEVIATION]: { shape, data: Float32Array.from(variance, Math.sqrt) } }
}

/** Means as the parameters that `normalizerIn` reads. */
export function meanParameters(mean: ArrayLike<number>): NamedTensors {
  const shape = [mean.length]
  const rounded = Float32Array.from(mean)
  const remainder = Float32Array.from(mean, (value, i) => value - rounded[i])
  return { 'normalizer.mean': { shape, data: rounded }, [MEAN_REMAINDER]: { shape, data: remainder } }
}

/**
 * The statistics among an agent's parameters: `normalizer.mean`, to which `normalizer.meanRemainder` is added if it is
 * there, and `normalizer.variance` or `normalizer.deviation`, each [observations].
 *
 * @returns undefined if there are none: observations then go to the networks as they are
 * @throws RangeError if only one is there, one has another shape or is not finite, or a variance is negative
 */
export function normalizerIn(parameters: NamedTensors, observationSize: number): Normalizer | undefined {
  const names = Object.keys(parameters).filter(name => name.startsWith('normalizer.'))
  if (names.length === 0) return undefined
  const numbers = (name: string) => parameterIn(parameters, name, [observationSize])
  const remainder = names.includes(MEAN_REMAINDER)
    ? numbers(MEAN_REMAINDER)
    : new Float32Array(observationSize)
  const mean = Float64Array.from(numbers('normalizer.mean'), (value, i) => value + remainder[i])
  if (names.includes(DEVIATION)) {
    return { mean, variance: Float64Array.from(numbers(DEVIATION), value => value ** 2) }
  }
  const variance = Float64Array.from(numbers('normalizer.variance'))
  const negative = variance.findIndex(value => value < 0)
  if (negative !== -1) {
    throw new RangeError(
      `Parameter normalizer.variance[${negative}] is ${variance[negative]}, not at least 0.`,
    )
  }
  return { mean, variance }
}
