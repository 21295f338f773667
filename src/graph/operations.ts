/**
 * Every operation of the tensor graph: what it computes, its shape rule and its derivative.
 *
 * A derivative takes the adjoint `d` (derivative of the loss by this operation's result `y`) and gives the
 * adjoint of one input. An adjoint may be *smaller* than its tensor as long as it broadcasts to it: the mean
 * over a batch sends back one number, not a batch of equal ones. Derivatives that need every element call `full`.
 */
import { broadcastShapes, matmulShape, requireBroadcastable, withAxis } from './shapes.ts'
import { formatShape, makeTensor, type Shape, ShapeError, sameShape, sizeOf, type Tensor } from './tensor.ts'

/** Adjoint of one input of `y`, given the adjoint `d` of `y`. */
export type Derivative = (d: Tensor, y: Tensor) => Tensor

/**
 * For each operation, the derivative by each of its inputs (the last one repeats for further inputs).
 * Operations that are not listed pass nothing back: sources, `stopGradient`, and those that are constant in steps.
 */
export const derivatives: Record<string, readonly ((d: Tensor, y: Tensor, index: number) => Tensor)[]> = {}

// ---------------------------------------------------------------- sources

/** A tensor that is fed from outside under this name. */
export const input = (name: string, shape: Shape): Tensor => makeTensor('input', [], shape, { name })

/** One number for every element of `shape` (a scalar by default, which broadcasts). */
export const constant = (value: number, shape: Shape = []): Tensor =>
  makeTensor('constant', [], shape, { value })

const isConstant = (x: Tensor, value?: number): boolean =>
  x.operation === 'constant' && (value === undefined || x.attributes.value === value)

/** The same values, but nothing before this point is differentiated. */
export const stopGradient = (x: Tensor): Tensor => makeTensor('stopGradient', [x], x.shape)

// ---------------------------------------------------------------- element by element, one operand

function unary(operation: string, derivative: Derivative): (x: Tensor) => Tensor {
  derivatives[operation] = [derivative]
  return x => makeTensor(operation, [x], x.shape)
}

export const neg = unary('neg', d => neg(d))
export const exp = unary('exp', (d, y) => mul(d, y))
export const log = unary('log', (d, y) => div(d, y.inputs[0]))
export const sqrt = unary('sqrt', (d, y) => div(scale(d, 0.5), y))
export const square = unary('square', (d, y) => mul(scale(d, 2), y.inputs[0]))
export const tanh = unary('tanh', (d, y) => mul(d, sub(constant(1), square(y))))
export const relu = unary('relu', (d, y) => mul(d, isPositive(y)))
export const sigmoid = unary('sigmoid', (d, y) => mul(d, mul(y, sub(constant(1), y))))
/** log(1 + e^x), finite for every x. */
export const softplus = unary('softplus', (d, y) => mul(d, sigmoid(y.inputs[0])))
/** 1 where x > 0, else 0. */
export const isPositive = (x: Tensor): Tensor => makeTensor('isPositive', [x], x.shape)

/** x kept within [low, high]; the derivative is 1 inside and on the bounds, 0 outside. */
export const clamp = (x: Tensor, low: number, high: number): Tensor =>
  makeTensor('clamp', [x], x.shape, { low, high })
derivatives.clamp = [
  (d, y) => {
    const [x] = y.inputs
    const { low, high } = y.attributes
    return mul(d, mul(isAtMost(constant(low!), x), isAtMost(x, constant(high!))))
  },
]

// ---------------------------------------------------------------- element by element, two operands

/** Derivatives are written as if nothing were repeated; repeated operands gather their sum here. */
function binary(operation: string, byA: Derivative, byB: Derivative): (a: Tensor, b: Tensor) => Tensor {
  const unbroadcast = (derivative: Derivative) => (d: Tensor, y: Tensor, index: number) => {
    const { shape } = y.inputs[index]
    const adjoint = derivative(d, y)
    return sameShape(shape, y.shape) ? adjoint : sumTo(full(adjoint, y.shape), shape)
  }
  derivatives[operation] = [unbroadcast(byA), unbroadcast(byB)]
  return (a, b) => makeTensor(operation, [a, b], broadcastShapes(operation, a.shape, b.shape))
}

