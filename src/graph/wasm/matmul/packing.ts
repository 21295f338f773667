/** Copies of parts of a matrix as panels, which a tile reads front to back. */
import {
  add,
  callNamed,
  type FunctionReference,
  get,
  i32,
  load,
  op,
  select,
  shuffle,
  store,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { gather, rowPointers, transpose } from './rows.ts'

const columnsParameters = { from: 'i32', stride: 'i32', k: 'i32', to: 'i32' } as const
export type PackColumns = FunctionReference<keyof typeof columnsParameters>

/** Copies `width` columns of a matrix with k rows: to[k][width]. */
export const definePackColumns = (module: ModuleBuilder, width: 4 | 6 | 8 | 16): PackColumns =>
  module.function(`pack_${width}_columns`, columnsParameters, [], (f, { from, stride, k, to }) => {
    const end = f.let('i32', add(get(to), times(get(k), i32(4 * width))), 'end')
    f.doWhile(
      () => {
        for (let j = 0; j + 4 <= width; j += 4) {
          f.add(store('v128.store', get(to), load('v128.load', get(from), 4 * j), 4 * j))
        }
        if (width === 6) {
          f.add(store('v128.store64_lane', get(to), load('v128.load64_zero', get(from), 16), 16, 0))
        }
        f.increment(from, get(stride))
        f.increment(to, i32(4 * width))
      },
      () => op('i32.ne', get(to), get(end)),
    )
  })

const rowsParameters = {
  from: 'i32',
  stride: 'i32',
  rows: 'i32',
  k: 'i32',
  to: 'i32',
  step: 'i32',
} as const
export type PackRows = FunctionReference<keyof typeof rowsParameters>

/** Copies four rows of k floats, transposed: to[k][4], `step` bytes from one k to the next. */
export const definePackRows = (module: ModuleBuilder): PackRows =>
  module.function('pack_4_rows', rowsParameters, [], (f, { from, stride, rows, k, to, step }) => {
    const pointers = rowPointers(f, from, stride, get(rows))
    const next = (code: Code): void => {
      f.add(store('v128.store', get(to), code))
      f.increment(to, get(step))
    }
    const advance = (by: number): void => {
      for (const pointer of pointers) f.increment(pointer, i32(4 * by))
      f.increment(k, i32(-by))
    }
    f.while(
      () => op('i32.ge_s', get(k), i32(4)),
      () => {
        const loaded = pointers.map(pointer => f.let('v128', load('v128.load', get(pointer)), 'row'))
        for (const column of transpose(f, loaded)) next(get(column))
        advance(4)
      },
    )
    f.while(
      () => get(k),
      () => {
        next(gather(pointers))
        advance(1)
      },
    )
  })

/** Copies two rows of k floats, transposed: to[k][2], `step` bytes from one k to the next. */
const definePackTwoRows = (module: ModuleBuilder): PackRows =>
  module.function('pack_2_rows', rowsParameters, [], (f, { from, stride, rows, k, to, step }) => {
    const pointers = rowPointers(f, from, stride, get(rows), 2)
    const [one, two] = pointers as [(typeof pointers)[0], (typeof pointers)[0]]
    const advance = (by: number): void => {
      for (const pointer of pointers) f.increment(pointer, i32(4 * by))
      f.increment(k, i32(-by))
    }
    f.while(
      () => op('i32.ge_s', get(k), i32(4)),
      () => {
        const [a, b] = [one, two].map(row => f.let('v128', load('v128.load', get(row)), 'row')).map(get)
        const halves = [shuffle(a!, b!, 0, 4, 1, 5), shuffle(a!, b!, 2, 6, 3, 7)]
        for (const half of halves.map(code => get(f.let('v128', code)))) {
          for (const lane of [0, 1]) {
            f.add(store('v128.store64_lane', get(to), half, 0, lane))
            f.increment(to, get(step))
          }
        }
        advance(4)
      },
    )
    f.while(
      () => get(k),
      () => {
        f.add(store('f32.store', get(to), load('f32.load', get(one))))
        f.add(store('f32.store', get(to), load('f32.load', get(two)), 4))
        f.increment(to, get(step))
        advance(1)
      },
    )
  })

/** Copies six rows of k floats, transposed: to[k][6], as four and two. */
export function definePackSixRows(module: ModuleBuilder, packFour: PackRows): PackRows {
  const packTwo = definePackTwoRows(module)
  return module.function('pack_6_rows', rowsParameters, [], (f, { from, stride, rows, k, to, step }) => {
    const same = { stride: get(stride), k: get(k), step: get(step) }
    f.add(callNamed(packFour, { ...same, from: get(from), rows: get(rows), to: get(to) }))
    // Where fewer than five rows are left, the last two of the panel are never stored: any row will do.
    const more = op('i32.gt_s', get(rows), i32(4))
    const fifth = select(more, add(get(from), times(get(stride), i32(4))), get(from))
    const left = select(more, op('i32.sub', get(rows), i32(4)), i32(1))
    f.add(callNamed(packTwo, { ...same, from: fifth, rows: left, to: add(get(to), i32(16)) }))
  })
}
