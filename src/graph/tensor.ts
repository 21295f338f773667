/** Extent of each axis; `[]` is a scalar. */
export type Shape = readonly number[]

/** Parameters of an operation that are known when the graph is built. */
export interface Attributes {
  /** `input`: its name in the program. */
  name?: string
  /** `constant`: the value of every element. */
  value?: number
  /** `matmul`: multiply by the transpose of the first or second operand. */
  transposeA?: boolean
  transposeB?: boolean
  /** `clamp`: bounds. */
  low?: number
  high?: number
  /** `sum`, `slice`, `concat`, `pad`: the axis at work; without it `sum` adds everything up. */
  axis?: number
  /** `slice`: first and one past the last index; `pad`: zeros before and after. */
  start?: number
  end?: number
}

/**
 * A symbolic float32 tensor: not numbers, but how to compute them. Tensors are made by the functions of
 * `operations.ts` and never change; a graph is everything reachable from the requested tensors.
 */
export interface Tensor {
  /** Order of creation; the inputs of a tensor always have smaller numbers. */
  readonly id: number
  readonly operation: string
  readonly inputs: readonly Tensor[]
  readonly shape: Shape
  readonly attributes: Attributes
}

/** Operations met a shape they cannot work with. */
export class ShapeError extends Error {
  override name = 'ShapeError'
}

let created = 0

/**
 * Records one operation without checking anything. To build a graph, use the functions of `operations.ts`, which check
 * shapes; lowerings call this to rebuild tensors whose shapes were checked before.
 */
export function makeTensor(
  operation: string,
  inputs: readonly Tensor[],
  shape: Shape,
  attributes: Attributes = {},
): Tensor {
  return { id: created++, operation, inputs, shape, attributes }
}

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, extent) => product * extent, 1)

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((extent, axis) => extent === b[axis])

/** `[256, 17]`, as error messages show shapes. */
export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`

/** Every tensor that the given ones are computed from, themselves included, inputs before users. */
export function ancestors(outputs: readonly Tensor[]): Tensor[] {
  const found = new Map<number, Tensor>()
  const pending = [...outputs]
  for (let tensor = pending.pop(); tensor; tensor = pending.pop()) {
    if (found.has(tensor.id)) continue
    found.set(tensor.id, tensor)
    pending.push(...tensor.inputs)
  }
  return [...found.values()].sort((a, b) => a.id - b.id)
}
