import type { Spaces } from '../env/spaces.ts'
import type { Transition } from '../replay/transition.ts'
import { DataError } from './data-error.ts'
import { createRowCheck } from './fields.ts'
import { readHdf5 } from './read-hdf5.ts'
import { readJsonl } from './read-jsonl.ts'
import { readNpz } from './read-npz.ts'
import { readParquet } from './read-parquet.ts'
import { type DataFile, requireFile } from './source.ts'
import type { RowReader } from './table.ts'

/** What reads a format, by the endings of its names. */
const READERS: Record<string, (file: DataFile) => RowReader> = {
  '.jsonl': readJsonl,
  '.ndjson': readJsonl,
  '.parquet': readParquet,
  '.npz': readNpz,
  '.hdf5': readHdf5,
  '.h5': readHdf5,
}

/** Endings of the names of files that `readTransitions` reads. */
export const READABLE: readonly string[] = Object.keys(READERS)

/**
 * Reads stored transitions one after the other, a small part of the file at a time: JSONL, Parquet, NumPy's `.npz`, and
 * HDF5 of Minari, by the ending of the name. Each row is checked. hyparquet and h5wasm are loaded when they are needed.
 *
 * @param spaces of the agent that is to learn from them, or of its environment; without them, sizes must be those of the
 *   first row, and the bounds of actions are not checked
 * @throws DataError that names the file, the row (counted from 1) and the field, when the faulty row is reached
 * @throws TypeError for what is no file
 * @example
 * await agent.learnFrom(readTransitions(file, agent))
 */
export async function* readTransitions(file: DataFile, spaces?: Spaces): AsyncGenerator<Transition, void> {
  requireFile(file)
  const read = READERS[/\.\w+$/.exec(file.name)?.[0].toLowerCase() ?? '']
  if (!read) {
    throw new DataError(
      `${file.name}: the name of a file of transitions ends in one of ${READABLE.join(', ')}.`,
    )
  }
  const check = createRowCheck(file.name, spaces)
  for await (const { names, rows } of read(file)) for (const row of rows) yield check(row, names)
}
