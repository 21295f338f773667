import type { Activation, Arithmetic } from '../arithmetic.ts'
import { boundsOf } from '../env/action-space.ts'
import { packageVersion } from '../version.ts'
import { gaussianSample, HEADS, type Head, logSigma } from './head.ts'
import { flattenLayers } from './layers.ts'
import { NORMALIZER_CLIP, normalizerScale } from './normalizer.ts'
import { type PolicySource, policyParts } from './policy.ts'
import { LEAST_VARIANCE, MEAN_LIMIT } from './state-dependent.ts'

/**
 * A policy as the text of one ES module that imports nothing: weights and code in one file, for pages, games and edge
 * functions. Its types are `policyModuleTypes`.
 *
 * The module exports `act(observation)`, the deterministic action as a Float32Array, both in the environment's units;
 * with standard normal numbers as `act(observation, noise)` it samples, or with one uniform number in [0, 1) if actions
 * are discrete. It throws a RangeError for an observation of another length, or with an element that is no number or not
 * finite. `policy` says what the module was made for.
 *
 * @throws RangeError if parameters are missing, do not fit together or are not finite
 * @example
 * await writeFile('policy.js', policyToModule(agent))
 */
export function policyToModule(policy: PolicySource): string {
  const { environment, observationSpace, actionSpace, network } = policy
  const [observationSize, actionSize] = [observationSpace.size, actionSpace.size]
  const { head, layers, variances, normalizer } = policyParts(policy)
  const { low: actionLow, high: actionHigh } = boundsOf(actionSpace)
  const about = { environment, observationSize, actionSize, actionLow, actionHigh, version: packageVersion }
  return moduleText({
    about,
    sizes: [observationSize, ...layers.map(({ outputs }) => outputs)],
    activation: network.activation,
    head,
    normalizer: normalizer && { mean: [...normalizer.mean], scale: [...normalizerScale(normalizer)] },
    weights: base64(flattenLayers(layers, variances)),
  })
}

interface ModuleParts {
  about: { environment?: string; observationSize: number; actionSize: number }
  /** Widths of observation, hidden layers and output. */
  sizes: readonly number[]
  activation: Activation
  head: Head
  normalizer?: { mean: readonly number[]; scale: readonly number[] }
  weights: string
}

/** Arithmetic as the text of expressions. */
const text: Arithmetic<string> = {
  add: (a, b) => `(${a} + ${b})`,
  mul: (a, b) => `${a} * ${b}`,
  exp: x => `Math.exp(${x})`,
  tanh: x => `Math.tanh(${x})`,
  relu: x => `(${x} < 0 ? 0 : ${x})`,
  clamp: (x, low, high) => `Math.min(Math.max(${x}, ${low}), ${high})`,
}

/** What to do with noise before it is used. */
const noiseText = (head: Head): string =>
  HEADS[head].isSampled
    ? `requireVector('noise', noise, ${HEADS[head].isChoice ? 1 : 'policy.actionSize'})`
    : "throw new RangeError('the policy is deterministic: it takes no noise')"

const noiseInWords = (head: Head): string =>
  HEADS[head].isChoice
    ? 'one uniform number in [0, 1) as noise'
    : 'standard normal numbers as noise (one per action)'

/** What an action is the tanh of without noise. */
const meanText = (head: Head): string =>
  HEADS[head].isStateDependent ? text.clamp('x[i]', -MEAN_LIMIT, MEAN_LIMIT) : 'x[i]'

/** What an action is the tanh of, where there is noise. */
const sampleText = (head: Head): string => {
  const second = HEADS[head].isStateDependent ? 'logSigmaOf(i)' : 'x[action.length + i]'
  return HEADS[head].isSampled
    ? gaussianSample(text, meanText(head), logSigma(text, second), 'noise[i]')
    : 'x[i]'
}

