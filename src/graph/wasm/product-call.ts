import { addressCode, type Context, requirePlace } from './addresses.ts'
import { type FunctionBuilder, get, i32, type Local, op } from './assembler/function-builder.ts'
import { cutRow, type Share } from './cut.ts'
import type { ProductForm } from './matmul/matmul.ts'
import { innerExtent, matrixShape, type ProductKernel } from './plan/kernels.ts'
import type { Buffer, Place } from './plan/memory.ts'

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
  f.add(
    context.matmul.product({
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
    }),
  )
}
