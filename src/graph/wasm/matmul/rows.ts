/** Rows of a matrix read side by side, so that the lanes of a vector are rows. */
import {
  add,
  type FunctionBuilder,
  get,
  i32,
  type Local,
  load,
  op,
  shuffle,
  times,
} from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'

/** Pointers to four rows from `from` on; those beyond the last row point to the last. */
export const rowPointers = (
  f: FunctionBuilder,
  from: Local,
  stride: Local,
  rows: Code,
  count = 4,
): Local[] => {
  const last = f.let('i32', add(get(from), times(op('i32.sub', rows, i32(1)), get(stride))), 'last')
  const pointers = [f.let('i32', get(from), 'row')]
  while (pointers.length < count) {
    const next = f.let('i32', add(get(pointers.at(-1)!), get(stride)), 'row')
    f.set(next, [...get(next), ...get(last), ...op('i32.le_u', get(next), get(last)), ['select']])
    pointers.push(next)
  }
  return pointers
}

/** One float of each of four rows, as a vector. */
export const gather = (rows: readonly Local[]): Code => {
  const [a, b, c, d] = rows.map(row => load('v128.load32_splat', get(row))) as [Code, Code, Code, Code]
  return shuffle(shuffle(a, b, 0, 4, 0, 4), shuffle(c, d, 0, 4, 0, 4), 0, 1, 6, 7)
}

/** Rows of four vectors become columns. */
export const transpose = (f: FunctionBuilder, rows: Local[]): Local[] => {
  const [a, b, c, d] = rows.map(get) as [Code, Code, Code, Code]
  const pairs = [
    [a, b, 0, 4, 1, 5],
    [c, d, 0, 4, 1, 5],
    [a, b, 2, 6, 3, 7],
    [c, d, 2, 6, 3, 7],
  ] as const
  const [ab, cd, AB, CD] = pairs.map(([x, y, ...lanes]) => get(f.let('v128', shuffle(x, y, ...lanes))))
  return [
    shuffle(ab!, cd!, 0, 1, 4, 5),
    shuffle(ab!, cd!, 2, 3, 6, 7),
    shuffle(AB!, CD!, 0, 1, 4, 5),
    shuffle(AB!, CD!, 2, 3, 6, 7),
  ].map(column => f.let('v128', column))
}
