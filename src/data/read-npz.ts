import { DataError } from './data-error.ts'
import { type Field, fieldNames } from './fields.ts'
import { type NpyColumn, openNpy } from './npy.ts'
import { type DataFile, sourceOf } from './source.ts'
import { type RowReader, requireSameRows, rowsOf } from './table.ts'
import { zipContents, zipEntries } from './zip.ts'

/** Reads what `numpy.savez` or `numpy.savez_compressed` wrote, an array for each field with a row for each step. */
export async function* readNpz(file: DataFile): RowReader {
  const source = sourceOf(file)
  const entries = new Map((await zipEntries(source)).map(entry => [entry.name.replace(/\.npy$/, ''), entry]))
  const names = fieldNames(source.name, [...entries.keys()])
  const columns: Partial<Record<Field, NpyColumn>> = {}
  const ends: AsyncGenerator<Uint8Array>[] = []
  for (const [field, name] of Object.entries(names) as [Field, string][]) {
    const pieces = zipContents(source, entries.get(name)!)
    ends.push(pieces)
    columns[field] = await openNpy(`${source.name}: ${name}`, pieces)
  }
  const rowCounts = Object.fromEntries(Object.entries(columns).map(([field, { rows }]) => [field, rows]))
  const rows = requireSameRows(source.name, names, rowCounts)
  yield* rowsOf({ names, rows, columns })
  // At the end of its bytes each array's checksum is compared.
  for (const pieces of ends) {
    for await (const piece of pieces) {
      if (piece.length > 0)
        throw new DataError(`${source.name} has more numbers than its arrays' shapes say.`)
    }
  }
}
