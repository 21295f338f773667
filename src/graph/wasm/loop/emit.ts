/**
 * Fused element-wise loops: any number of expressions over matrices of one size, rows, columns and scalars become
 * one pass over memory, with sums along the way.
 *
 * Loads may read up to 12 bytes past the end of an operand; stores are exact. An output may be stored where an
 * input lies if both are the same elements: all values of a vector are computed before any is stored.
 */
import { type FunctionBuilder, get, i32, op } from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { cutRow, cutVector } from '../cut.ts'
import { addressOf, definePointers, type Pointers } from './pointers.ts'
import { canSplit, type Elementwise, type Part, withFewestDimensions } from './shape.ts'
import { storeLanes } from './store.ts'
import { defineSums, type Sums } from './sums.ts'
import { defineValues, type Known, type Values } from './values.ts'

/** What the parts of a loop are emitted with. */
interface Emission {
  readonly f: FunctionBuilder
  readonly loop: Elementwise
  readonly pointers: Pointers
  readonly values: Values
  readonly sums: Sums
}

/**
 * Appends the loop to a function.
 * @throws RangeError for sizes that make no loop, or a part along an axis that is summed up
 */
export function emitElementwise(f: FunctionBuilder, given: Elementwise): void {
  for (const size of [given.rows, given.columns]) {
    if (!Number.isInteger(size) || size < 1) throw new RangeError(`A loop needs positive sizes: ${size}`)
  }
  const loop = withFewestDimensions(given)
  if (given.part && !canSplit(loop, given.part.axis)) {
    throw new RangeError(
      `This loop of ${given.rows} x ${given.columns} cannot be dealt out by ${given.part.axis}`,
    )
  }
  const pointers = definePointers(f, loop)
  const values = defineValues(f, loop, pointers)
  const emission: Emission = { f, loop, pointers, values, sums: defineSums(f, loop, pointers) }
  emission.sums.clear('all')
  const known: Known = new Map()
  values.hoist(0, known)
  if (loop.rows === 1) emitRow(emission, known, rangeOfRow(f, given, loop))
  else emitRows(emission, known)
  emission.sums.store('all')
}

/** Stretches of a loop: from one end, included, to the other. */
type Range = readonly [start: Code, end: Code]

const kept = (f: FunctionBuilder, code: Code): Code => get(f.let('i32', code))

/** The vectors of a loop in one row that fall to a part, whether its rows were dealt out or its columns. */
function rangeOfRow(f: FunctionBuilder, given: Elementwise, { columns }: Elementwise): Range {
  const { part, rows } = given
  const vectors = Math.floor(columns / 4)
  if (!part) return [i32(0), i32(vectors)]
  if (part.axis === 'columns') return cutVector(part, vectors)
  // Units of rows are whole vectors; what is over at the very end belongs to the last part.
  const [start, end] = cutRow(f, part, rows, part.unit).map(row =>
    kept(f, op('i32.div_u', op('i32.mul', row, i32(given.columns)), i32(4))),
  )
  return [start!, end!]
}

/** A loop that runs at least once unless it is split. */
const repeat = (f: FunctionBuilder, part: Part | undefined, condition: () => Code, body: () => void): void =>
  part ? f.while(condition, body) : f.doWhile(body, condition)

/** All elements in one row, or the vectors of one part. */
function emitRow(emission: Emission, known: Known, [start, end]: Range): void {
  const { f, loop, pointers } = emission
  const { part, columns } = loop
  const tail = columns % 4
  pointers.begin(undefined, part ? op('i32.mul', start, i32(16)) : i32(0))
  const last = part ? kept(f, op('i32.mul', end, i32(16))) : op('i32.mul', end, i32(16))
  if (columns >= 4) {
    repeat(
      f,
      part,
      () => op('i32.lt_u', get(pointers.along), last),
      () => {
        emitVector(emission, known, 0, 4)
        pointers.advance(16)
      },
    )
  }
  if (tail === 0) return
  const finish = (): void => emitVector(emission, known, 0, tail)
  if (part) f.if(op('i32.eq', op('i32.add', get(part.index), i32(1)), get(part.count)), finish)
  else finish()
}

/** Row after row; of each row all vectors, or those of one part. */
function emitRows(emission: Emission, outer: Known): void {
  const { f, loop, pointers, values, sums } = emission
  const { rows, columns, part } = loop
  const byColumns = part?.axis === 'columns'
  const [start, end]: Range = part && !byColumns ? cutRow(f, part, rows, part.unit) : [i32(0), i32(rows)]
  const vectors: Range = byColumns
    ? (cutVector(part, columns / 4).map(vector => kept(f, op('i32.mul', vector, i32(16)))) as [Code, Code])
    : [i32(0), i32(16 * Math.floor(columns / 4))]
  sums.clearRows(vectors[0], byColumns ? op('i32.sub', vectors[1], vectors[0]) : i32(4 * columns))
  const at = f.let('i32', start, 'row')
  pointers.begin(part && !byColumns ? get(at) : undefined, vectors[0])
  repeat(
    f,
    byColumns ? undefined : part,
    () => op('i32.lt_u', get(at), end),
    () => {
      const known = new Map(outer)
      values.hoist(1, known)
      sums.clear(1)
      const moved = emitVectorsOfRow(emission, known, vectors)
      sums.store(1)
      pointers.nextRow(moved)
      f.increment(at, i32(1))
    },
  )
}

/** The vectors of one row; returns how many bytes the pointers have moved. */
function emitVectorsOfRow(emission: Emission, known: Known, [start, end]: Range): Code {
  const { f, loop, pointers } = emission
  const { columns, part } = loop
  const vectors = Math.floor(columns / 4)
  const tail = columns % 4
  const byColumns = part?.axis === 'columns'
  // Short rows are written out.
  const looped = vectors > 4 || byColumns
  if (looped) {
    repeat(
      f,
      byColumns ? part : undefined,
      () => op('i32.lt_u', get(pointers.along), end),
      () => {
        emitVector(emission, known, 0, 4)
        pointers.advance(16)
      },
    )
  } else {
    for (let vector = 0; vector < vectors; vector++) emitVector(emission, known, 16 * vector, 4)
  }
  if (tail > 0) emitVector(emission, known, looped ? 0 : 16 * vectors, tail)
  return byColumns ? op('i32.sub', end, start) : i32(looped ? 16 * vectors : 0)
}

/** One vector of each output. */
function emitVector(
  { f, loop, pointers, values, sums }: Emission,
  outer: Known,
  displacement: number,
  lanes: number,
) {
  const known = new Map(outer)
  const computed = loop.outputs.map(({ value }) =>
    f.keep('v128', values.evaluate(value, known, displacement), 'value'),
  )
  loop.outputs.forEach((output, index) => {
    const { to, stride, sum } = output
    if (sum !== undefined) sums.add(output, computed[index]!, displacement, lanes)
    else {
      storeLanes(f, addressOf(to, pointers.inRow(stride)), computed[index]!, to.offset + displacement, lanes)
    }
  })
}
