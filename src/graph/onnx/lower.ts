import type { Bytes } from '../../encoding/protobuf.ts'
import { schedule } from '../schedule.ts'
import { type Shape, sizeOf, type Tensor } from '../tensor.ts'
import { initializer, model, type NodeAttributes, node, valueInfo } from './model.ts'

/** One ONNX node, its output still without a name: operator, inputs, attributes. */
type Node = [type: string, inputs: readonly string[], attributes?: NodeAttributes]

/** What a lowering may ask for in addition to its own last node. */
interface Writer {
  /** Adds a node and gives the name of its output. */
  emit(...node: Node): string
  /** Name of a constant tensor holding one float everywhere. */
  floats(value: number, shape: Shape): string
  /** Name of a constant tensor of indices or extents. */
  integers(values: readonly number[]): string
}

/** Gives the node that computes a tensor, from the names of its inputs. */
type Lowering = (w: Writer, inputs: readonly string[], tensor: Tensor) => Node

const plain =
  (type: string): Lowering =>
  (_, inputs) => [type, inputs]

const FLOAT_TYPE = 1
const LARGEST_FLOAT = 3.4028234663852886e38

/** How each operation is written. Missing here: `input` and `constant`, which need no node, and `slice`. */
const lowerings: Record<string, Lowering> = {
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  min: plain('Min'),
  neg: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  tanh: plain('Tanh'),
  relu: plain('Relu'),
  sigmoid: plain('Sigmoid'),
  softplus: plain('Softplus'),
  square: (_, [x]) => ['Mul', [x, x]],
  // max(0, min(1, alpha x)) with the largest alpha is 1 for every positive x that is not denormal: one pass, where
  // Greater and Cast are two.
  isPositive: (_, [x]) => ['HardSigmoid', [x], { alpha: { float: LARGEST_FLOAT }, beta: { float: 0 } }],
  isAtMost: (w, inputs) => ['Cast', [w.emit('LessOrEqual', inputs)], { to: FLOAT_TYPE }],
  clamp: (w, [x], { attributes: { low, high } }) => ['Clip', [x, w.floats(low!, []), w.floats(high!, [])]],
  matmul: (_, inputs, { attributes: { transposeA, transposeB } }) => [
    'Gemm',
    inputs,
    { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 },
  ],
  sum(w, [x], { inputs: [{ shape }], attributes: { axis } }) {
    if (axis === undefined) return ['ReduceSum', [x], { keepdims: 0 }]
    // A product with ones is several times faster than ReduceSum over the first axis.
    if (axis === 0 && shape.length === 2) return ['Gemm', [w.floats(1, [1, shape[0]]), x]]
    return ['ReduceSum', [x, w.integers([axis])], { keepdims: 1 }]
  },
  full: (w, [x], { shape }) => ['Expand', [x, w.integers(shape)]],
  reshape: (w, [x], { shape }) => ['Reshape', [x, w.integers(shape)]],
  concat: (_, inputs, { attributes: { axis } }) => ['Concat', inputs, { axis: axis! }],
  pad(w, [x], { shape, attributes: { axis, start, end } }) {
    const along = (count: number) => shape.map((_, i) => (i === axis ? count : 0))
    return ['Pad', [x, w.integers([...along(start!), ...along(end!)])]]
  },
}

/** An input or output of a lowered model: contiguous elements of a tensor of the graph, often all of them. */
export interface ModelView {
  /** Its name in the model. */
  name: string
  /** Name of the graph's `input` tensor, or of its output. */
  source: string
  /** First element within the source. */
  offset: number
  shape: Shape
}

export interface LoweredGraph {
  model: Bytes
  inputs: ModelView[]
  outputs: ModelView[]
}

/**
 * Writes a graph's named outputs as one ONNX model.
 *
 * Contiguous parts of `input` tensors, such as one layer's kernel in a flat vector of parameters, become inputs of
 * the model: the caller feeds another view of the same memory, where Split and Reshape would copy and cost time.
 * In the same way, an output that only joins tensors, such as a flat gradient, becomes an output for
 * each of them.
 */
