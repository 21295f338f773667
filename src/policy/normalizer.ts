import type { NamedTensors } from '../encoding/safetensors.ts'
import type { Vector } from '../env/env.ts'

/** Mean and variance of every element of an observation. */
export interface Normalizer {
  readonly mean: Float32Array
  /** At least 0. */
  readonly variance: Float32Array
}

/** Keeps the division finite where an element never varied. */
export const NORMALIZER_EPSILON = 1e-8
/** Largest magnitude of a normalised element, in standard deviations: the networks have seen nothing beyond. */
export const NORMALIZER_CLIP = 10

/** What each element's distance from its mean is multiplied by: one over its standard deviation. */
export const normalizerScale = ({ variance }: Normalizer): Float32Array =>
  variance.map(value => 1 / Math.sqrt(value + NORMALIZER_EPSILON))

/**
 * (observation - mean) / sqrt(variance + 1e-8), clipped to [-10, 10].
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

/**
 * The statistics among an agent's parameters, `normalizer.mean` and `normalizer.variance`, each [observations].
 *
 * @returns undefined if there are none: observations then go to the networks as they are
 * @throws RangeError if only one is there, one has another shape, or a variance is negative
 */
export function normalizerIn(parameters: NamedTensors, observationSize: number): Normalizer | undefined {
  const names = ['normalizer.mean', 'normalizer.variance']
  if (!names.some(name => Object.hasOwn(parameters, name))) return undefined
  const [mean, variance] = names.map(name => {
    const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (given?.shape.join() === String(observationSize)) return given.data
    const found = given ? `is [${given.shape}]` : 'is missing'
    throw new RangeError(`Parameter ${name} ${found}; this policy's is [${observationSize}].`)
  })
  const negative = variance.findIndex(value => !(value >= 0))
  if (negative !== -1) {
    throw new RangeError(
      `Parameter normalizer.variance[${negative}] is ${variance[negative]}, not at least 0.`,
    )
  }
  return { mean, variance }
}