/** Noise that depends on the features of the last hidden layer. */
const spreadText = `
/** Half the logarithm of the variance of noise in action i. */
function logSigmaOf(i) {
  const features = layers[layers.length - 2].y
  let variance = ${LEAST_VARIANCE}
  for (let h = 0; h < features.length; h++) variance += features[h] ** 2 * noiseVariances[h * policy.actionSize + i]
  return Math.log(variance) / 2
}
`

/** From the output of a policy of real numbers to the action. */
const squashedText = (head: Head) => `\
  const action = new Float32Array(policy.actionSize)
  for (let i = 0; i < action.length; i++) {
    const u = noise === undefined ? ${meanText(head)} : ${sampleText(head)}
    action[i] = rescale(Math.fround(Math.tanh(u)), policy.actionLow[i], policy.actionHigh[i])
  }
  return action
}

/** From [-1, 1] to the bounds: -1 and 1 to them exactly, and nothing past them by rounding. */
function rescale(unit, low, high) {
  if (Number.isNaN(unit)) throw new RangeError('the observation is so large that the network overflows')
  if (unit === 1) return high
  if (unit === -1) return low
  return Math.min(Math.max((high + low) / 2 + ((high - low) / 2) * unit, low), high)
}`

/** From logits to the action. */
const choiceText = `\
  if (!x.every(Number.isFinite)) throw new RangeError('the observation is so large that the network overflows')
  let rest = noise === undefined ? likeliest(x) : choiceAt(x, noise[0])
  const action = new Float32Array(policy.actionSize)
  for (let i = action.length - 1; i >= 0; i--) {
    const choices = policy.actionHigh[i] - policy.actionLow[i] + 1
    action[i] = policy.actionLow[i] + (rest % choices)
    rest = Math.floor(rest / choices)
  }
  return action
}

/** The first of the largest logits. */
function likeliest(logits) {
  return logits.indexOf(Math.max(...logits))
}

/** The first action whose probability, added to those before it, exceeds u. */
function choiceAt(logits, u) {
  if (!(u >= 0 && u < 1)) throw new RangeError(\`noise[0] is \${u}, not in [0, 1)\`)
  const largest = Math.max(...logits)
  const weights = Array.from(logits, logit => Math.exp(logit - largest))
  let rest = u * weights.reduce((total, weight) => total + weight, 0)
  for (let i = 0; i < weights.length; i++) {
    rest -= weights[i]
    if (rest < 0) return i
  }
  return weights.length - 1
}`

