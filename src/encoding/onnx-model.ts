/** The parts of an ONNX model as bytes (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that a policy needs. */
import { type Bytes, bytesField, concatBytes, floatField, integerField } from './protobuf.ts'

/** Oldest versions that have every operation used here: the widest range of readers. */
const IR_VERSION = 8
const OPSET_VERSION = 17

const FLOAT = 1
const INT64 = 7

/** Attributes of an operation: integers as they are, floats marked as such. */
export type NodeAttributes = Record<string, number | { float: number }>

/** One operation. */
export function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: NodeAttributes = {},
): Bytes {
  return concatBytes([
    ...inputs.map(name => bytesField(1, name)),
    ...outputs.map(name => bytesField(2, name)),
    bytesField(4, type),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, attribute(name, value))),
  ])
}

function attribute(name: string, value: NodeAttributes[string]): Bytes[] {
  const [FLOAT_KIND, INTEGER_KIND] = [1, 2]
  return typeof value === 'number'
    ? [bytesField(1, name), integerField(3, value), integerField(20, INTEGER_KIND)]
    : [bytesField(1, name), floatField(2, value.float), integerField(20, FLOAT_KIND)]
}

/** A constant stored in the model: float32, or int64 where shapes and indices are asked for. */
export function initializer(
  name: string,
  shape: readonly number[],
  values: Float32Array | BigInt64Array,
): Bytes {
  return concatBytes([
    ...shape.map(extent => integerField(1, extent)),
    integerField(2, values instanceof Float32Array ? FLOAT : INT64),
    bytesField(8, name),
    bytesField(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ])
}

/** Name, type and shape of a float32 input or output; a string names an extent that is free. */
export function valueInfo(name: string, shape: readonly (number | string)[]): Bytes {
  const dimension = (extent: number | string) =>
    bytesField(1, [typeof extent === 'number' ? integerField(1, extent) : bytesField(2, extent)])
  const tensorType = [integerField(1, FLOAT), bytesField(2, shape.map(dimension))]
  return concatBytes([bytesField(1, name), bytesField(2, [bytesField(1, tensorType)])])
}

export interface ModelParts {
  name: string
  nodes: readonly Bytes[]
  initializers: readonly Bytes[]
  inputs: readonly Bytes[]
  outputs: readonly Bytes[]
  /** Free text stored with the model, readable by every ONNX tool. */
  metadata?: Record<string, string>
}

/** A whole model file. */
export function model({ name, nodes, initializers, inputs, outputs, metadata = {} }: ModelParts): Bytes {
  const graph = [
    ...nodes.map(bytes => bytesField(1, bytes)),
    bytesField(2, name),
    ...initializers.map(bytes => bytesField(5, bytes)),
    ...inputs.map(bytes => bytesField(11, bytes)),
    ...outputs.map(bytes => bytesField(12, bytes)),
  ]
  return concatBytes([
    integerField(1, IR_VERSION),
    bytesField(2, 'soft-actor-critic'),
    bytesField(7, graph),
    bytesField(8, [integerField(2, OPSET_VERSION)]),
    ...Object.entries(metadata).map(([key, value]) =>
      bytesField(14, [bytesField(1, key), bytesField(2, value)]),
    ),
  ])
}
