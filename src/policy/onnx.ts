import { model, valueInfo } from '../encoding/onnx-model.ts'
import { centreAndHalfWidth } from '../env/action-scaling.ts'
import { actionAt, type Discrete } from '../env/discrete.ts'
import type { Box } from '../env/spaces.ts'
import { gaussianSample, HEADS, headFor, logSigma } from './head.ts'
import { type ActorLayer, sliceOutputs } from './layers.ts'
import { NORMALIZER_CLIP, normalizerScale } from './normalizer.ts'
import { createOnnxWriter, type OnnxWriter } from './onnx-writer.ts'
import { type PolicySource, policyParts } from './policy.ts'
import { policyMetadata } from './policy-file.ts'
import { LEAST_VARIANCE, MEAN_LIMIT } from './state-dependent.ts'

/** What `policyToOnnx` takes. */
export interface OnnxOptions {
  /** Adds the input `noise` and the output `sampled_action`. Default false. */
  stochastic?: boolean
}

/**
 * A policy as an ONNX model that any ONNX reader runs.
 *
 * Input `observation` [batch, observations] and output `action` [batch, actions] are both in the environment's units:
 * normalisation and rescaling to the action bounds are inside. The batch may have any size. A stochastic model also
 * takes standard normal `noise` [batch, actions], or one uniform number in [0, 1) [batch, 1] if actions are discrete, and
 * gives `sampled_action` [batch, actions]. It is a model of its own, because ONNX has inputs with a default, but
 * onnxruntime-web does not support them.
 *
 * @returns the model file's bytes
 * @throws RangeError if parameters are missing, do not fit together or are not finite, and for a deterministic policy
 *   that is to be stochastic
 * @example
 * await writeFile('policy.onnx', policyToOnnx(agent))
 */
export function policyToOnnx(policy: PolicySource, { stochastic = false }: OnnxOptions = {}): Uint8Array {
  const { observationSpace, actionSpace, network } = policy
  if (stochastic && !HEADS[headFor(actionSpace, network.head)].isSampled) {
    throw new RangeError('The policy is deterministic: it has no stochastic form.')
  }
  const { layers, variances, normalizer } = policyParts(policy)
  const writer = createOnnxWriter()
  const { apply, vector, affine, arithmetic } = writer

  let x = 'observation'
  if (normalizer) {
    x = apply('Sub', [x, vector('observationMean', normalizer.mean)])
    x = arithmetic.mul(x, vector('observationScale', normalizerScale(normalizer)))
  }
  const limit = normalizer ? NORMALIZER_CLIP : largestInput(layers)
  x = arithmetic.clamp(x, -limit, limit)
  for (const [i, layer] of layers.slice(0, -1).entries()) {
    x = arithmetic[network.activation](affine(x, layer, String(i)))
  }
  const output = layers[layers.length - 1]
  if (actionSpace.kind === 'discrete') writeChoice(writer, x, output, actionSpace, stochastic)
  else writeSquashed(writer, x, output, variances, actionSpace, stochastic)

  const actions = (...names: string[]) => names.map(name => valueInfo(name, ['batch', actionSpace.size]))
  const noise = valueInfo('noise', ['batch', actionSpace.kind === 'discrete' ? 1 : actionSpace.size])
  return model({
    name: 'policy',
    nodes: writer.nodes,
    initializers: writer.constants,
    inputs: [valueInfo('observation', ['batch', observationSpace.size]), ...(stochastic ? [noise] : [])],
    outputs: actions('action', ...(stochastic ? ['sampled_action'] : [])),
    metadata: policyMetadata(policy),
  })
}

/** Writes `action`, and with noise `sampled_action`, of real numbers within bounds. */
function writeSquashed(
  { apply, vector, constant, affine, arithmetic }: OnnxWriter,
  x: string,
  output: ActorLayer,
  variances: Float32Array | undefined,
  space: Box,
  stochastic: boolean,
): void {
  const { size } = space
  const mean = affine(x, sliceOutputs(output, 0, size), 'Mu')
  const mu = variances ? arithmetic.clamp(mean, -MEAN_LIMIT, MEAN_LIMIT) : mean
  const { centre, halfWidth } = centreAndHalfWidth(space)
  const [c, h] = [vector('centre', centre), vector('halfWidth', halfWidth)]
  const [low, high] = [vector('low', space.low), vector('high', space.high)]
  const squashAndRescale = (u: string, action: string) => {
    const rescaled = arithmetic.add(arithmetic.mul(arithmetic.tanh(u), h), c)
    // Rounding may have gone past a bound.
    apply('Min', [apply('Max', [rescaled, low]), high], { output: action })
  }
  squashAndRescale(mu, 'action')
  if (!stochastic) return
  const second = variances ? spread(variances) : affine(x, sliceOutputs(output, size, 2 * size), 'LogSigma')
  squashAndRescale(gaussianSample(arithmetic, mu, logSigma(arithmetic, second), 'noise'), 'sampled_action')

  /** log sigma of noise that depends on the features x. */
  function spread(values: Float32Array): string {
    const matrix = constant('noiseVariances', [output.inputs, size], values)
    const variance = apply('MatMul', [arithmetic.mul(x, x), matrix])
    const logVariance = apply('Log', [arithmetic.add(variance, vector('leastVariance', [LEAST_VARIANCE]))])
    return arithmetic.mul(logVariance, vector('half', [0.5]))
  }
}

/** The same of discrete actions, which stand in a table, a row each. */
function writeChoice(
  { apply, vector, constant, affine, arithmetic }: OnnxWriter,
  x: string,
  output: ActorLayer,
  space: Discrete,
  stochastic: boolean,
): void {
  const logits = affine(x, output, 'Logits')
  const rows = Array.from({ length: space.n }, (_, i) => [
    ...actionAt(space, i, new Float32Array(space.size)),
  ])
  const table = constant('actions', [space.n, space.size], Float32Array.from(rows.flat()))
  const firstLargest = (values: string) => apply('ArgMax', [values], { attributes: { axis: 1, keepdims: 0 } })
  const rowOf = (index: string, action: string) => apply('Gather', [table, index], { output: action })
  rowOf(firstLargest(logits), 'action')
  if (!stochastic) return
  const axis = constant('axis', [], BigInt64Array.of(1n))
  const cumulative = apply('CumSum', [apply('Softmax', [logits]), axis])
  // The last one always counts, because rounding may leave the whole sum a little short of 1.
  const last = vector(
    'last',
    Float32Array.from({ length: space.n }, (_, i) => Number(i === space.n - 1)),
  )
  const exceeds = apply('Less', ['noise', arithmetic.add(cumulative, last)])
  const FLOAT = 1
  rowOf(firstLargest(apply('Cast', [exceeds], { attributes: { to: FLOAT } })), 'sampled_action')
}

/**
 * The largest magnitude of an input with which no sum in the network can overflow float32, to infinities of both signs
 * whose sum is NaN: a model cannot throw. Every layer multiplies magnitudes at most by the sum of an output's weights.
 */
function largestInput(layers: readonly ActorLayer[]): number {
  const growth = layers.map(({ inputs, outputs, kernel }) => {
    const sums = new Float64Array(outputs)
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < outputs; j++) sums[j] += Math.abs(kernel[i * outputs + j])
    }
    return sums.reduce((largest, sum) => Math.max(largest, sum), 1)
  })
  return growth.reduce((limit, factor) => limit / factor, 1e38)
}