const moduleText = ({ about, sizes, activation, head, normalizer, weights }: ModuleParts) => `\
/** A policy trained by soft-actor-critic, complete in this one file: const action = act(observation) */

/** What the policy was made for. */
export const policy = ${JSON.stringify(about)}

/**
 * The action for an observation, both in the environment's units: the same one each time, or with ${noiseInWords(head)}
 * a sample. Throws a RangeError for wrong lengths and numbers that are not finite.
 */
export function act(observation, noise) {
  requireVector('observation', observation, policy.observationSize)
  if (noise !== undefined) ${noiseText(head)}
  let x = input
  for (let i = 0; i < x.length; i++) x[i] = ${normalizer ? 'normalize(observation[i], i)' : 'observation[i]'}
  for (const layer of layers) {
    affine(x, layer)
    x = layer.y
    if (layer !== layers[layers.length - 1]) activate(x)
  }
${HEADS[head].isChoice ? choiceText : squashedText(head)}
${HEADS[head].isStateDependent ? spreadText : ''}
function requireVector(what, vector, size) {
  if (vector?.length !== size) throw new RangeError(\`the \${what} has \${vector?.length ?? 'no'} elements, not \${size}\`)
  for (let i = 0; i < size; i++) {
    const value = vector[i]
    const isNumber = typeof value === 'number'
    if (isNumber && Number.isFinite(Math.fround(value))) continue
    const fault = isNumber ? 'not finite' : \`of type \${typeof value}, not a number\`
    throw new RangeError(\`\${what}[\${i}] is \${String(value)}, \${fault}\`)
  }
}
${normalizer ? normalizeText(normalizer) : ''}
/** y = x kernel + bias: eight rows of the kernel at a time, and none whose input is zero, as behind a ReLU half are. */
function affine(x, { kernel, bias, y, values, rows }) {
  const size = y.length
  let count = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i] === 0) continue
    values[count] = x[i]
    rows[count++] = i * size
  }
  while (count % 8 > 0) values[count++] = 0
  for (let j = 0; j < size; j++) y[j] = bias[j]
  for (let i = 0; i < count; i += 8) {
    const a = values[i], b = values[i + 1], c = values[i + 2], d = values[i + 3]
    const e = values[i + 4], f = values[i + 5], g = values[i + 6], h = values[i + 7]
    const k = rows[i], l = rows[i + 1], m = rows[i + 2], n = rows[i + 3]
    const o = rows[i + 4], p = rows[i + 5], q = rows[i + 6], r = rows[i + 7]
    for (let j = 0; j < size; j++) {
      y[j] +=
        a * kernel[k + j] + b * kernel[l + j] + c * kernel[m + j] + d * kernel[n + j] +
        (e * kernel[o + j] + f * kernel[p + j] + g * kernel[q + j] + h * kernel[r + j])
    }
  }
}

function activate(y) {
  for (let j = 0; j < y.length; j++) y[j] = ${text[activation]('y[j]')}
}

/** float32 numbers from their base64. */
function readNumbers(text) {
  const binary = atob(text)
  const view = new DataView(new ArrayBuffer(binary.length))
  for (let i = 0; i < binary.length; i++) view.setUint8(i, binary.charCodeAt(i))
  return Float32Array.from({ length: binary.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}

/** Layers with the given widths, from the numbers of each: its kernel, row by row, and its bias. */
function readLayers(sizes, numbers) {
  let offset = 0
  const read = size => numbers.slice(offset, (offset += size))
  return sizes.slice(1).map((outputs, i) => ({
    kernel: read(sizes[i] * outputs),
    bias: read(outputs),
    y: new Float64Array(outputs),
    values: new Float64Array(sizes[i] + 7),
    rows: new Int32Array(sizes[i] + 7),
  }))
}

const input = new Float64Array(policy.observationSize)
const numbers = readNumbers('${weights}')
const layers = readLayers(${JSON.stringify(sizes)}, numbers)
${HEADS[head].isStateDependent ? `const noiseVariances = numbers.slice(-${sizes.at(-1)} * layers[layers.length - 2].y.length)\n` : ''}`

const normalizeText = ({ mean, scale }: { mean: readonly number[]; scale: readonly number[] }) => `
const mean = ${JSON.stringify(mean)}
const scale = ${JSON.stringify(scale)}
const normalize = (value, i) => Math.min(Math.max((value - mean[i]) * scale[i], -${NORMALIZER_CLIP}), ${NORMALIZER_CLIP})
`

/** TypeScript's declarations of a module that `policyToModule` made, for a file next to it. */
export const policyModuleTypes = `\
/** What the policy was made for. */
export declare const policy: {
  readonly environment?: string
  readonly observationSize: number
  readonly actionSize: number
  readonly actionLow: readonly number[]
  readonly actionHigh: readonly number[]
  /** Of soft-actor-critic. */
  readonly version: string
}

/**
 * The action for an observation, both in the environment's units: the same one each time, or with noise a sample. Noise is
 * one standard normal number per action, or one uniform number in [0, 1) in all if actions are discrete. Throws a
 * RangeError for wrong lengths and numbers that are not finite.
 */
export declare function act(observation: ArrayLike<number>, noise?: ArrayLike<number>): Float32Array
`

/** Little-endian on every machine. */
function base64(values: Float32Array): string {
  const view = new DataView(new ArrayBuffer(4 * values.length))
  for (let i = 0; i < values.length; i++) view.setFloat32(4 * i, values[i], true)
  let text = ''
  for (let i = 0; i < view.byteLength; i++) text += String.fromCharCode(view.getUint8(i))
  return btoa(text)
}
