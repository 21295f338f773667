import { exp, tanh } from '../portable-math.ts'

/** What an actor network is, whoever made its parameters. */
export interface ActorNetwork {
  observationSize: number
  actionSize: number
  hiddenSizes: readonly number[]
  activation: 'relu' | 'tanh'
}

/**
 * The actor in plain JavaScript, synchronous and without allocation: for acting, one observation at a time.
 *
 * @returns a function from flat parameters (for each layer the kernel [in, out], then the bias) and an observation
 *   to [2 actions] numbers, mu first, then log sigma unclamped; the array is reused by the next call
 */
export function actorForward({ observationSize, actionSize, hiddenSizes, activation }: ActorNetwork) {
  const sizes = [observationSize, ...hiddenSizes, 2 * actionSize]
  const layers = sizes.map(size => new Float64Array(size))

  return (parameters: Float32Array, observation: ArrayLike<number>): Float64Array => {
    for (let i = 0; i < observationSize; i++) layers[0][i] = observation[i]
    let offset = 0
    for (let layer = 1; layer < layers.length; layer++) {
      affine(parameters, offset, layers[layer - 1], layers[layer])
      offset += (layers[layer - 1].length + 1) * layers[layer].length
      if (layer < layers.length - 1) activate(layers[layer], activation)
    }
    return layers[layers.length - 1]
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

function activate(y: Float64Array, activation: 'relu' | 'tanh'): void {
  if (activation === 'relu') {
    for (let j = 0; j < y.length; j++) if (y[j] < 0) y[j] = 0
  } else {
    for (let j = 0; j < y.length; j++) y[j] = tanh(y[j])
  }
}

/** The deterministic action tanh(mu), or with `noise` [actions] the sample tanh(mu + sigma noise), into `out`. */
export function squash(
  muAndLogSigma: ArrayLike<number>,
  out: Float32Array,
  noise?: Float32Array,
): Float32Array {
  const actions = out.length
  for (let j = 0; j < actions; j++) {
    const sigma = noise
      ? exp(Math.min(Math.max(muAndLogSigma[actions + j], LOG_SIGMA_MIN), LOG_SIGMA_MAX))
      : 0
    out[j] = tanh(muAndLogSigma[j] + (noise ? sigma * noise[j] : 0))
  }
  return out
}

/** Range of log sigma: wide enough never to matter, narrow enough that sigma and 1 / sigma stay finite. */
export const LOG_SIGMA_MIN = -20
export const LOG_SIGMA_MAX = 2
