import type { Arithmetic } from '../arithmetic.ts'
import { initializer, type NodeAttributes, node } from '../encoding/onnx-model.ts'
import type { Bytes } from '../encoding/protobuf.ts'
import type { ActorLayer } from './layers.ts'

/** Collects the nodes and constants of an ONNX model. Values are the names of tensors. */
export interface OnnxWriter {
  readonly nodes: Bytes[]
  readonly constants: Bytes[]
  /** Adds a node and gives the name of its output. */
  apply(
    type: string,
    inputs: readonly string[],
    options?: { output?: string; attributes?: NodeAttributes },
  ): string
  constant(name: string, shape: readonly number[], data: Float32Array | BigInt64Array): string
  vector(name: string, data: ArrayLike<number>): string
  affine(x: string, layer: ActorLayer, name: string): string
  readonly arithmetic: Arithmetic<string>
}

export function createOnnxWriter(): OnnxWriter {
  const constants: Bytes[] = []
  const nodes: Bytes[] = []
  const apply: OnnxWriter['apply'] = (type, inputs, { output = `value${nodes.length}`, attributes } = {}) => {
    nodes.push(node(type, inputs, [output], attributes))
    return output
  }
  const constant: OnnxWriter['constant'] = (name, shape, data) => {
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
  return {
    nodes,
    constants,
    apply,
    constant,
    vector,
    affine: (x, { inputs, outputs, kernel, bias }, name) =>
      apply('Gemm', [x, constant(`kernel${name}`, [inputs, outputs], kernel), vector(`bias${name}`, bias)]),
    arithmetic: {
      add: (a, b) => apply('Add', [a, b]),
      mul: (a, b) => apply('Mul', [a, b]),
      exp: x => apply('Exp', [x]),
      tanh: x => apply('Tanh', [x]),
      relu: x => apply('Relu', [x]),
      clamp: (x, low, high) => apply('Clip', [x, scalar(low), scalar(high)]),
    },
  }
}
