/** The byte offsets that run along with a loop: within a row, and over rows by their stride. */
import { type FunctionBuilder, get, i32, type Local, op } from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import type { Address } from './expressions.ts'
import { allNodes, type Elementwise } from './shape.ts'

export interface Pointers {
  /** Offset of the present vector in a row. */
  readonly along: Local
  /** Offset of the present vector in a matrix whose rows are `stride` floats apart. */
  readonly inRow: (stride?: number) => Local
  /** Offset of the present row's element in a column whose elements are `stride` floats apart. */
  readonly overRow: (stride?: number) => Local
  /** Sets all offsets to those of a row that begins at the vector `start` bytes in. */
  readonly begin: (row: Code | undefined, start: Code) => void
  /** Moves along a row. */
  readonly advance: (bytes: number) => void
  /** Moves from where a row was left, `moved` bytes on, to the next one. */
  readonly nextRow: (moved: Code) => void
}

/** Declares the offsets that a loop needs. */
export function definePointers(f: FunctionBuilder, { rows, columns, outputs }: Elementwise): Pointers {
  const along = f.local('i32', 'along')
  const inRows = new Map<number, Local>()
  const overRows = new Map<number, Local>()
  const running = (pointers: Map<number, Local>, stride: number): Local => {
    const known = pointers.get(stride) ?? f.local('i32', `stride_${stride}`)
    pointers.set(stride, known)
    return known
  }
  const inRow = (stride = columns): Local => (rows === 1 ? along : running(inRows, stride))
  const overRow = (stride = 1): Local => running(overRows, stride)
  // All must be known before the loop starts: they are declared by everything that uses them.
  if (rows > 1) {
    for (const node of allNodes(outputs).keys()) {
      if (node.kind === 'matrix') inRow(node.stride)
      if (node.kind === 'column') overRow(node.stride)
    }
    for (const { sum, stride } of outputs) {
      if (sum === undefined) inRow(stride)
      if (sum === 1) overRow(stride)
    }
  }
  return {
    along,
    inRow,
    overRow,
    begin(row, start) {
      const offset = (stride: number): Code => (row ? op('i32.mul', row, i32(4 * stride)) : i32(0))
      f.set(along, start)
      for (const [stride, pointer] of inRows) f.set(pointer, op('i32.add', offset(stride), start))
      for (const [stride, pointer] of overRows) f.set(pointer, offset(stride))
    },
    advance(bytes) {
      for (const pointer of [along, ...inRows.values()]) f.increment(pointer, i32(bytes))
    },
    nextRow(moved) {
      f.set(along, op('i32.sub', get(along), moved))
      for (const [stride, pointer] of inRows) f.increment(pointer, op('i32.sub', i32(4 * stride), moved))
      for (const [stride, pointer] of overRows) f.increment(pointer, i32(4 * stride))
    },
  }
}

/** Where an operand or output lies, `pointer` bytes in. Constant offsets go into the instructions themselves. */
export const addressOf = ({ base }: Address, pointer?: Local): Code => {
  if (base && pointer) return op('i32.add', get(base), get(pointer))
  if (base) return get(base)
  return pointer ? get(pointer) : i32(0)
}
