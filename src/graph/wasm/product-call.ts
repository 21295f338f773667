import { addressCode, type Context, requirePlace } from './addresses.ts'
import { type FunctionBuilder, get, i32, type Local, op } from './assembler/function-builder.ts'
import type { Code } from './assembler/opcodes.ts'
import { type ProductForm, scratchBytes } from './matmul/matmul.ts'
import { innerExtent, matrixShape, type ProductKernel } from './plan/kernels.ts'
import type { Buffer, Place } from './plan/memory.ts'

/** C [m, n] = A [m, k] B [k, n]. */
export const shapeOfProduct = ({ matmul }: ProductKernel) => {
  const [m, n] = matrixShape(matmul.shape)
  return { m, n, k: innerExtent(matmul) }
}

/** Bytes of scratch memory that a product takes, aligned. */
export const productScratch = (kernel: ProductKernel): number =>
  16 * Math.ceil(scratchBytes(shapeOfProduct(kernel)) / 16)

/** Appends the call that computes a product, or one thread's share of it. */
export function emitProduct(
  f: FunctionBuilder,
  context: Context,
  kernel: ProductKernel,
  baseOf: (buffer: Buffer) => Local,
  share?: { thread: Local; threads: Local },
): void {
  const { plan, scratch, scratchPerThread } = context
  const { matmul, result, activation, mask } = kernel
  const { transposeA, transposeB } = matmul.attributes
  const form: ProductForm = `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`
  const [a, b, bias] = matmul.inputs.map(tensor => requirePlace(plan, tensor))
  const c = requirePlace(plan, result)
  const maskPlace = mask && requirePlace(plan, mask)
  const at = (place: Place) => addressCode(context, place, baseOf)
  const { m, n, k } = shapeOfProduct(kernel)
  const rows = share && splitRows(f, m, share)
  f.add(
    context.matmul.product({
      form,
      m,
      n,
      k,
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
        ? op('i32.add', i32(scratch), op('i32.mul', get(share.thread), i32(scratchPerThread)))
        : i32(scratch),
      rows,
    }),
  )
}

/** The rows of a product that fall to one thread: whole fours, which is how many kernels compute at a time. */
function splitRows(f: FunctionBuilder, m: number, { thread, threads }: { thread: Local; threads: Local }) {
  const fours = Math.ceil(m / 4)
  const cut = (index: Code): Local => {
    const row = f.let(
      'i32',
      op('i32.mul', op('i32.div_u', op('i32.mul', i32(fours), index), get(threads)), i32(4)),
    )
    f.if(op('i32.gt_u', get(row), i32(m)), () => f.set(row, i32(m)))
    return row
  }
  const start = cut(get(thread))
  const end = cut(op('i32.add', get(thread), i32(1)))
  return { start: get(start), end: get(end) }
}
