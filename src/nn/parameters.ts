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

/** The parameters as tensors, from the flat vector [size]. */
export function unflatten(flat: Tensor, { slots }: ParameterLayout): Tensor[] {
  return slots.map(({ shape, offset, size }) => reshape(slice(flat, 0, offset, offset + size), shape))
}

/** The reverse: tensors in the order of the layout as one flat vector. */
export function flatten(tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map(tensor => reshape(tensor, [sizeOf(tensor.shape)])),
    0,
  )
}