const plainAdd = binary(
  'add',
  d => d,
  d => d,
)
const plainSub = binary(
  'sub',
  d => d,
  d => neg(d),
)
const plainMul = binary(
  'mul',
  (d, y) => mul(d, y.inputs[1]),
  (d, y) => mul(d, y.inputs[0]),
)

export const add = (a: Tensor, b: Tensor): Tensor =>
  isConstant(b, 0) && sizeOf(b.shape) === 1
    ? a
    : isConstant(a, 0) && sizeOf(a.shape) === 1
      ? b
      : plainAdd(a, b)

export const sub = (a: Tensor, b: Tensor): Tensor =>
  isConstant(b, 0) && sizeOf(b.shape) === 1 ? a : plainSub(a, b)

export function mul(a: Tensor, b: Tensor): Tensor {
  if (isConstant(a) && a.shape.length === 0) return scale(b, a.attributes.value!)
  if (isConstant(b) && b.shape.length === 0) return scale(a, b.attributes.value!)
  return plainMul(a, b)
}

export const div = binary(
  'div',
  (d, y) => div(d, y.inputs[1]),
  (d, y) => neg(div(mul(d, y), y.inputs[1])),
)

/** The smaller of both; the whole derivative goes to it (to `a` where they are equal). */
export const min = binary(
  'min',
  (d, y) => mul(d, isAtMost(y.inputs[0], y.inputs[1])),
  (d, y) => sub(d, mul(d, isAtMost(y.inputs[0], y.inputs[1]))),
)

/** 1 where a <= b, else 0. */
export const isAtMost = (a: Tensor, b: Tensor): Tensor =>
  makeTensor('isAtMost', [a, b], broadcastShapes('isAtMost', a.shape, b.shape))

/** x times a number; numbers in a row become one. */
export function scale(x: Tensor, factor: number): Tensor {
  if (factor === 1) return x
  if (isConstant(x)) return constant(x.attributes.value! * factor, x.shape)
  if (x.operation === 'mul' && isConstant(x.inputs[1]) && x.inputs[1].shape.length === 0) {
    return scale(x.inputs[0], x.inputs[1].attributes.value! * factor)
  }
  return plainMul(x, constant(factor))
}

// ---------------------------------------------------------------- matrices

export interface MatmulOptions {
  transposeA?: boolean
  transposeB?: boolean
  /** [1, columns], added to every row. */
  bias?: Tensor
}

/** op(A) op(B) + bias, where op transposes on request. */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, bias } = options
  const shape = matmulShape(a.shape, b.shape, transposeA, transposeB)
  if (bias && !sameShape(bias.shape, [1, shape[1]])) {
    throw new ShapeError(
      `matmul: the bias has shape ${formatShape(bias.shape)}, the product ${formatShape(shape)}`,
    )
  }
  return makeTensor('matmul', bias ? [a, b, bias] : [a, b], shape, { transposeA, transposeB })
}
derivatives.matmul = [
  (d, y) => {
    const { transposeA, transposeB } = y.attributes
    const [, b] = y.inputs
    return transposeA
      ? matmul(b, full(d, y.shape), { transposeA: transposeB, transposeB: true })
      : matmul(full(d, y.shape), b, { transposeB: !transposeB })
  },
  (d, y) => {
    const { transposeA, transposeB } = y.attributes
    const [a] = y.inputs
    return transposeB
      ? matmul(full(d, y.shape), a, { transposeA: true, transposeB: transposeA })
      : matmul(a, full(d, y.shape), { transposeA: !transposeA })
  },
  (d, y) => sum(full(d, y.shape), 0),
]

// ---------------------------------------------------------------- reductions and repetition

/** Sum over one axis, which stays with extent 1, or over everything, which gives a scalar. */
export function sum(x: Tensor, axis?: number): Tensor {
  if (axis === undefined) return x.shape.length === 0 ? x : makeTensor('sum', [x], [])
  requireAxis('sum', x.shape, axis)
  return x.shape[axis] === 1 ? x : makeTensor('sum', [x], withAxis(x.shape, axis, 1), { axis })
}
derivatives.sum = [d => d]

export const mean = (x: Tensor): Tensor => scale(sum(x), 1 / sizeOf(x.shape))

