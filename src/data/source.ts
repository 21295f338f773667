import { describe } from '../env/require.ts'
import { DataError } from './data-error.ts'

/** A file whose parts can be read in any order, wherever it is. */
export interface DataSource {
  /** Its name, for error messages; the ending is that of its format. */
  readonly name: string
  /** Bytes in it. */
  readonly size: number
  /** The bytes from `start` to before `end`, both within the file. */
  read(start: number, end: number): Promise<Uint8Array>
  /** The same at once. An HDF5 file without it must fit in memory. */
  readSync?(start: number, end: number): Uint8Array
}

/**
 * A file of transitions: a `File` as pages get it, bytes with a name, a `DataSource`, or a stream of bytes with a name,
 * from which only JSONL can be read.
 */
export type DataFile = File | NamedBytes | NamedStream | DataSource

/** A file in memory. */
export interface NamedBytes {
  /** Its name, for error messages; the ending is that of its format. */
  readonly name: string
  /** All that is in it. */
  readonly bytes: Uint8Array
}

/** A file that arrives piece by piece, of any size. */
export interface NamedStream {
  /** Its name, for error messages; the ending is that of its format. */
  readonly name: string
  /** Its bytes in their order, in pieces of any length. */
  readonly stream: AsyncIterable<Uint8Array>
}

/** Bytes that are read at once where a file is read from its beginning to its end. */
const PIECE = 2 ** 20

/** @throws TypeError for what is no file */
export function requireFile(file: DataFile): void {
  const given = file as unknown as Partial<Record<string, unknown>> | undefined
  if (typeof given?.name === 'string' && (given.bytes ?? given.stream ?? given.size) !== undefined) return
  throw new TypeError(
    `A file of transitions is a File, { name, bytes } or { name, stream }, not ${describe(file)}. In Node, ` +
      "openTransitions('demo.jsonl') of soft-actor-critic/run opens one on disk.",
  )
}

/** @throws DataError for a stream, which cannot be read in any order */
export function sourceOf(file: DataFile): DataSource {
  if ('stream' in file && !(file instanceof Blob)) {
    throw new DataError(
      `${file.name} is a stream, and only JSONL can be read from one: give the whole file, as File or { name, bytes }.`,
    )
  }
  if (file instanceof Blob) {
    const { name, size } = file
    const read = async (start: number, end: number) =>
      new Uint8Array(await file.slice(start, end).arrayBuffer())
    return { name, size, read }
  }
  if (!('bytes' in file)) return file
  const { name, bytes } = file
  const readSync = (start: number, end: number) => bytes.subarray(start, end)
  return { name, size: bytes.length, read: async (start, end) => readSync(start, end), readSync }
}

/** The bytes of a file from its beginning to its end, piece by piece. */
export const piecesOf = (file: DataFile): AsyncIterable<Uint8Array> =>
  'stream' in file && !(file instanceof Blob) ? file.stream : piecesBetween(sourceOf(file))

export async function* piecesBetween(
  source: DataSource,
  start = 0,
  end: number = source.size,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE) yield source.read(at, Math.min(at + PIECE, end))
}
