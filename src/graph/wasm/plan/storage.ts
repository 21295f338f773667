/** Which values are kept in memory, and where a kernel finds what it reads. */
import { sizeOf, type Tensor } from '../../tensor.ts'
import { cheap, isSum, isView, type StepGraph, storageOf } from './graph.ts'
import { isOuterProduct, type Kernel, matrixAxis, matrixShape } from './kernels.ts'
import { type Place, type ProgramBuffers, placeAt, temporary } from './memory.ts'

/** What a kernel takes in: the operands of a product, or of all that a loop computes and copies. */
export const readBy = (graph: StepGraph, kernel: Kernel): readonly Tensor[] =>
  kernel.kind === 'product'
    ? graph.sourcesOf(kernel.result)
    : [...kernel.copies.map(copy => copy.source), ...[...kernel.members].flatMap(member => member.inputs)]

/** Finds a place for every value that some kernel cannot compute as it goes. */
export function placeStored(graph: StepGraph, kernels: readonly Kernel[], places: Map<Tensor, Place>): void {
  const place = (tensor: Tensor): void => {
    if (places.has(tensor)) return
    places.set(tensor, placeAt(temporary(sizeOf(tensor.shape)), matrixShape(tensor.shape)[1]))
  }
  const inMemory = (tensor: Tensor): boolean =>
    tensor.operation === 'constant' ||
    (isView(tensor) ? inMemory(tensor.inputs[0]) : !graph.isLoopMember(tensor))
  /** Cheap to compute from what is in memory anyway: rather than stored, it is computed wherever it is needed. */
  const isRepeated = (tensor: Tensor) =>
    graph.isLoopMember(tensor) && cheap.has(tensor.operation) && tensor.inputs.every(inMemory)
  const isComputedHere = (tensor: Tensor, kernel: Kernel): boolean =>
    kernel.kind === 'loop' &&
    (kernel.members.has(tensor) || isRepeated(tensor) || tensor.operation === 'constant')

  for (const kernel of kernels) {
    for (const source of readFromMemory(graph, kernel)) {
      if (graph.isComputed(storageOf(source))) place(storageOf(source))
    }
    for (const source of readBy(graph, kernel)) {
      const stored = storageOf(source)
      if (!graph.isComputed(stored) || (stored === source && isComputedHere(stored, kernel))) continue
      place(stored)
    }
  }
  for (const tensor of graph.order) if (isSum(tensor) && graph.isLoopMember(tensor)) place(tensor)
}

/** What always has to be in memory: operands of products, outer ones included. */
const readFromMemory = (graph: StepGraph, kernel: Kernel): readonly Tensor[] =>
  kernel.kind === 'product'
    ? graph.sourcesOf(kernel.result)
    : [...kernel.members].filter(isOuterProduct).flatMap(product => product.inputs)

/** Where a tensor's values are: in a place of its own, in the program's fixed memory, or as a view of another's. */
export function placeOf(
  tensor: Tensor,
  places: ReadonlyMap<Tensor, Place>,
  fixed: ProgramBuffers,
): Place | undefined {
  const { operation, attributes, inputs } = tensor
  if (operation === 'input') {
    const name = attributes.name!
    return placeAt(fixed.inputs[name] ?? fixed.present[name], matrixShape(tensor.shape)[1])
  }
  if (operation === 'slice') {
    const source = placeOf(inputs[0], places, fixed)
    const alongColumns = matrixAxis(tensor, attributes.axis!) === 1
    const step = alongColumns ? 1 : (source?.stride ?? 0)
    return source && { ...source, offset: source.offset + attributes.start! * step }
  }
  if (operation === 'reshape' && !places.has(tensor)) {
    const source = placeOf(inputs[0], places, fixed)
    return source && { ...source, stride: matrixShape(tensor.shape)[1] }
  }
  return places.get(tensor)
}