/** x repeated to `shape`, where something needs every element in memory. */
export function full(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  requireBroadcastable('full', x.shape, shape)
  return isConstant(x) ? constant(x.attributes.value!, shape) : makeTensor('full', [x], shape)
}
derivatives.full = [(d, y) => sumTo(full(d, y.shape), y.inputs[0].shape)]

/** The reverse of broadcasting: x summed down to a shape that broadcasts to its own. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  requireBroadcastable('sumTo', shape, x.shape)
  if (sizeOf(shape) === 1) return reshape(sum(x), shape)
  const offset = x.shape.length - shape.length
  let y = x
  for (let axis = 0; axis < x.shape.length; axis++) {
    if ((shape[axis - offset] ?? 1) === 1) y = sum(y, axis)
  }
  return reshape(y, shape)
}

// ---------------------------------------------------------------- rearranging

/** The same elements in the same order under another shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    throw new ShapeError(`reshape: ${formatShape(x.shape)} and ${formatShape(shape)} differ in size`)
  }
  return makeTensor('reshape', [x], shape)
}
derivatives.reshape = [(d, y) => reshape(full(d, y.shape), y.inputs[0].shape)]

/** Indices start (included) to end (excluded) along one axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  requireAxis('slice', x.shape, axis)
  if (!(start >= 0 && start < end && end <= x.shape[axis])) {
    throw new ShapeError(`slice: [${start}, ${end}) is not within axis ${axis} of ${formatShape(x.shape)}`)
  }
  if (start === 0 && end === x.shape[axis]) return x
  // Some columns of a product are a product with some columns: computing only those matters where a critic is
  // differentiated by its action, the small last part of its input.
  if (x.operation === 'matmul' && axis === 1 && x.inputs.length === 2) {
    const [a, b] = x.inputs
    const { transposeA, transposeB } = x.attributes
    return matmul(a, slice(b, transposeB ? 0 : 1, start, end), { transposeA, transposeB })
  }
  if (x.operation === 'add' && x.inputs.every(operand => sameShape(operand.shape, x.shape))) {
    return add(slice(x.inputs[0], axis, start, end), slice(x.inputs[1], axis, start, end))
  }
  return makeTensor('slice', [x], withAxis(x.shape, axis, end - start), { axis, start, end })
}
derivatives.slice = [
  (d, y) => {
    const { axis, start, end } = y.attributes
    return pad(full(d, y.shape), axis!, start!, y.inputs[0].shape[axis!] - end!)
  },
]

/** x with `before` and `after` zeros around it along one axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  requireAxis('pad', x.shape, axis)
  const shape = withAxis(x.shape, axis, before + x.shape[axis] + after)
  return makeTensor('pad', [x], shape, { axis, start: before, end: after })
}
derivatives.pad = [
  (d, y) => {
    const { axis, start } = y.attributes
    return slice(full(d, y.shape), axis!, start!, start! + y.inputs[0].shape[axis!])
  },
]

/** The tensors one after another along one axis; all other extents agree. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = parts
  if (!first) throw new ShapeError('concat: there is nothing to join')
  requireAxis('concat', first.shape, axis)
  for (const { shape } of rest) {
    if (
      shape.length !== first.shape.length ||
      !sameShape(withAxis(shape, axis, 0), withAxis(first.shape, axis, 0))
    ) {
      throw new ShapeError(
        `concat: ${formatShape(first.shape)} and ${formatShape(shape)} differ outside axis ${axis}`,
      )
    }
  }
  if (rest.length === 0) return first
  const extent = parts.reduce((total, part) => total + part.shape[axis], 0)
  return makeTensor('concat', parts, withAxis(first.shape, axis, extent), { axis })
}
derivatives.concat = [
  (d, y, index) => {
    const { axis } = y.attributes
    const start = y.inputs.slice(0, index).reduce((offset, part) => offset + part.shape[axis!], 0)
    return slice(full(d, y.shape), axis!, start, start + y.inputs[index].shape[axis!])
  },
]

function requireAxis(operation: string, shape: Shape, axis: number): void {
  if (!(Number.isInteger(axis) && axis >= 0 && axis < shape.length)) {
    throw new ShapeError(`${operation}: ${formatShape(shape)} has no axis ${axis}`)
  }
}
