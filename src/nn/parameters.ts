import { concat, reshape, slice } from '../graph/operations.ts'
import { type Shape, sizeOf, type Tensor } from '../graph/tensor.ts'
import type { Random } from '../random.ts'

/** A named parameter before it has a place. */
export interface Parameter {
  readonly name: string
  readonly shape: Shape
  /** Where it starts: uniform within 1/sqrt(fanIn) of zero, as PyTorch's linear layers do, or at one number. */
  readonly start: { readonly fanIn: number } | { readonly value: number }
  /** Whether it is the kernel of a layer: weight decay may apply to kernels alone. */
  readonly kernel?: boolean
}

/** Where one named parameter lies in a flat vector. */
export interface ParameterSlot extends Parameter {
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
export function layoutOf(parameters: readonly Parameter[]): ParameterLayout {
  let size = 0
  const slots = parameters.map(parameter => {
    const slot = { ...parameter, offset: size, size: sizeOf(parameter.shape) }
    size += slot.size
    return slot
  })
  return { slots, size }
}

/** Gives the parameters in a flat vector their first values. */
export function initialize(flat: Float32Array, { slots }: ParameterLayout, random: Random): void {
  for (const { start, offset, size } of slots) {
    const values = flat.subarray(offset, offset + size)
    if ('value' in start) values.fill(start.value)
    else random.fillUniform(values, -1 / Math.sqrt(start.fanIn), 1 / Math.sqrt(start.fanIn))
  }
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
