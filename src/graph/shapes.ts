import { formatShape, type Shape, ShapeError } from './tensor.ts'

/**
 * Shape of an element-wise operation on two operands: axes are aligned at the end, and an axis of extent 1
 * (or a missing one) repeats.
 */
export function broadcastShapes(operation: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const extentA = a[a.length - rank + i] ?? 1
    const extentB = b[b.length - rank + i] ?? 1
    if (extentA !== extentB && extentA !== 1 && extentB !== 1) {
      throw new ShapeError(`${operation}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast`)
    }
    return extentA === 1 ? extentB : extentA
  })
}

/** Throws unless `shape` can be repeated to `target`. */
export function requireBroadcastable(operation: string, shape: Shape, target: Shape): void {
  const offset = target.length - shape.length
  if (offset < 0 || shape.some((extent, i) => extent !== 1 && extent !== target[offset + i])) {
    throw new ShapeError(
      `${operation}: shape ${formatShape(shape)} does not broadcast to ${formatShape(target)}`,
    )
  }
}

/** Shape of op(A) op(B) for two matrices, each transposed on request. */
export function matmulShape(a: Shape, b: Shape, transposeA: boolean, transposeB: boolean): Shape {
  const describe = () =>
    `matmul: ${formatShape(a)}${transposeA ? ' transposed' : ''} times ${formatShape(b)}${transposeB ? ' transposed' : ''}`
  if (a.length !== 2 || b.length !== 2) throw new ShapeError(`${describe()}: both must be matrices`)
  const [rows, innerA] = transposeA ? [a[1], a[0]] : [a[0], a[1]]
  const [innerB, columns] = transposeB ? [b[1], b[0]] : [b[0], b[1]]
  if (innerA !== innerB) throw new ShapeError(`${describe()}: inner extents ${innerA} and ${innerB} differ`)
  return [rows, columns]
}

/** The shape with one axis replaced. */
export const withAxis = (shape: Shape, axis: number, extent: number): Shape =>
  shape.map((e, i) => (i === axis ? extent : e))
