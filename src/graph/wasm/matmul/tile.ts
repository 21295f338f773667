/** The inner loop of a product: a panel of rows of A times a panel of columns of B, in registers. */
import {
  add,
  callNamed,
  type FunctionBuilder,
  type FunctionReference,
  get,
  i32,
  type Local,
  load,
  op,
  select,
  store,
  tee,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { accumulate, activate, applyMask, type MatmulOptions, storeFirst, zeros } from './sums.ts'

/** How many rows and columns of C a tile has. */
export interface TileSize {
  readonly height: 4 | 6
  readonly width: 4 | 8 | 16
}

const parameters = {
  a: 'i32',
  b: 'i32',
  k: 'i32',
  c: 'i32',
  cStride: 'i32',
  bias: 'i32',
  activation: 'i32',
  mask: 'i32',
  maskStride: 'i32',
  /** Rows and columns of C that are left, this tile's and all after it. */
  rows: 'i32',
  columns: 'i32',
} as const

/** Computes a tile of C from a panel of A and one of B, with all that is fused into the store. */
export type Tile = FunctionReference<keyof typeof parameters>

/** `size` by its name, as functions are called. */
export const nameOf = ({ height, width }: TileSize): string => `${height}x${width}`

/** A tile whose sums go from registers to C. */
export const defineTile = (module: ModuleBuilder, options: MatmulOptions, size: TileSize): Tile =>
  module.function(`multiply_${nameOf(size)}`, parameters, [], (f, p) => {
    const { height, width } = size
    const sums = emitSums(f, options, size, p)
    f.if(get(p.bias), () => {
      for (let j = 0; j < width / 4; j++) {
        const b = f.let('v128', load('v128.load', get(p.bias), 16 * j))
        for (const row of sums) f.set(row[j]!, op('f32x4.add', get(row[j]!), get(b)))
      }
    })
    activate(f, options, p.activation, sums.flat())
    const storeRow = (row: number): void => {
      f.if(get(p.mask), () => {
        sums[row]!.forEach((sum, j) => {
          applyMask(f, sum, get(p.mask), 16 * j)
        })
        f.increment(p.mask, get(p.maskStride))
      })
      if (width === 4) storeFirst(f, f.let('i32', get(p.c)), sums[row]![0]!, get(p.columns))
      else f.add(...sums[row]!.map((sum, j) => store('v128.store', get(p.c), get(sum), 16 * j)))
      if (row === height - 1) return
      f.if(op('i32.gt_s', get(p.rows), i32(row + 1)), () => {
        f.increment(p.c, get(p.cStride))
        storeRow(row + 1)
      })
    }
    storeRow(0)
  })

/** The sums of a tile alone, stored without gaps: what another module can compute. */
export const bareParameters = { a: 'i32', b: 'i32', k: 'i32', to: 'i32' } as const
export type BareTile = FunctionReference<keyof typeof bareParameters>

/** Defines and exports a bare tile. */
export const defineBareTile = (
  module: ModuleBuilder,
  options: MatmulOptions,
  size: TileSize,
  name: string,
): BareTile =>
  module.function(
    name,
    bareParameters,
    [],
    (f, p) => {
      const sums = emitSums(f, options, size, p)
      f.add(...sums.flat().map((sum, i) => store('v128.store', get(p.to), get(sum), 16 * i)))
    },
    true,
  )

/** A tile whose sums another function computes; they wait behind the panel of B to be finished. */
export const defineFinishedTile = (
  module: ModuleBuilder,
  options: MatmulOptions,
  size: TileSize,
  bare: BareTile,
): Tile =>
  module.function(`finish_${nameOf(size)}`, parameters, [], (f, p) => {
    const { height, width } = size
    const tile = f.let('i32', add(get(p.b), times(get(p.k), i32(4 * width))), 'tile')
    f.add(callNamed(bare, { a: get(p.a), b: get(p.b), k: get(p.k), to: get(tile) }))
    const rows = select(op('i32.lt_s', get(p.rows), i32(height)), get(p.rows), i32(height))
    const end = f.let('i32', add(get(tile), times(rows, i32(4 * width))), 'end')
    f.doWhile(
      () => {
        const sums = Array.from({ length: width / 4 }, (_, j) =>
          f.let('v128', load('v128.load', get(tile), 16 * j), 'sum'),
        )
        f.if(get(p.bias), () => {
          sums.forEach((sum, j) => {
            f.set(sum, op('f32x4.add', get(sum), load('v128.load', get(p.bias), 16 * j)))
          })
        })
        activate(f, options, p.activation, sums)
        f.if(get(p.mask), () => {
          sums.forEach((sum, j) => {
            applyMask(f, sum, get(p.mask), 16 * j)
          })
          f.increment(p.mask, get(p.maskStride))
        })
        f.add(...sums.map((sum, j) => store('v128.store', get(p.c), get(sum), 16 * j)))
        f.increment(p.c, get(p.cStride))
        f.increment(tile, i32(4 * width))
      },
      () => op('i32.ne', get(tile), get(end)),
    )
  })

/** Appends the loop over k; returns the sums, row by row. The pointers it is given run along. */
function emitSums(
  f: FunctionBuilder,
  options: MatmulOptions,
  { height, width }: TileSize,
  { a, b, k }: Record<'a' | 'b' | 'k', Local>,
): Local[][] {
  const vectors = width / 4
  const end = f.let('i32', add(get(a), times(get(k), i32(4 * height))), 'end')
  const at = f.let('i32', get(b), 'at')
  const sums = Array.from({ length: height }, () => zeros(f, vectors))
  // V8 puts the loads of a straight run of code first and the arithmetic after them. Two steps without a
  // branch in between would need more than the 15 registers it has on x86, and spill. The exits below keep
  // the steps apart (and serve any k).
  const unroll = 4
  f.add([['block'], ['loop']])
  for (let step = 0; step < unroll; step++) {
    const bs = Array.from({ length: vectors }, (_, j) =>
      f.let('v128', load('v128.load', get(at), 4 * width * step + 16 * j), 'b'),
    )
    for (const [row, rowSums] of sums.entries()) {
      const x = f.let('v128', load('v128.load32_splat', get(a), 4 * (height * step + row)), 'x')
      rowSums.forEach((sum, j) => {
        accumulate(f, options, sum, get(x), get(bs[j]!))
      })
    }
    if (step < unroll - 1)
      f.add(op('i32.eq', add(get(a), i32(4 * height * (step + 1))), get(end)), [['br_if', 1]])
  }
  f.increment(at, i32(4 * width * unroll))
  f.add(op('i32.ne', tee(a, add(get(a), i32(4 * height * unroll))), get(end)), [
    ['br_if', 0],
    ['end'],
    ['end'],
  ])
  return sums
}
