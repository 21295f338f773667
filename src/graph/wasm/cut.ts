/** How rows and columns are dealt out to threads: all kernels cut alike, so that each meets its own rows again. */
import { type FunctionBuilder, get, i32, type Local, op } from './assembler/function-builder.ts'
import type { Code } from './assembler/opcodes.ts'

/** Part `index` of `count`, two i32 locals. */
export interface Share {
  readonly index: Local
  readonly count: Local
}

const next = (index: Local): Code => op('i32.add', get(index), i32(1))

/** First row of a part and first row of the next, of `count` rows in whole units. The last part takes what is over. */
export function cutRow(
  f: FunctionBuilder,
  { index, count }: Share,
  rows: number,
  unit: number,
): [start: Code, end: Code] {
  const units = Math.ceil(rows / unit)
  const cut = (at: Code): Code => {
    const row = f.let(
      'i32',
      op('i32.mul', op('i32.div_u', op('i32.mul', i32(units), at), get(count)), i32(unit)),
    )
    f.if(op('i32.gt_u', get(row), i32(rows)), () => f.set(row, i32(rows)))
    return get(row)
  }
  return [cut(get(index)), cut(next(index))]
}

/** First vector of a part and first vector of the next. */
export const cutVector = ({ index, count }: Share, vectors: number): [start: Code, end: Code] => {
  const cut = (at: Code): Code => op('i32.div_u', op('i32.mul', i32(vectors), at), get(count))
  return [cut(get(index)), cut(next(index))]
}
