import type { Arithmetic } from '../arithmetic.ts'
import { initializer, model, node, valueInfo } from '../encoding/onnx-model.ts'
import type { Bytes } from '../encoding/protobuf.ts'
import { centreAndHalfWidth } from '../env/action-scaling.ts'
import { gaussianSample, HEADS, logSigma } from './head.ts'
import { type ActorLayer, sliceOutputs } from './layers.ts'
import { NORMALIZER_CLIP, normalizerScale } from './normalizer.ts'
import { type PolicySource, policyParts } from './policy.ts'
import { policyMetadata } from './policy-file.ts'

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
 * takes standard normal `noise` [batch, actions] and gives `sampled_action` [batch, actions]. It is a model of its
 * own, because ONNX has inputs with a default, but onnxruntime-web does not support them.
 *
 * @returns the model file's bytes
 * @throws RangeError if parameters are missing, do not fit together or are not finite, and for a deterministic policy
 *   that is to be stochastic
 */
export function policyToOnnx(policy: PolicySource, { stochastic = false }: OnnxOptions = {}): Bytes {
  const [observationSize, actionSize] = [policy.observationSpace.size, policy.actionSpace.size]
  const { activation, head = 'gaussian' } = policy.network
  if (stochastic && !HEADS[head].isSampled) {
    throw new RangeError('The policy is deterministic: it has no stochastic form.')
  }
  const { layers, normalizer } = policyParts(policy)

  const constants: Bytes[] = []
  const nodes: Bytes[] = []
  const constant = (name: string, shape: readonly number[], data: Float32Array) => {
    constants.push(initializer(name, shape, data))
    return name
  }
  const vector = (name: string, data: ArrayLike<number>) =>
    constant(name, [data.length], Float32Array.from(data))
  const scalars = new Map<number, string>()
  const scalar = (value: number) => {
    if (!scalars.has(value)) scalars.set(value, constant(`scalar ${value}`, [], Float32Array.of(value)))
    return scalars.get(value)!
  }
  /** Adds a node and gives the name of its output. */
  const apply = (type: string, inputs: readonly string[], output = `value${nodes.length}`) => {
    nodes.push(node(type, inputs, [output]))
    return output
  }
  const arithmetic: Arithmetic<string> = {
    add: (a, b) => apply('Add', [a, b]),
    mul: (a, b) => apply('Mul', [a, b]),
    exp: x => apply('Exp', [x]),
    tanh: x => apply('Tanh', [x]),
    relu: x => apply('Relu', [x]),
    clamp: (x, low, high) => apply('Clip', [x, scalar(low), scalar(high)]),
  }
  const affine = (x: string, { inputs, outputs, kernel, bias }: ActorLayer, name: string) =>
    apply('Gemm', [x, constant(`kernel${name}`, [inputs, outputs], kernel), vector(`bias${name}`, bias)])

  let x = 'observation'
  if (normalizer) {
    x = apply('Sub', [x, vector('observationMean', normalizer.mean)])
    x = arithmetic.mul(x, vector('observationScale', normalizerScale(normalizer)))
  }
  const limit = normalizer ? NORMALIZER_CLIP : largestInput(layers)
  x = arithmetic.clamp(x, -limit, limit)
  for (const [i, layer] of layers.slice(0, -1).entries()) {
    x = arithmetic[activation](affine(x, layer, String(i)))
  }
  const output = layers[layers.length - 1]
  const mu = affine(x, sliceOutputs(output, 0, actionSize), 'Mu')

  const { centre, halfWidth } = centreAndHalfWidth(policy.actionSpace)
  const [c, h] = [vector('centre', centre), vector('halfWidth', halfWidth)]
  const [low, high] = [vector('low', policy.actionSpace.low), vector('high', policy.actionSpace.high)]
  const squashAndRescale = (u: string, action: string) => {
    const rescaled = arithmetic.add(arithmetic.mul(arithmetic.tanh(u), h), c)
    // Rounding may have gone past a bound.
    apply('Min', [apply('Max', [rescaled, low]), high], action)
  }
  squashAndRescale(mu, 'action')
  if (stochastic) {
    const second = affine(x, sliceOutputs(output, actionSize, 2 * actionSize), 'LogSigma')
    squashAndRescale(gaussianSample(arithmetic, mu, logSigma(arithmetic, second), 'noise'), 'sampled_action')
  }

  const actions = (...names: string[]) => names.map(name => valueInfo(name, ['batch', actionSize]))
  return model({
    name: 'policy',
    nodes,
    initializers: constants,
    inputs: [valueInfo('observation', ['batch', observationSize]), ...(stochastic ? actions('noise') : [])],
    outputs: actions('action', ...(stochastic ? ['sampled_action'] : [])),
    metadata: policyMetadata(policy),
  })
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
