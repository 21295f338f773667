/** Products of any size, cut into panels: A in panels as high as a tile, B in panels as wide. */
import {
  add,
  callNamed,
  type FunctionBuilder,
  type FunctionReference,
  get,
  i32,
  type Local,
  op,
  select,
  tee,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import {
  definePackColumns,
  definePackRows,
  definePackSixRows,
  type PackColumns,
  type PackRows,
} from './packing.ts'
import { nameOf, type Tile, type TileSize } from './tile.ts'

/** The tiles that products are made of: all of one height, in the order of their widths, 4 the first. */
export interface Tiling {
  readonly height: TileSize['height']
  readonly tiles: ReadonlyMap<TileSize['width'], Tile>
}

const widest = ({ tiles }: Pick<Tiling, 'tiles'>): number => Math.max(...tiles.keys())

/** The scratch memory a product needs: one panel of B, a tile that waits to be finished, and packed A. */
export const panelBytes = (tiling: Tiling, { m, k }: { m: number; k: number }): number => {
  const { height } = tiling
  return 4 * (widest(tiling) * (k + height) + height * Math.ceil(m / height) * k)
}

const parameters = {
  a: 'i32',
  aStride: 'i32',
  aTransposed: 'i32',
  b: 'i32',
  bStride: 'i32',
  bTransposed: 'i32',
  c: 'i32',
  cStride: 'i32',
  bias: 'i32',
  activation: 'i32',
  mask: 'i32',
  maskStride: 'i32',
  scratch: 'i32',
  n: 'i32',
  k: 'i32',
  start: 'i32',
  end: 'i32',
} as const

type Parameters = Record<keyof typeof parameters, Local>
export type Multiply = FunctionReference<keyof typeof parameters>

/** What one product works with in addition to its parameters. */
interface Pass {
  readonly f: FunctionBuilder
  readonly p: Parameters
  readonly tiling: Tiling
  /** First byte of packed A. */
  readonly packedA: Local
  /** First row of the present panel of A, and how many are left from there on. */
  readonly row: Local
  readonly rows: Local
}

/** C = op(A) op(B): packs A, then each panel of B in turn, and multiplies them. */
export function defineMultiply(module: ModuleBuilder, tiling: Tiling): Multiply {
  const { height, tiles } = tiling
  const packFour = definePackRows(module)
  const packRows = height === 4 ? packFour : definePackSixRows(module, packFour)
  const packColumns = new Map<number, PackColumns>()
  for (const width of new Set([height, ...tiles.keys()])) {
    packColumns.set(width, definePackColumns(module, width))
  }
  return module.function('multiply', parameters, [], (f, p) => {
    const bytesB = times(get(p.k), i32(4 * widest(tiling)))
    const pass: Pass = {
      f,
      p,
      tiling,
      packedA: f.let('i32', add(add(get(p.scratch), i32(4 * widest(tiling) * height)), bytesB), 'packedA'),
      row: f.local('i32', 'row'),
      rows: f.local('i32', 'rows'),
    }
    emitPackA(pass, packRows, packColumns.get(height)!)

    const column = f.let('i32', i32(0), 'column')
    /** Takes the widest tile that the columns left fill by more than half, in a matrix at least as wide. */
    const forWidths = ([width, ...wider]: TileSize['width'][]): void => {
      const one = (): void => {
        emitPanel(pass, { width: width!, column, packRows: packFour, packColumns: packColumns.get(width!)! })
        f.increment(column, i32(width!))
      }
      if (wider.length === 0) {
        one()
        return
      }
      const fewLeft = op('i32.le_s', op('i32.sub', get(p.n), get(column)), i32(width!))
      const narrow = op('i32.lt_s', get(p.n), i32(wider[0]!))
      f.if(op('i32.or', fewLeft, narrow), one, () => forWidths(wider))
    }
    f.doWhile(
      () => forWidths([...tiles.keys()]),
      () => op('i32.lt_s', get(column), get(p.n)),
    )
  })
}

/** Runs over the panels of A, `pointer` being where the present one is packed. */
function forRows({ f, p, tiling, packedA, row, rows }: Pass, pointer: Local, body: () => void): void {
  f.set(row, get(p.start))
  f.set(pointer, get(packedA))
  f.while(
    () => op('i32.gt_s', tee(rows, op('i32.sub', get(p.end), get(row))), i32(0)),
    () => {
      body()
      f.increment(row, i32(tiling.height))
      f.increment(pointer, times(get(p.k), i32(4 * tiling.height)))
    },
  )
}

/** Packs the rows of A from start to end. */
function emitPackA(pass: Pass, packRows: PackRows, packColumns: PackColumns): void {
  const { f, p, tiling, rows } = pass
  const rowBytes = f.let('i32', select(get(p.aTransposed), i32(4), get(p.aStride)), 'rowBytes')
  f.set(p.a, add(get(p.a), times(get(p.start), get(rowBytes))))
  const to = f.local('i32', 'to')
  const same = { from: get(p.a), stride: get(p.aStride), k: get(p.k), to: get(to) }
  forRows(pass, to, () => {
    f.if(
      get(p.aTransposed),
      () => f.add(callNamed(packColumns, same)),
      () => f.add(callNamed(packRows, { ...same, rows: get(rows), step: i32(4 * tiling.height) })),
    )
    f.increment(p.a, times(get(rowBytes), i32(tiling.height)))
  })
}

interface Panel {
  readonly width: TileSize['width']
  /** Where the panel begins. */
  readonly column: Local
  readonly packRows: PackRows
  readonly packColumns: PackColumns
}

/** Packs one panel of B and multiplies all panels of A with it. */
function emitPanel(pass: Pass, { width, column, packRows, packColumns }: Panel): void {
  const { f, p, tiling, rows } = pass
  const tile = tiling.tiles.get(width)
  if (!tile) throw new Error(`WebAssembly: there is no tile ${nameOf({ height: tiling.height, width })}`)
  // The last panel is shifted left to end with the matrix: some columns are computed twice, to the same
  // values, which is cheaper than storing parts of vectors. Fewer than four columns leave no choice.
  const offset = f.let('i32', op('i32.sub', get(p.n), i32(width)), 'offset')
  f.set(offset, select(op('i32.lt_s', get(column), get(offset)), get(column), get(offset)))
  if (width === 4) f.set(offset, select(op('i32.gt_s', get(offset), i32(0)), get(offset), i32(0)))
  const same = { stride: get(p.bStride), k: get(p.k) }
  f.if(
    get(p.bTransposed),
    () => {
      for (let j = 0; j < width; j += 4) {
        const from = add(get(p.b), times(add(get(offset), i32(j)), get(p.bStride)))
        const to = add(get(p.scratch), i32(4 * j))
        const left = op('i32.sub', get(p.n), get(offset))
        f.add(callNamed(packRows, { ...same, from, rows: left, to, step: i32(4 * width) }))
      }
    },
    () => {
      const from = add(get(p.b), times(get(offset), i32(4)))
      f.add(callNamed(packColumns, { ...same, from, to: get(p.scratch) }))
    },
  )
  const bytes = f.let('i32', times(get(offset), i32(4)), 'bytes')
  const ifGiven = (pointer: Local, code: Code): Code => select(get(pointer), code, i32(0))
  const atStart = (pointer: Local, stride: Local): Code =>
    add(add(get(pointer), times(get(p.start), get(stride))), get(bytes))
  const c = f.let('i32', atStart(p.c, p.cStride), 'c')
  const mask = f.let('i32', ifGiven(p.mask, atStart(p.mask, p.maskStride)), 'mask')
  const panel = f.local('i32', 'panel')
  forRows(pass, panel, () => {
    f.add(
      callNamed(tile, {
        a: get(panel),
        b: get(p.scratch),
        k: get(p.k),
        c: get(c),
        cStride: get(p.cStride),
        bias: ifGiven(p.bias, add(get(p.bias), get(bytes))),
        activation: get(p.activation),
        mask: get(mask),
        maskStride: get(p.maskStride),
        rows: get(rows),
        columns: get(p.n),
      }),
    )
    f.increment(c, times(get(p.cStride), i32(tiling.height)))
    f.if(get(mask), () => f.increment(mask, times(get(p.maskStride), i32(tiling.height))))
  })
}
