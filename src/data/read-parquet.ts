import { gunzipSync } from 'fflate'
import type { AsyncBuffer, FileMetaData } from 'hyparquet'
import { DataError } from './data-error.ts'
import { FIELDS, type Field, type FieldNames, fieldNames } from './fields.ts'
import { loadPackage } from './load-package.ts'
import { type Numbers, numberReader } from './parquet-numbers.ts'
import { type DataFile, sourceOf } from './source.ts'
import { flagOf, makeRows, numberOf, ROWS_AT_ONCE, type RowReader } from './table.ts'

/** The values of one column in a row group, in pieces as they were stored. */
interface Pieces {
  /** Number of the row after a piece's last, and its values. */
  ends: number[]
  values: ArrayLike<unknown>[]
}

/**
 * Reads Parquet, a column for each field: lists of numbers, or plain numbers in columns `observation_0`,
 * `observation_1`, ... One group of rows is in memory at a time.
 */
export async function* readParquet(file: DataFile): RowReader {
  const source = sourceOf(file)
  const parquet = await loadPackage('hyparquet', source.name, () => import('hyparquet'))
  const buffer: AsyncBuffer = {
    byteLength: source.size,
    slice: async (start, end = source.size) => {
      const bytes = await source.read(start, end)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    },
  }
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      throw new DataError(`${source.name} cannot be read as Parquet: ${(cause as Error).message}.`, { cause })
    }
  }
  const metadata = await guarded(() => parquet.parquetMetadataAsync(buffer))
  const { names, parts } = columnsOf(source.name, metadata)
  const fields = Object.entries(parts) as [Field, string[]][]
  const compressors = { GZIP: (packed: Uint8Array) => gunzipSync(packed) }
  const numbersOf = await numberReader({ name: source.name, buffer, metadata, compressors })

  let rowStart = 0
  for (const [i, group] of metadata.row_groups.entries()) {
    const rows = Number(group.num_rows)
    const readers = new Map<Field, (row: number) => unknown>()
    for (const [field, names] of fields) {
      if (FLAGS.includes(field)) continue
      const found = await guarded(() => Promise.all(names.map(name => numbersOf(i, name))))
      const read = found.every(column => column !== undefined) && rowsOf(field, found)
      if (read) readers.set(field, read)
    }
    const left = fields.filter(([field]) => !readers.has(field))
    const columns = left.flatMap(([, names]) => names)
    const pieces = new Map<string, Pieces>(columns.map(name => [name, { ends: [], values: [] }]))
    await guarded(() =>
      parquet.parquetRead({
        file: buffer,
        metadata,
        columns,
        rowStart,
        rowEnd: rowStart + rows,
        compressors,
        onChunk({ columnName, columnData }) {
          const column = pieces.get(columnName)!
          column.ends.push((column.ends.at(-1) ?? 0) + columnData.length)
          column.values.push(columnData as ArrayLike<unknown>)
        },
      }),
    )
    for (const [field, names] of left) {
      const columns = names.map(name => pieces.get(name)!)
      readers.set(field, readerOf(field, columns))
    }
    for (let at = 0; at < rows; at += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, rows - at)
      const shifted = [...readers].map(([field, read]) => [field, (row: number) => read(at + row)] as const)
      yield { names, rows: makeRows(rowStart + at, count, shifted) }
    }
    rowStart += rows
  }
}

const FLAGS: readonly Field[] = ['terminated', 'truncated']

/** Reads a field of rows from columns of numbers; undefined if they do not make one up, for the check of each row to find. */
function rowsOf(field: Field, columns: readonly Numbers[]): ((row: number) => unknown) | undefined {
  const [first, ...others] = columns
  if (field === 'reward') return first.isList ? undefined : row => first.numbers[row]
  if (others.length > 0 && columns.some(({ isList }) => isList)) return undefined
  const { width, numbers } = others.length > 0 ? beside(columns) : first
  return row => numbers.subarray(row * width, (row + 1) * width)
}

/** Plain columns as one with a number of each in a row. */
function beside(columns: readonly Numbers[]): Pick<Numbers, 'width' | 'numbers'> {
  const width = columns.length
  const numbers = new Float64Array(width * columns[0].numbers.length)
  for (const [i, column] of columns.entries()) {
    for (let row = 0, at = i; row < column.numbers.length; row++, at += width)
      numbers[at] = column.numbers[row]
  }
  return { width, numbers }
}

/** What the file calls the fields, and the columns that make each of them up. */
function columnsOf(
  file: string,
  { schema }: FileMetaData,
): { names: FieldNames; parts: Record<string, string[]> } {
  // Columns of one level: those below the root, without what is in them.
  const found: string[] = []
  for (let at = 1, left = schema[0]?.num_children ?? 0; left > 0 && at < schema.length; left--) {
    found.push(schema[at].name)
    at = skip(schema, at)
  }
  const numbered = new Map<string, string[]>()
  for (const name of found) {
    const [, base, digits] = /^(.*?)[._](\d+)$/.exec(name) ?? []
    if (base === undefined || !isVector(base)) continue
    const parts = numbered.get(base) ?? []
    parts[Number(digits)] = name
    numbered.set(base, parts)
  }
  const names = fieldNames(file, [...found, ...numbered.keys()])
  const parts = Object.entries(names).map(([field, name]): [string, string[]] => {
    if (found.includes(name)) return [field, [name]]
    const several = Array.from(numbered.get(name)!)
    const gap = several.indexOf(undefined as never)
    if (gap !== -1) throw new DataError(`${file} has no column ${name}_${gap}, but later ones.`)
    return [field, several]
  })
  return { names, parts: Object.fromEntries(parts) }
}

const VECTORS: readonly string[] = [...FIELDS.observation, ...FIELDS.action, ...FIELDS.nextObservation]
const isVector = (name: string) => VECTORS.includes(name)

/** The index behind an element of the schema and all that is in it. */
function skip(schema: FileMetaData['schema'], at: number): number {
  let next = at + 1
  for (let left = schema[at].num_children ?? 0; left > 0; left--) next = skip(schema, next)
  return next
}

/** Reads a field of rows one after the other. */
function readerOf(field: Field, parts: Pieces[]): (row: number) => unknown {
  const cells = parts.map(cellsOf)
  if (FLAGS.includes(field)) return row => flagOf(cells[0](row))
  if (cells.length > 1) return row => cells.map(cell => numberOf(cell(row)))
  const [cell] = cells
  return row => {
    const value = cell(row)
    return Array.isArray(value) && typeof value[0] === 'bigint' ? value.map(numberOf) : numberOf(value)
  }
}

/** Finds the value of a row, rows asked for in their order. */
function cellsOf({ ends, values }: Pieces): (row: number) => unknown {
  let piece = 0
  return row => {
    while (row >= ends[piece]) piece++
    const first = piece === 0 ? 0 : ends[piece - 1]
    return values[piece]?.[row - first]
  }
}
