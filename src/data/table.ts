/** Files in columns: as many rows of each column at a time as memory allows easily. */
import { DataError } from './data-error.ts'
import type { Field, FieldNames, Row } from './fields.ts'

/** Some rows of a file, in their order, with what it calls their fields. */
export interface Rows {
  names: FieldNames
  rows: Row[]
}

/** Reads a file some rows at a time, because each `await` costs more than a row. */
export type RowReader = AsyncGenerator<Rows>

/** Numbers of a column as a format has them. */
export type Numbers = ArrayLike<number> | ArrayLike<bigint> | ArrayLike<boolean>

/** A column from which rows are read in their order. */
export interface Column {
  /** Numbers in a row. */
  width: number
  /** The numbers of the next rows, row by row. */
  next(rows: number): Promise<Numbers>
}

/** Columns of the same length. */
export interface Table {
  names: FieldNames
  rows: number
  columns: Partial<Record<Field, Column>>
}

/** Rows, and numbers of a column, that are read at once. */
export const ROWS_AT_ONCE = 4096
const NUMBERS_AT_ONCE = 2 ** 20

/** The rows of a table. */
export async function* rowsOf({ names, rows, columns }: Table): RowReader {
  const entries = Object.entries(columns) as [Field, Column][]
  const widest = Math.max(1, ...entries.map(([, { width }]) => width))
  const atOnce = Math.max(1, Math.min(ROWS_AT_ONCE, Math.floor(NUMBERS_AT_ONCE / widest)))
  for (let first = 0; first < rows; first += atOnce) {
    const count = Math.min(atOnce, rows - first)
    const blocks: [Field, (row: number) => unknown][] = []
    for (const [field, column] of entries) {
      const numbers = await column.next(count)
      blocks.push([field, readerOf(field, numbers, column.width)])
    }
    yield { names, rows: makeRows(first, count, blocks) }
  }
}

/**
 * Rows of values that can be read one by one.
 * @param first how many rows of the file come before them
 */
export function makeRows(
  first: number,
  count: number,
  fields: readonly (readonly [Field, (row: number) => unknown])[],
): Row[] {
  return Array.from({ length: count }, (_, i) => {
    const values = {} as Row['values']
    for (const [field, read] of fields) values[field] = read(i)
    return { place: first + i + 1, values }
  })
}

/** A number, whatever its type; what cannot be one exactly stays as it is, for the check to find. */
export const numberOf = (value: unknown): unknown =>
  typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value

/** 0 and 1 stand for false and true. */
export function flagOf(value: unknown): unknown {
  const number = numberOf(value)
  return number === 0 ? false : number === 1 ? true : number
}

/** Reads a field of the rows of a block. */
function readerOf(field: Field, numbers: Numbers, width: number): (row: number) => unknown {
  if (field === 'terminated' || field === 'truncated') return row => flagOf(numbers[row])
  if (field === 'reward') return row => numberOf(numbers[row])
  if (
    ArrayBuffer.isView(numbers) &&
    !(numbers instanceof BigInt64Array || numbers instanceof BigUint64Array)
  ) {
    const typed = numbers as unknown as Float64Array
    return row => typed.subarray(row * width, (row + 1) * width)
  }
  return row => Array.from({ length: width }, (_, i) => numberOf(numbers[row * width + i]))
}

/** Checks that columns fit each other, and gives their common number of rows. */
export function requireSameRows(
  file: string,
  names: FieldNames,
  rows: Partial<Record<Field, number>>,
): number {
  const [[first, count], ...others] = Object.entries(rows) as [Field, number][]
  for (const [field, other] of others) {
    if (other === count) continue
    throw new DataError(
      `${file}: ${names[first]} has ${count} rows, but ${names[field]} has ${other}; all must have the same.`,
    )
  }
  return count
}
