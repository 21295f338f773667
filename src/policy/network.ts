import { type Activation, numbers } from '../arithmetic.ts'
import { gaussianSample, HEADS, type Head, logSigma } from './head.ts'
import { MEAN_LIMIT, writeLogSigma } from './state-dependent.ts'

/** How an actor network is built, no matter what made its parameters. */
export interface ActorNetwork {
  /** Numbers in an observation. */
  observationSize: number
  /** Numbers in an action, or of how many actions the policy takes one. */
  actionSize: number
  /** Units of each hidden layer. */
  hiddenSizes: readonly number[]
  /** Non-linearity of the hidden layers. */
  activation: Activation
  /** What the output means; by default a Gaussian, or logits if actions are discrete. */
  head?: Head
  /** What batch renorm adds to its running variances, if the actor has it; 1e-3 by default. */
  batchRenormEpsilon?: number
}

export const BATCH_RENORM_EPSILON = 1e-3

/** Outputs of an actor's last layer. */
export const outputSize = ({
  actionSize,
  head = 'gaussian',
}: Pick<ActorNetwork, 'actionSize' | 'head'>): number => HEADS[head].columns * actionSize

/**
 * The actor in plain JavaScript, synchronous and without allocation: for acting, one observation at a time.
 *
 * @returns a function from flat parameters (for each layer the kernel [in, out], then the bias; at the end variances of
 *   state-dependent noise) and an observation to its output, mu first, then log sigma unclamped if there is one and the
 *   features that state-dependent noise is made of, or logits; the array is reused by the next call
 */
export function actorForward(network: ActorNetwork) {
  const { observationSize, hiddenSizes, actionSize, head = 'gaussian' } = network
  const activation = numbers[network.activation]
  const sizes = [observationSize, ...hiddenSizes, outputSize(network)]
  const layers = sizes.map(size => new Float64Array(size))
  const [features, mean] = layers.slice(-2)
  const { isStateDependent } = HEADS[head]
  const output = isStateDependent ? new Float64Array(2 * actionSize + features.length) : mean

  return (parameters: Float32Array, observation: ArrayLike<number>): Float64Array => {
    for (let i = 0; i < observationSize; i++) layers[0][i] = observation[i]
    let offset = 0
    for (let layer = 1; layer < layers.length; layer++) {
      affine(parameters, offset, layers[layer - 1], layers[layer])
      offset += (layers[layer - 1].length + 1) * layers[layer].length
      if (layer < layers.length - 1) {
        const y = layers[layer]
        for (let j = 0; j < y.length; j++) y[j] = activation(y[j])
      }
    }
    if (isStateDependent) {
      for (let j = 0; j < actionSize; j++) output[j] = numbers.clamp(mean[j], -MEAN_LIMIT, MEAN_LIMIT)
      writeLogSigma(features, parameters, offset, output.subarray(actionSize, 2 * actionSize))
      output.set(features, 2 * actionSize)
    }
    return output
  }
}

/** y = x kernel + bias. Rows of the kernel whose input is zero, half of them behind a ReLU, are not even read. */
function affine(parameters: Float32Array, offset: number, x: Float64Array, y: Float64Array): void {
  const outputs = y.length
  const bias = offset + x.length * outputs
  for (let j = 0; j < outputs; j++) y[j] = parameters[bias + j]
  let i = 0
  const nextNonZero = () => {
    while (i < x.length && x[i] === 0) i++
    return i++
  }
  // Four rows at a time, so that y is loaded and stored once for four products.
  for (;;) {
    const a = nextNonZero()
    const b = nextNonZero()
    const c = nextNonZero()
    const d = nextNonZero()
    if (d >= x.length) {
      for (const rest of [a, b, c]) {
        if (rest >= x.length) return
        for (let j = 0, k = offset + rest * outputs; j < outputs; j++) y[j] += x[rest] * parameters[k + j]
      }
      return
    }
    const [xa, xb, xc, xd] = [x[a], x[b], x[c], x[d]]
    const ka = offset + a * outputs
    const kb = offset + b * outputs
    const kc = offset + c * outputs
    const kd = offset + d * outputs
    for (let j = 0; j < outputs; j++) {
      y[j] +=
        xa * parameters[ka + j] +
        xb * parameters[kb + j] +
        (xc * parameters[kc + j] + xd * parameters[kd + j])
    }
  }
}

/** The deterministic action tanh(mu), or with `noise` [actions] the sample tanh(mu + sigma noise), into `out`. */
export function squash(output: ArrayLike<number>, out: Float32Array, noise?: Float32Array): Float32Array {
  const actions = out.length
  for (let j = 0; j < actions; j++) {
    const u = noise
      ? gaussianSample(numbers, output[j], logSigma(numbers, output[actions + j]), noise[j])
      : output[j]
    out[j] = numbers.tanh(u)
  }
  return out
}
