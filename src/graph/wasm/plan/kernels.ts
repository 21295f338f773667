/** The kernels that a step consists of, and which parts of a graph become products. */
import { formatShape, type Shape, ShapeError, sameShape, type Tensor } from '../../tensor.ts'
import type { Place } from './memory.ts'

/** op(A) op(B) with what follows it. */
export interface ProductKernel {
  kind: 'product'
  matmul: Tensor
  result: Tensor
  activation?: 'relu' | 'tanh'
  /** The ReLU's output whose zeros the product takes over. */
  mask?: Tensor
}

/** One pass over a matrix of `rows` x `columns`. */
export interface LoopKernel {
  kind: 'loop'
  rows: number
  columns: number
  /** What it computes, element-wise operations and sums, inputs before users. */
  members: Set<Tensor>
  /** Copies into concatenations and outputs. */
  copies: Copy[]
}

/** A tensor's values at a place where it is not computed. */
export interface Copy {
  readonly source: Tensor
  readonly to: Place
}

export type Kernel = ProductKernel | LoopKernel

/** A tensor as a matrix: broadcasting aligns axes at the end, so a vector is a row. */
export function matrixShape(shape: Shape): [rows: number, columns: number] {
  if (shape.length > 2) {
    throw new ShapeError(`WebAssembly: a tensor of shape ${formatShape(shape)} has more than two axes`)
  }
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1]
}

/** The axis of a reduction in the matrix of `matrixShape`. */
export const matrixAxis = ({ shape }: Pick<Tensor, 'shape'>, axis: number): number => axis + 2 - shape.length

/** Whether a tensor is a sum that needs more than one row at a time. */
export const sumsAcrossRows = ({ operation, inputs, attributes: { axis } }: Tensor): boolean =>
  operation === 'sum' && (axis === undefined || matrixAxis(inputs[0], axis) === 0)

export const innerExtent = ({ inputs: [a], attributes }: Tensor): number =>
  a.shape[attributes.transposeA ? 0 : 1]

/** Whether a tensor's rows follow one another without gaps, as far as its own definition says. */
export function isContiguous({ operation, attributes, inputs: [x], shape }: Tensor): boolean {
  if (operation !== 'slice' && operation !== 'reshape') return true
  const someColumns = operation === 'slice' && matrixAxis({ shape }, attributes.axis!) === 1
  return isContiguous(x) && !(someColumns && matrixShape(x.shape)[0] > 1)
}

/** A product with one term an element is no more than a column times a row, if its row lies in one piece. */
export const isOuterProduct = (tensor: Tensor) =>
  tensor.operation === 'matmul' &&
  innerExtent(tensor) === 1 &&
  (!tensor.attributes.transposeB || isContiguous(tensor.inputs[1]))

/** Products by the tensor they compute, together with what can be done before the result is stored. */
export function findProducts(
  tensors: readonly Tensor[],
  {
    usedOnlyBy,
    activations,
  }: {
    usedOnlyBy: (tensor: Tensor, user: Tensor) => boolean
    activations: readonly ('relu' | 'tanh')[]
  },
): Map<Tensor, ProductKernel> {
  const products = new Map<Tensor, ProductKernel>()
  const isProduct = (tensor: Tensor) => tensor.operation === 'matmul' && !isOuterProduct(tensor)
  for (const result of tensors) {
    const { operation, inputs } = result
    if (isProduct(result)) products.set(result, { kind: 'product', matmul: result, result })
    const [x, y] = inputs
    const activation = activations.find(name => name === operation)
    if (activation && isProduct(x) && usedOnlyBy(x, result)) {
      products.delete(x)
      products.set(result, { kind: 'product', matmul: x, result, activation })
    }
    const masks = operation === 'mul' && y.operation === 'isPositive' && sameShape(y.shape, x.shape)
    if (masks && isProduct(x) && usedOnlyBy(x, result)) {
      products.delete(x)
      products.set(result, { kind: 'product', matmul: x, result, mask: y.inputs[0] })
    }
  }
  return products
}
