/** Gathers the operations of a step in kernels: products, and as few loops as data dependencies allow. */
import type { Tensor } from '../../tensor.ts'
import { isSum, type StepGraph } from './graph.ts'
import {
  type Copy,
  isOuterProduct,
  type Kernel,
  type LoopKernel,
  matrixShape,
  sumsAcrossRows,
} from './kernels.ts'
import type { Settlement } from './settle.ts'

/**
 * From this many elements on, a loop has no sums across rows, or nothing else, so that threads can share it.
 * It is the same for any number of threads, because the order of a sum may depend on what else its loop does.
 */
export const LARGE_LOOP = 16_384

/** Kernels in an order in which they can run. */
export function gatherKernels(graph: StepGraph, { copies, finalCopies }: Settlement): Kernel[] {
  const kernels: Kernel[] = []
  /** After which kernel a tensor can be read from memory. */
  const readyAfter = new Map<Tensor, number>()
  const ready = (tensor: Tensor): number => readyAfter.get(tensor) ?? -1

  const canJoin = (tensor: Tensor, loop: LoopKernel, index: number): boolean => {
    const [rows, columns] = loopShape(tensor)
    if (loop.rows !== rows || loop.columns !== columns) return false
    if (rows * columns >= LARGE_LOOP) {
      const serial = [...loop.members].some(sumsAcrossRows)
      if (serial || sumsAcrossRows(tensor)) return false
    }
    return tensor.inputs.every(
      x => (loop.members.has(x) && !isSum(x) && !isOuterProduct(tensor)) || ready(x) < index,
    )
  }
  const newLoop = (tensor: Tensor): [LoopKernel, number] => {
    const [rows, columns] = loopShape(tensor)
    const loop: LoopKernel = { kind: 'loop', rows, columns, members: new Set(), copies: [] }
    return [loop, kernels.push(loop) - 1]
  }
  const loopFor = (tensor: Tensor): [LoopKernel, number] => {
    for (let index = kernels.length - 1; index >= 0; index--) {
      const kernel = kernels[index]
      if (kernel.kind === 'loop' && canJoin(tensor, kernel, index)) return [kernel, index]
    }
    return newLoop(tensor)
  }
  const addCopy = (copy: Copy): number => {
    const [rows, columns] = matrixShape(copy.source.shape)
    return kernels.push({ kind: 'loop', rows, columns, members: new Set(), copies: [copy] }) - 1
  }

  for (const tensor of graph.order) {
    const product = graph.products.get(tensor)
    if (product) {
      readyAfter.set(tensor, kernels.push(product) - 1)
    } else if (graph.isLoopMember(tensor)) {
      const [loop, index] = loopFor(tensor)
      loop.members.add(tensor)
      readyAfter.set(tensor, index)
    } else {
      const copied = (copies.get(tensor) ?? []).map(addCopy)
      readyAfter.set(tensor, Math.max(-1, ...tensor.inputs.map(ready), ...copied))
    }
  }
  finalCopies.forEach(addCopy)
  return kernels
}

/** The size of the loop that computes a tensor: a sum takes one over what it sums up. */
const loopShape = (tensor: Tensor) => matrixShape(isSum(tensor) ? tensor.inputs[0].shape : tensor.shape)
