import type { Bytes } from '../encoding/protobuf.ts'
import { centreAndHalfWidth } from '../env/action-scaling.ts'
import { initializer, model, node, valueInfo } from '../graph/onnx/model.ts'
import { type ActorLayer, sliceOutputs } from './layers.ts'
import { LOG_SIGMA_MAX, LOG_SIGMA_MIN } from './network.ts'
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
 * own, for ONNX has inputs with a default, but onnxruntime-web does not take them.
 *
 * @returns the model file's bytes
 * @throws RangeError if parameters are missing, do not fit together or are not finite
 */
export function policyToOnnx(policy: PolicySource, { stochastic = false }: OnnxOptions = {}): Bytes {
  const [observationSize, actionSize] = [policy.observationSpace.size, policy.actionSpace.size]
  const { layers, normalizer } = policyParts(policy)

  const constants: Bytes[] = []
  const nodes: Bytes[] = []
  const constant = (name: string, shape: readonly number[], data: Float32Array) => {
    constants.push(initializer(name, shape, data))
    return name
  }
  const vector = (name: string, data: ArrayLike<number>) =>
    constant(name, [data.length], Float32Array.from(data))
  const scalar = (name: string, value: number) => constant(name, [], Float32Array.of(value))
  const apply = (type: string, inputs: readonly string[], output: string) => {
    nodes.push(node(type, inputs, [output]))
    return output
  }
  const affine = (x: string, { inputs, outputs, kernel, bias }: ActorLayer, name: string, output: string) => {
    const weights = [constant(`kernel${name}`, [inputs, outputs], kernel), vector(`bias${name}`, bias)]
    return apply('Gemm', [x, ...weights], output)
  }

  let x = 'observation'
  if (normalizer) {
    x = apply('Sub', [x, vector('observationMean', normalizer.mean)], 'centredObservation')
    x = apply('Mul', [x, vector('observationScale', normalizerScale(normalizer))], 'scaledObservation')
  }
  const limit = normalizer ? NORMALIZER_CLIP : largestInput(layers)
  x = apply('Clip', [x, scalar('inputLow', -limit), scalar('inputHigh', limit)], 'input')
  for (const [i, layer] of layers.slice(0, -1).entries()) {
    x = affine(x, layer, String(i), `sum${i}`)
    x = apply(policy.network.activation === 'relu' ? 'Relu' : 'Tanh', [x], `hidden${i}`)
  }
  const output = layers[layers.length - 1]
  const mu = affine(x, sliceOutputs(output, 0, actionSize), 'Mu', 'mu')

  const { centre, halfWidth } = centreAndHalfWidth(policy.actionSpace)
  const [c, h] = [vector('centre', centre), vector('halfWidth', halfWidth)]
  const [low, high] = [vector('low', policy.actionSpace.low), vector('high', policy.actionSpace.high)]
  const squashAndRescale = (unbounded: string, action: string) => {
    const unit = apply('Tanh', [unbounded], `${action}_unit`)
    const rescaled = apply('Add', [apply('Mul', [unit, h], `${action}_scaled`), c], `${action}_rescaled`)
    // Rounding may have led past a bound.
    apply('Min', [apply('Max', [rescaled, low], `${action}_above`), high], action)
  }
  squashAndRescale(mu, 'action')
  if (stochastic) {
    const [low, high] = [scalar('logSigmaLow', LOG_SIGMA_MIN), scalar('logSigmaHigh', LOG_SIGMA_MAX)]
    const unclamped = affine(x, sliceOutputs(output, actionSize, 2 * actionSize), 'LogSigma', 'logSigma')
    const sigma = apply('Exp', [apply('Clip', [unclamped, low, high], 'clampedLogSigma')], 'sigma')
    const sample = apply('Add', [mu, apply('Mul', [sigma, 'noise'], 'deviation')], 'sample')
    squashAndRescale(sample, 'sampled_action')
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
