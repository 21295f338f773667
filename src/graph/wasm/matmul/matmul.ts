/**
 * Matrix products C = op(A) op(B), with bias, activation and mask fused into the store.
 *
 * Whatever kernel computes it, an element of C is the sum over k = 0, 1, 2, ... in this order, started from zero,
 * one float32 product and one float32 sum at a time; then the bias is added. So the result is a property of the
 * formula: it depends neither on how the kernels cut the matrix into tiles nor on how threads split its rows.
 *
 * Both operands are copied into panels that the inner loop reads front to back (which also transposes, so one
 * kernel serves all forms): A in panels of 4 rows, B in panels of 8 columns or 4.
 *
 * Loads may read up to 12 bytes past the end of a matrix, so 16 bytes must be addressable after each; stores are
 * exact. C must not overlap A, B, the bias or the mask, since edge tiles of C may be computed twice.
 */
import { call, i32 } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { defineMultiply } from './panels.ts'
import type { MatmulOptions } from './sums.ts'
import { defineMatrixTimesVector, defineVectorTimesMatrix } from './vectors.ts'

/** Which of A [m,k] and B [k,n] are stored transposed (T), as [k,m] and [n,k]. */
export type ProductForm = 'NN' | 'TN' | 'NT' | 'TT'

/** 'none', 'relu', or the index of one of the functions given to {@link defineMatmul}. */
export type ProductActivation = 'none' | 'relu' | number

export interface Product {
  readonly form: ProductForm
  readonly m: number
  readonly n: number
  readonly k: number
  /** Addresses, and the distances between rows as stored, in floats, where they differ from the row lengths. */
  readonly a: Code
  readonly b: Code
  readonly c: Code
  readonly aStride?: number
  readonly bStride?: number
  readonly cStride?: number
  /** Address of n floats that are added to each row of C. */
  readonly bias?: Code
  readonly activation?: ProductActivation
  /** Address of a matrix like C: where it is not positive, C becomes zero (the derivative of a ReLU). */
  readonly mask?: Code
  readonly maskStride?: number
  /** Address of {@link scratchBytes} bytes, aligned to 16, that no other thread uses. */
  readonly scratch: Code
  /** Only these rows of C are computed (all by default): how threads share a product. Whole fours split best. */
  readonly rows?: { readonly start: Code; readonly end: Code }
}

export interface Matmul {
  /** The call that computes a product; the kernel is chosen by its shape. */
  readonly product: (product: Product) => Code
}

/** The scratch memory a product needs: packed A, and one panel of B. */
export const scratchBytes = ({ m, k }: Pick<Product, 'm' | 'k'>): number => 4 * k * (4 * Math.ceil(m / 4) + 8)

/** Defines the kernels in a module and returns what calls them. */
export function defineMatmul(module: ModuleBuilder, options: MatmulOptions = {}): Matmul {
  const general = defineMultiply(module, options)
  const vectorTimesMatrix = defineVectorTimesMatrix(module, options)
  const matrixTimesVector = defineMatrixTimesVector(module, options)

  const product = (p: Product): Code => {
    const { form, m, n, k } = p
    const [transposeA, transposeB] = [...form].map(letter => letter === 'T')
    for (const size of [m, n, k]) {
      if (!Number.isInteger(size) || size < 1)
        throw new RangeError(`A product needs positive sizes: ${m} ${n} ${k}`)
    }
    const aStride = p.aStride ?? (transposeA ? m : k)
    const bStride = p.bStride ?? (transposeB ? k : n)
    const cStride = p.cStride ?? n
    const maskStride = p.maskStride ?? n
    const none = i32(0)
    const [bias, mask] = [p.bias ?? none, p.mask ?? none]
    const activation = i32(
      p.activation === 'relu' ? 1 : typeof p.activation === 'number' ? p.activation + 2 : 0,
    )
    const { start, end } = p.rows ?? { start: i32(0), end: i32(m) }
    const dense = (stride: number): boolean => stride === 1
    // A column is a row as stored when nothing lies between its elements.
    if (n === 1 && (transposeB || dense(bStride)) && dense(cStride) && (!p.mask || dense(maskStride))) {
      if (!transposeA) {
        return call(
          matrixTimesVector,
          p.a,
          i32(4 * aStride),
          p.b,
          p.c,
          bias,
          activation,
          mask,
          i32(k),
          start,
          end,
        )
      }
      if (!p.bias) {
        return call(
          vectorTimesMatrix,
          p.b,
          p.a,
          i32(4 * aStride),
          p.c,
          none,
          activation,
          mask,
          i32(k),
          start,
          end,
        )
      }
    }
    if (m === 1 && !p.rows && (!transposeA || dense(aStride))) {
      if (!transposeB) {
        return call(
          vectorTimesMatrix,
          p.a,
          p.b,
          i32(4 * bStride),
          p.c,
          bias,
          activation,
          mask,
          i32(k),
          none,
          i32(n),
        )
      }
      if (!p.bias) {
        return call(
          matrixTimesVector,
          p.b,
          i32(4 * bStride),
          p.a,
          p.c,
          none,
          activation,
          mask,
          i32(k),
          none,
          i32(n),
        )
      }
    }
    return call(
      general,
      p.a,
      i32(4 * aStride),
      i32(transposeA ? 1 : 0),
      p.b,
      i32(4 * bStride),
      i32(transposeB ? 1 : 0),
      p.c,
      i32(4 * cStride),
      bias,
      activation,
      mask,
      i32(4 * maskStride),
      p.scratch,
      i32(n),
      i32(k),
      start,
      end,
    )
  }
  return { product }
}
