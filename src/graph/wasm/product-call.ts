import { addressCode, type Context, requirePlace } from './addresses.ts'
import { type FunctionBuilder, get, i32, type Local, op } from './assembler/function-builder.ts'
import { cutRow, type Share } from './cut.ts'
import type { Matmul, Product, ProductForm } from './matmul/matmul.ts'
import { emitWithoutZeroRows, repaysZeroRows, zeroRowsBytes } from './matmul/zero-rows.ts'
import { innerExtent, matrixShape, type ProductKernel } from './plan/kernels.ts'
import type { Buffer, Place } from './plan/memory.ts'
import { hasZeroRows } from './plan/zero-rows.ts'

/** C [m, n] = A [m, k] B [k, n]. */
export const shapeOfProduct = ({ matmul }: ProductKernel) => {
  const [m, n] = matrixShape(matmul.shape)
  return { m, n, k: innerExtent(matmul) }
}

/** Appends the call that computes a product, or one thread's share of it. */
export function emitProduct(
  f: FunctionBuilder,
  context: Context,
  kernel: ProductKernel,
  baseOf: (buffer: Buffer) => Local,
  share?: Share,
): void {
  const { plan, scratch, scratchPerThread } = context
  const { matmul, result, activation, mask } = kernel
  const { transposeA, transposeB } = matmul.attributes
  const form: ProductForm = `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`
  const [a, b, bias] = matmul.inputs.map(tensor => requirePlace(plan, tensor))
  const c = requirePlace(plan, result)
  const maskPlace = mask && requirePlace(plan, mask)
  const at = (place: Place) => addressCode(context, place, baseOf)
  const shape = shapeOfProduct(kernel)
  const [start, end] = share ? cutRow(f, share, shape.m, context.matmul.unit) : []
  const product: Product = {
    form,
    ...shape,
    a: at(a),
    b: at(b),
    c: at(c),
    aStride: a.stride,
    bStride: b.stride,
    cStride: c.stride,
    bias: bias && at(bias),
    activation: activation === 'tanh' ? 0 : (activation ?? 'none'),
    mask: maskPlace && at(maskPlace),
    maskStride: maskPlace?.stride,
    scratch: share
      ? op('i32.add', i32(scratch), op('i32.mul', get(share.index), i32(scratchPerThread)))
      : i32(scratch),
    rows: start && end && { start, end },
  }
  if (context.zeroRows && skipsZeroRows(kernel)) {
    emitWithoutZeroRows(f, context.zeroRows, context.matmul, product)
  } else f.add(context.matmul.product(product))
}

/** Whether a product leaves out the zero rows of its first operand. */
export const skipsZeroRows = (kernel: ProductKernel): boolean =>
  kernel.activation === undefined && hasZeroRows(kernel.matmul) && repaysZeroRows(shapeOfProduct(kernel))

/** The scratch memory that a product needs. */
export const scratchOfProduct = (matmul: Matmul, kernel: ProductKernel): number => {
  const shape = shapeOfProduct(kernel)
  return matmul.scratchBytes(shape) + (skipsZeroRows(kernel) ? zeroRowsBytes(shape) : 0)
}
