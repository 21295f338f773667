import type { Bytes } from '../encoding/protobuf.ts'
import type { NamedTensors } from '../encoding/safetensors.ts'
import type { Spaces } from '../env/spaces.ts'
import { initializer, model, node, valueInfo } from '../graph/onnx/model.ts'
import type { PolicyNetwork } from './policy.ts'

/** What a policy is made of; an agent has all of it. */
export interface PolicySource extends Spaces {
  readonly network: PolicyNetwork
  /** At least the actor's parameters, by name. */
  parameters(): NamedTensors
}

/**
 * The deterministic policy as an ONNX model that any ONNX reader runs.
 *
 * Input `observation` [batch, observations] and output `action` [batch, actions] are both in the environment's
 * units: rescaling to the action bounds is inside. The batch may have any size.
 *
 * @returns the model file's bytes
 */
export function policyToOnnx(policy: PolicySource): Bytes {
  const { low, high, size: actionSize } = policy.actionSpace
  const { activation, hiddenSizes } = policy.network
  const parameters = policy.parameters()
  const constants: Bytes[] = []
  const constant = (name: string, shape: readonly number[], data: Float32Array) => {
    constants.push(initializer(name, shape, data))
    return name
  }
  const nodes: Bytes[] = []
  let x = 'observation'
  const apply = (type: string, inputs: readonly string[], output: string) => {
    nodes.push(node(type, [x, ...inputs], [output]))
    x = output
  }

  const outputLayer = hiddenSizes.length
  for (let layer = 0; layer <= outputLayer; layer++) {
    const kernel = parameters[`actor.kernel${layer}`]
    const bias = parameters[`actor.bias${layer}`]
    const [rows, columns] = kernel.shape
    // Of the output layer only mu is needed: the first half of the columns.
    const kept = layer === outputLayer ? actionSize : columns
    const data = new Float32Array(rows * kept)
    for (let i = 0; i < rows; i++) data.set(kernel.data.subarray(i * columns, i * columns + kept), i * kept)
    const weights = [
      constant(`kernel${layer}`, [rows, kept], data),
      constant(`bias${layer}`, [kept], bias.data.slice(0, kept)),
    ]
    apply('Gemm', weights, layer === outputLayer ? 'mu' : `sum${layer}`)
    if (layer < outputLayer) apply(activation === 'relu' ? 'Relu' : 'Tanh', [], `hidden${layer}`)
  }
  const centre = low.map((_, i) => (high[i] + low[i]) / 2)
  const halfWidth = low.map((_, i) => (high[i] - low[i]) / 2)
  apply('Tanh', [], 'unitAction')
  apply('Mul', [constant('halfWidth', [actionSize], halfWidth)], 'scaledAction')
  apply('Add', [constant('centre', [actionSize], centre)], 'action')

  return model({
    name: 'policy',
    nodes,
    initializers: constants,
    inputs: [valueInfo('observation', ['batch', policy.observationSpace.size])],
    outputs: [valueInfo('action', ['batch', actionSize])],
    metadata: { actionLow: low.join(' '), actionHigh: high.join(' ') },
  })
}
