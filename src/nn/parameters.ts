import { concat, reshape, slice } from '../graph/operations.ts'
import { type Shape, sizeOf, type Tensor } from '../graph/tensor.ts'

/** Where one named parameter stands in a flat vector. */
export interface ParameterSlot {
  readonly name: string
  readonly shape: Shape
  /** Index of its first element. */
  readonly offset: number
  readonly size: number
}

/** All parameters of one optimiser, one after another in one flat vector: whole-vector arithmetic is cheap. */
export interface ParameterLayout {
  readonly slots: readonly ParameterSlot[]
  /** Length of the flat vector. */
  readonly size: number
}

/** Lays parameters out in the given order. */
export function layoutOf(parameters: readonly (readonly [name: string, shape: Shape])[]): ParameterLayout {
  let size = 0
  const slots = parameters.map(([name, shape]) => {
    const slot = { name, shape, offset: size, size: sizeOf(shape) }
    size += slot.size
    return slot
  })
  return { slots, size }
}

/** Shape of the flat vector in a graph: one row, so that a bias, a row itself, needs no reshaping. */
export const flatShape = ({ size }: ParameterLayout): Shape => [1, size]

/** The parameters as tensors, from the flat vector [1, size]. */
export function unflatten(flat: Tensor, { slots }: ParameterLayout): Tensor[] {
  return slots.map(({ shape, offset, size }) => reshape(slice(flat, 1, offset, offset + size), shape))
}

/** The reverse: tensors in the order of the layout as one flat vector [1, size]. */
export function flatten(tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map(tensor => reshape(tensor, [1, sizeOf(tensor.shape)])),
    1,
  )
}
