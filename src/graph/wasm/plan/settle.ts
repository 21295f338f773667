/** Places that users decide: what is concatenated or put out is computed where it belongs, or copied there. */
import { makeTensor, type Shape, sizeOf, type Tensor } from '../../tensor.ts'
import type { StepGraph } from './graph.ts'
import { type Copy, isContiguous, isOuterProduct, matrixAxis, matrixShape } from './kernels.ts'
import { type Place, placeAt, temporary } from './memory.ts'

export interface Settlement {
  readonly places: Map<Tensor, Place>
  /** Copies that make up a tensor: a concatenation, a padding, a reshape of rows with gaps. */
  readonly copies: ReadonlyMap<Tensor, readonly Copy[]>
  /** Copies into outputs, last of all. */
  readonly finalCopies: readonly Copy[]
}

export function settle(graph: StepGraph): Settlement {
  const places = new Map<Tensor, Place>()
  const copies = new Map<Tensor, Copy[]>()
  const finalCopies: Copy[] = []
  for (const { tensor, buffer } of graph.roots) {
    const to = placeAt(buffer, matrixShape(tensor.shape)[1])
    if (!settleAt(graph, places, tensor, to)) finalCopies.push({ source: tensor, to })
  }
  // Users come first, because the place of a concatenation decides that of its parts.
  for (const tensor of [...graph.order].reverse()) {
    if (tensor.operation === 'reshape' && !isContiguous(tensor.inputs[0])) {
      copies.set(tensor, [copyForReshape(places, tensor)])
    } else if (tensor.operation === 'concat' || tensor.operation === 'pad') {
      copies.set(tensor, settleParts(graph, places, tensor))
    }
  }
  return { places, copies, finalCopies }
}

/** Lets a tensor be computed at `place`; false if it lies elsewhere already. */
function settleAt(graph: StepGraph, places: Map<Tensor, Place>, tensor: Tensor, place: Place): boolean {
  const target = origin(tensor)
  const [rows, columns] = matrixShape(tensor.shape)
  const dense = rows === 1 || place.stride === columns
  if (places.has(target) || !(graph.isComputed(target) || target.operation === 'concat')) return false
  if (!dense && (target !== tensor || wantsDense(graph, target))) return false
  places.set(target, dense ? { ...place, stride: matrixShape(target.shape)[1] } : place)
  return true
}

const wantsDense = (graph: StepGraph, tensor: Tensor): boolean =>
  graph.usersOf(tensor).some(user => user.operation === 'reshape' || isOuterProduct(user))

/** The tensor whose memory a reshape shows. */
const origin = (tensor: Tensor): Tensor =>
  tensor.operation === 'reshape' ? origin(tensor.inputs[0]) : tensor

/** Rows with gaps between them have no other shape without being moved together. */
function copyForReshape(places: Map<Tensor, Place>, tensor: Tensor): Copy {
  const [source] = tensor.inputs
  const buffer = temporary(sizeOf(tensor.shape))
  places.set(tensor, placeAt(buffer, matrixShape(tensor.shape)[1]))
  return { source, to: placeAt(buffer, matrixShape(source.shape)[1]) }
}

/** Finds places for what is concatenated or padded; returns what has to be copied for it. */
function settleParts(graph: StepGraph, places: Map<Tensor, Place>, tensor: Tensor): Copy[] {
  const whole = places.get(tensor) ?? placeAt(temporary(sizeOf(tensor.shape)), matrixShape(tensor.shape)[1])
  places.set(tensor, whole)
  const { buffer, offset, stride } = whole
  const isPad = tensor.operation === 'pad'
  const alongColumns = matrixAxis(tensor, tensor.attributes.axis!) === 1
  const copies: Copy[] = isPad ? [{ source: zeros(tensor.shape), to: whole }] : []
  let position = isPad ? tensor.attributes.start! : 0
  for (const source of tensor.inputs) {
    const [rows, width] = matrixShape(source.shape)
    const to = { buffer, offset: offset + position * (alongColumns ? 1 : stride), stride }
    position += alongColumns ? width : rows
    if (isPad || !settleAt(graph, places, source, to)) copies.push({ source, to })
  }
  return copies
}

const zeros = (shape: Shape): Tensor => makeTensor('constant', [], shape, { value: 0 })