export function lowerToOnnx(name: string, outputs: Record<string, Tensor>): LoweredGraph {
  const modelOutputs = outputParts(outputs)
  const { tensors, find } = schedule(modelOutputs.map(({ tensor }) => tensor))
  const nodes: Bytes[] = []
  const inputs = new Map<string, ModelView>()
  const constants = new Map<string, Bytes>()
  const names = new Map<number, string>()
  for (const { name, tensor } of modelOutputs) names.set(find(tensor).id, name)

  const constant = (key: string, shape: Shape, values: Float32Array | BigInt64Array): string => {
    if (!constants.has(key)) constants.set(key, initializer(key, shape, values))
    return key
  }
  let helpers = 0
  const writer: Writer = {
    emit(type, operands, attributes) {
      const output = `h${helpers++}`
      nodes.push(node(type, operands, [output], attributes))
      return output
    },
    floats: (value, shape) =>
      constant(`${value}[${shape}]`, shape, new Float32Array(sizeOf(shape)).fill(value)),
    integers: values => constant(`(${values})`, [values.length], BigInt64Array.from(values, BigInt)),
  }
  const nameOf = (tensor: Tensor): string => {
    const view = inputView(tensor)
    if (view) {
      inputs.set(view.name, view)
      return view.name
    }
    if (tensor.operation === 'constant') return writer.floats(tensor.attributes.value!, tensor.shape)
    // The node that computes an output has the output's name: an Identity node would be one more copy.
    if (!names.has(tensor.id)) names.set(tensor.id, `t${tensor.id - tensors[0].id}`)
    return names.get(tensor.id)!
  }

  const written = new Set<Tensor>()
  for (const tensor of tensors) {
    if (tensor.operation === 'constant' || inputView(tensor) || written.has(tensor)) continue
    const operands = tensor.inputs.map(nameOf)
    if (tensor.operation === 'slice') {
      const siblings = slicesThatTile(tensor, tensors) ?? [tensor]
      nodes.push(sliceNode(writer, operands[0], siblings, siblings.map(nameOf)))
      for (const sibling of siblings) written.add(sibling)
    } else {
      const [type, nodeInputs, attributes] = lowerings[tensor.operation](writer, operands, tensor)
      nodes.push(node(type, nodeInputs, [nameOf(tensor)], attributes))
    }
  }

  for (const { name, tensor } of modelOutputs) {
    const computed = nameOf(find(tensor))
    if (computed !== name) nodes.push(node('Identity', [computed], [name]))
  }
  const modelInputs = [...inputs.values()]
  const bytes = model({
    name,
    nodes,
    initializers: [...constants.values()],
    inputs: modelInputs.map(view => valueInfo(view.name, view.shape)),
    outputs: modelOutputs.map(view => valueInfo(view.name, view.shape)),
  })
  return { model: bytes, inputs: modelInputs, outputs: modelOutputs }
}

/** Outputs as views of memory: one where the tensor lies as a whole, or one for each tensor that it joins. */
function outputParts(outputs: Record<string, Tensor>): (ModelView & { tensor: Tensor })[] {
  return Object.entries(outputs).flatMap(([source, output]) => {
    const { operation, inputs, shape, attributes } = output
    const joins = operation === 'concat' && sizeOf(shape.slice(0, attributes.axis)) === 1
    let offset = 0
    return (joins ? inputs : [output]).map((part, index) => {
      const tensor = part.operation === 'reshape' ? part.inputs[0] : part
      const view = {
        name: joins ? `${source}/${index}` : source,
        source,
        offset,
        shape: tensor.shape,
        tensor,
      }
      offset += sizeOf(tensor.shape)
      return view
    })
  })
}

/** What a tensor is of an `input`, if it is nothing but contiguous elements of it under some shape. */
function inputView(tensor: Tensor): ModelView | undefined {
  const { operation, shape, attributes } = tensor
  if (operation === 'input') return { name: attributes.name!, source: attributes.name!, offset: 0, shape }
  if (operation !== 'reshape' && operation !== 'slice') return undefined
  const [x] = tensor.inputs
  const whole = inputView(x)
  if (!whole) return undefined
  let { offset } = whole
  if (operation === 'slice') {
    const { axis, start } = attributes
    if (sizeOf(shape.slice(0, axis)) !== 1) return undefined
    offset += start! * sizeOf(shape.slice(axis! + 1))
  }
  return { name: `${whole.source}+${offset}[${shape}]`, source: whole.source, offset, shape }
}

/** All slices of the same tensor along the same axis, in order, if together they are exactly that tensor. */
function slicesThatTile(
  { inputs: [source], attributes: { axis } }: Tensor,
  tensors: Tensor[],
): Tensor[] | undefined {
  const slices = tensors
    .filter(t => t.operation === 'slice' && t.inputs[0] === source && t.attributes.axis === axis)
    .sort((a, b) => a.attributes.start! - b.attributes.start!)
  let position = 0
  for (const { attributes } of slices) {
    if (attributes.start !== position) return undefined
    position = attributes.end!
  }
  return position === source.shape[axis!] ? slices : undefined
}

/** One Split for slices that tile their source, a Slice for a single one. */
function sliceNode(w: Writer, source: string, slices: Tensor[], outputs: string[]): Bytes {
  const { axis, start, end } = slices[0].attributes
  if (slices.length > 1) {
    return node('Split', [source, w.integers(slices.map(t => t.shape[axis!]))], outputs, { axis: axis! })
  }
  return node('Slice', [source, w.integers([start!]), w.integers([end!]), w.integers([axis!])], outputs)
}
