/**
 * Matrix products C = op(A) op(B), with bias, activation and mask fused into the store.
 *
 * Whatever kernel computes it, an element of C is the sum over k = 0, 1, 2, ... in this order, started from zero;
 * then the bias is added. So the result is a property of the formula: it depends neither on how the kernels cut the
 * matrix into tiles nor on how threads split its rows. There are two arithmetics: `exact` rounds each product and
 * each sum to float32, `fast` (`relaxed`) rounds once, by fused multiply-add.
 *
 * A kernel is picked by the shape. Products with a vector read their matrix once (`vectors.ts`). All others copy both
 * operands into panels that the inner loop reads front to back (which also transposes, so one kernel serves all
 * forms) and compute C tile by tile (`panels.ts`, `tile.ts`); or a function outside WebAssembly computes them on the
 * same memory (`imported.ts`).
 *
 * Loads may read up to 20 bytes past the end of a matrix, so 32 bytes must be addressable after each; stores are
 * exact. C must not overlap A, B, the bias or the mask, since edge tiles of C may be computed twice.
 */
import { add, callNamed, type FunctionReference, i32, op, times } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { blockCall, importedScratch } from './imported.ts'
import { defineMultiply, type Multiply, panelBytes, type Tiling } from './panels.ts'
import type { MatmulOptions } from './sums.ts'
import { defineFinishedTile, defineTile, type Tile, type TileSize } from './tile.ts'
import { defineMatrixTimesVector, defineVectorTimesMatrix, type VectorKernel } from './vectors.ts'

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
  /** Address of `scratchBytes` bytes, aligned to 64, that no other thread uses. */
  readonly scratch: Code
  /** Only these rows of C are computed (all by default): how threads share a product. Whole units split best. */
  readonly rows?: { readonly start: Code; readonly end: Code }
}

export interface Matmul {
  /** The call that computes a product; the kernel is chosen by its shape. */
  readonly product: (product: Product) => Code
  /** The scratch memory a product needs. */
  readonly scratchBytes: (shape: Pick<Product, 'm' | 'k'>) => number
  /** Rows of C that are best computed by one thread. */
  readonly unit: number
}

/** A product with every default filled in. */
interface FullProduct {
  readonly shape: Pick<Product, 'm' | 'n' | 'k'>
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly strides: Record<'a' | 'b' | 'c' | 'mask', number>
  readonly given: Product
  readonly rows: { readonly start: Code; readonly end: Code }
}

/** Defines the kernels in a module and returns what calls them. */
export function defineMatmul(module: ModuleBuilder, options: MatmulOptions = {}): Matmul {
  const { imported, relaxed } = options
  const byVectors = imported && !relaxed ? () => undefined : defineVectorProducts(module, options)
  if (imported) {
    return {
      unit: 4,
      scratchBytes: importedScratch,
      product(given) {
        const full = complete(given)
        return byVectors(full) ?? importedCall(imported, full)
      },
    }
  }
  const tiling = defineTiles(module, options)
  const multiply = defineMultiply(module, tiling)
  return {
    // Loops cut the same rows into vectors of four.
    unit: tiling.height === 4 ? 4 : 12,
    scratchBytes: shape => panelBytes(tiling, shape),
    product(given) {
      const full = complete(given)
      return byVectors(full) ?? panelCall(multiply, full)
    },
  }
}

/** The tiles of a module: its own, and those that another module computes for it. */
function defineTiles(module: ModuleBuilder, options: MatmulOptions): Tiling {
  const { height = 4, bareTiles } = options
  const tiles = new Map<TileSize['width'], Tile>([[4, defineTile(module, options, { height, width: 4 })]])
  for (const width of [8, 16] as const) {
    const size = { height, width }
    const bare = bareTiles?.get(width)
    if (bare) tiles.set(width, defineFinishedTile(module, options, size, bare))
    else if (width === 8) tiles.set(width, defineTile(module, options, size))
  }
  return { height, tiles }
}

/**
 * Checks a product and fills in what it leaves open.
 * @throws RangeError for sizes that make no matrix
 */
