import { gunzipSync } from 'fflate'
import type { AsyncBuffer, FileMetaData } from 'hyparquet'
import { DataError } from './data-error.ts'
import { FIELDS, type Field, type FieldNames, fieldNames } from './fields.ts'
import { loadPackage } from './load-package.ts'
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
  const columns = Object.values(parts).flat()

  let rowStart = 0
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows)
    const pieces = new Map<string, Pieces>(columns.map(name => [name, { ends: [], values: [] }]))
    await guarded(() =>
      parquet.parquetRead({
        file: buffer,
        metadata,
        columns,
        rowStart,
        rowEnd: rowStart + rows,
        compressors: { GZIP: packed => gunzipSync(packed) },
        onChunk({ columnName, columnData }) {
          const column = pieces.get(columnName)!
          column.ends.push((column.ends.at(-1) ?? 0) + columnData.length)
          column.values.push(columnData as ArrayLike<unknown>)
        },
      }),
    )
    const readers = (Object.entries(parts) as [Field, string[]][]).map(
      ([field, parts]) =>
        [
          field,
          readerOf(
            field,
            parts.map(name => pieces.get(name)!),
          ),
        ] as const,
    )
    for (let at = 0; at < rows; at += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, rows - at)
      const fields = readers.map(([field, read]) => [field, (row: number) => read(at + row)] as const)
      yield { names, rows: makeRows(rowStart + at, count, fields) }
    }
    rowStart += rows
  }
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
  if (field === 'terminated' || field === 'truncated') return row => flagOf(cells[0](row))
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
