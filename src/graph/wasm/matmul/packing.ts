/** Copies of parts of a matrix as panels, which a kernel reads front to back. */
import {
  add,
  type FunctionReference,
  get,
  i32,
  load,
  op,
  store,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { gather, rowPointers, transpose } from './rows.ts'

/** Copies `width` columns of a matrix with k rows: to[k][width]. */
export const definePackColumns = (module: ModuleBuilder, width: 4 | 8): FunctionReference =>
  module.function(
    `pack_${width}_columns`,
    { from: 'i32', stride: 'i32', k: 'i32', to: 'i32' },
    [],
    (f, { from, stride, k, to }) => {
      const end = f.let('i32', add(get(to), times(get(k), i32(4 * width))), 'end')
      f.doWhile(
        () => {
          for (let j = 0; j < width; j += 4) {
            f.add(store('v128.store', get(to), load('v128.load', get(from), 4 * j), 4 * j))
          }
          f.increment(from, get(stride))
          f.increment(to, i32(4 * width))
        },
        () => op('i32.ne', get(to), get(end)),
      )
    },
  )

/** Copies four rows of k floats, transposed: to[k][4], `step` bytes from one k to the next. */
export const definePackRows = (module: ModuleBuilder): FunctionReference =>
  module.function(
    'pack_4_rows',
    { from: 'i32', stride: 'i32', rows: 'i32', k: 'i32', to: 'i32', step: 'i32' },
    [],
    (f, { from, stride, rows, k, to, step }) => {
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
    },
  )