function complete(given: Product): FullProduct {
  const { form, m, n, k } = given
  for (const size of [m, n, k]) {
    if (!Number.isInteger(size) || size < 1)
      throw new RangeError(`A product needs positive sizes: ${m} ${n} ${k}`)
  }
  const [transposeA, transposeB] = [form[0] === 'T', form[1] === 'T']
  const strides = {
    a: given.aStride ?? (transposeA ? m : k),
    b: given.bStride ?? (transposeB ? k : n),
    c: given.cStride ?? n,
    mask: given.maskStride ?? n,
  }
  const rows = given.rows ?? { start: i32(0), end: i32(m) }
  return { shape: { m, n, k }, transposeA, transposeB, strides, given, rows }
}

const none = i32(0)

/** What follows the sums, as the kernels take it. */
const finish = ({ bias, activation, mask }: Product) => ({
  bias: bias ?? none,
  activation: i32(activation === 'relu' ? 1 : typeof activation === 'number' ? activation + 2 : 0),
  mask: mask ?? none,
})

/** The call for a product of which one side is a vector that lies without gaps; undefined for all others. */
function defineVectorProducts(module: ModuleBuilder, options: MatmulOptions) {
  const vectorTimesMatrix = defineVectorTimesMatrix(module, options)
  const matrixTimesVector = defineMatrixTimesVector(module, options)
  return ({ shape: { m, n, k }, transposeA, transposeB, strides, given, rows }: FullProduct) => {
    const columnsAreDense =
      (transposeB || strides.b === 1) && strides.c === 1 && (!given.mask || strides.mask === 1)
    const withColumn = n === 1 && columnsAreDense && !(transposeA && given.bias)
    const withRow = m === 1 && !given.rows && (!transposeA || strides.a === 1) && !(transposeB && given.bias)
    if (!withColumn && !withRow) return undefined
    const [matrix, x, stride] = withColumn ? [given.a, given.b, strides.a] : [given.b, given.a, strides.b]
    // The lanes of a vector are elements of C; a matrix whose rows run along them is read row by row.
    const kernel: VectorKernel = (withColumn ? transposeA : !transposeB)
      ? vectorTimesMatrix
      : matrixTimesVector
    const share = withColumn ? rows : { start: i32(0), end: i32(n) }
    return callNamed(kernel, {
      matrix,
      x,
      stride: i32(4 * stride),
      c: given.c,
      ...finish(given),
      k: i32(k),
      ...share,
    })
  }
}

/** The call for a product of any shape. */
const panelCall = (
  multiply: Multiply,
  { shape, transposeA, transposeB, strides, given, rows }: FullProduct,
): Code =>
  callNamed(multiply, {
    a: given.a,
    aStride: i32(4 * strides.a),
    aTransposed: i32(transposeA ? 1 : 0),
    b: given.b,
    bStride: i32(4 * strides.b),
    bTransposed: i32(transposeB ? 1 : 0),
    c: given.c,
    cStride: i32(4 * strides.c),
    ...finish(given),
    maskStride: i32(4 * strides.mask),
    scratch: given.scratch,
    n: i32(shape.n),
    k: i32(shape.k),
    ...rows,
  })

/** The call of a function outside WebAssembly, which knows nothing of shares: it is given its rows as a product. */
function importedCall(
  imported: FunctionReference,
  { shape, transposeA, transposeB, strides, given, rows }: FullProduct,
): Code {
  const { activation = 'none', mask } = given
  if (typeof activation === 'number') throw new Error('WebAssembly: an imported product applies no function')
  const fromStart = (address: Code, bytesPerRow: number): Code =>
    given.rows ? add(address, times(rows.start, i32(bytesPerRow))) : address
  return blockCall(
    imported,
    { shape, scratch: given.scratch, transposeA },
    {
      flags: i32((transposeA ? 1 : 0) | (transposeB ? 2 : 0) | (activation === 'relu' ? 4 : 0)),
      m: given.rows ? op('i32.sub', rows.end, rows.start) : i32(shape.m),
      n: i32(shape.n),
      k: i32(shape.k),
      a: fromStart(given.a, transposeA ? 4 : 4 * strides.a),
      aStride: i32(strides.a),
      b: given.b,
      bStride: i32(strides.b),
      c: fromStart(given.c, 4 * strides.c),
      cStride: i32(strides.c),
      bias: given.bias ?? none,
      mask: mask ? fromStart(mask, 4 * strides.mask) : none,
      maskStride: i32(strides.mask),
    },
  )
}
