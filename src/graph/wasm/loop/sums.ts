/**
 * The sums of a loop. Their order is fixed: along axis 0 row after row; along axis 1 and over everything four partial
 * sums, by element number modulo 4 (within a row, unless the loop is flat), joined as (0+2)+(1+3).
 */
import {
  type FunctionBuilder,
  f32x4,
  get,
  type Local,
  load,
  op,
  shuffle,
} from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { addressOf, type Pointers } from './pointers.ts'
import type { Elementwise, Output } from './shape.ts'
import { storeLanes } from './store.ts'

export interface Sums {
  /** Starts those over everything (`'all'`) or those of a row (1) from zero. */
  readonly clear: (kind: 1 | 'all') => void
  /** Starts the sums over rows from zero, in `bytes` bytes from `start` on: these are in memory all along. */
  readonly clearRows: (start: Code, bytes: Code) => void
  /** Adds the first `lanes` elements of a vector to the sum of an output. */
  readonly add: (output: Output, value: Local, displacement: number, lanes: number) => void
  /** Joins the partial sums of a kind and stores them. */
  readonly store: (kind: 1 | 'all') => void
}

export function defineSums(f: FunctionBuilder, { outputs }: Elementwise, pointers: Pointers): Sums {
  const partial = new Map<Output, Local>()
  for (const output of outputs) {
    if (output.sum === 1 || output.sum === 'all') partial.set(output, f.local('v128', 'sum'))
  }
  const ofKind = (kind: Output['sum']) => [...partial].filter(([output]) => output.sum === kind)

  return {
    clear(kind) {
      for (const [, sum] of ofKind(kind)) f.set(sum, f32x4(0))
    },
    clearRows(start, bytes) {
      for (const { to, sum } of outputs) {
        if (sum !== 0) continue
        const from = op('i32.add', op('i32.add', addressOf(to), [['i32.const', to.offset]]), start)
        f.add([...from, ['i32.const', 0], ...bytes, ['memory.fill']])
      }
    },
    add(output, value, displacement, lanes) {
      const sum = partial.get(output)
      if (!sum) {
        const to = addressOf(output.to, pointers.along)
        const offset = output.to.offset + displacement
        const total = f.let('v128', op('f32x4.add', load('v128.load', to, offset), get(value)), 'total')
        storeLanes(f, to, total, offset, lanes)
        return
      }
      // Lanes beyond the row are taken from a vector of zeros.
      const kept =
        lanes === 4
          ? get(value)
          : shuffle(get(value), f32x4(0), ...[0, 1, 2, 3].map(i => (i < lanes ? i : 4)))
      f.set(sum, op('f32x4.add', get(sum), kept))
    },
    store(kind) {
      for (const [{ to, stride }, sum] of ofKind(kind)) {
        f.set(sum, op('f32x4.add', get(sum), shuffle(get(sum), get(sum), 2, 3, 2, 3)))
        f.set(sum, op('f32x4.add', get(sum), shuffle(get(sum), get(sum), 1, 1, 1, 1)))
        const address = kind === 'all' ? addressOf(to) : addressOf(to, pointers.overRow(stride))
        storeLanes(f, address, sum, to.offset, 1)
      }
    },
  }
}
