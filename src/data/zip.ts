/** Zip archives, read from wherever they are without having all of them in memory. */
import { crc32 } from '../encoding/crc32.ts'
import {
  DIRECTORY_END,
  DIRECTORY_END_SIZE,
  DIRECTORY_ENTRY,
  LOCAL_HEADER,
  LONGEST_COMMENT,
  type ZipEntry,
} from '../encoding/zip-format.ts'
import { DataError } from './data-error.ts'
import { type DataSource, piecesBetween } from './source.ts'

/** Marks of the parts that only archives of more than 4 GB have (Zip64). */
const DIRECTORY_END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const LOCATOR_SIZE = 20
/** Marks a number that stands in the Zip64 field instead. */
const ELSEWHERE = 0xffffffff

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/**
 * The directory of an archive.
 * @throws DataError for a file that is no zip archive, or cut off
 */
export async function zipEntries(source: DataSource): Promise<ZipEntry[]> {
  const tailStart = Math.max(0, source.size - DIRECTORY_END_SIZE - LONGEST_COMMENT)
  const tail = await source.read(tailStart, source.size)
  const view = viewOf(tail)
  let end = tail.length - DIRECTORY_END_SIZE
  while (end >= 0 && view.getUint32(end, true) !== DIRECTORY_END) end--
  if (end < 0) throw new DataError(`${source.name} is no zip archive, or cut off: it has no directory.`)
  let size = view.getUint32(end + 12, true)
  let start = view.getUint32(end + 16, true)
  const locator = end - LOCATOR_SIZE
  if (locator >= 0 && view.getUint32(locator, true) === LOCATOR_64) {
    const at = Number(view.getBigUint64(locator + 8, true))
    const wide = viewOf(await partOf(source, at, at + 56))
    if (wide.getUint32(0, true) !== DIRECTORY_END_64) throw damaged(source)
    size = Number(wide.getBigUint64(40, true))
    start = Number(wide.getBigUint64(48, true))
  }
  return entriesIn(await partOf(source, start, start + size), source)
}

function entriesIn(directory: Uint8Array, source: DataSource): ZipEntry[] {
  const view = viewOf(directory)
  const entries: ZipEntry[] = []
  for (let at = 0; at < directory.length; ) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== DIRECTORY_ENTRY) throw damaged(source)
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const extra = at + 46 + nameLength
    const next = extra + extraLength + view.getUint16(at + 32, true)
    if (next > directory.length) throw damaged(source)
    const wide = wideNumbers(view, extra, extra + extraLength)
    const number = (offset: number) => {
      const value = view.getUint32(at + offset, true)
      return value === ELSEWHERE ? (wide.shift() ?? value) : value
    }
    // In the order in which the Zip64 field has those that it has.
    const size = number(24)
    const compressed = number(20)
    entries.push({
      name: new TextDecoder().decode(directory.subarray(at + 46, extra)),
      method: view.getUint16(at + 10, true),
      checksum: view.getUint32(at + 16, true),
      compressed,
      size,
      start: number(42),
    })
    at = next
  }
  return entries
}

/** The numbers of 64 bits among an entry's extra fields. */
function wideNumbers(view: DataView, from: number, to: number): number[] {
  for (let at = from; at + 4 <= to; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue
    const count = Math.floor(view.getUint16(at + 2, true) / 8)
    return Array.from({ length: count }, (_, i) => Number(view.getBigUint64(at + 4 + 8 * i, true)))
  }
  return []
}

/**
 * The bytes of one file of an archive, unpacked, piece by piece.
 * @throws DataError if it is damaged, found at the latest after its last piece, or compressed in another way than deflate
 */
export async function* zipContents(source: DataSource, entry: ZipEntry): AsyncGenerator<Uint8Array> {
  const { name, method, checksum, compressed, size, start } = entry
  const what = `${source.name}: ${name}`
  const header = viewOf(await partOf(source, start, start + 30))
  if (header.getUint32(0, true) !== LOCAL_HEADER) throw damaged(source)
  const begin = start + 30 + header.getUint16(26, true) + header.getUint16(28, true)
  if (begin + compressed > source.size)
    throw new DataError(`${source.name} is cut off: ${name} lacks some bytes.`)
  if (method !== 0 && method !== 8)
    throw new DataError(`${what} is compressed by method ${method}, not deflate.`)
  const packed = piecesBetween(source, begin, begin + compressed)
  let read = 0
  let sum = 0
  try {
    for await (const piece of method === 0 ? packed : inflated(packed)) {
      read += piece.length
      // What a file says of its own size decides how much of it is read.
      if (read > size) break
      sum = crc32(piece, sum)
      yield piece
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw new DataError(`${what} is damaged: ${(cause as Error).message}.`, { cause })
  }
  if (read !== size || sum !== checksum) throw new DataError(`${what} is damaged: its checksum differs.`)
}

/** Deflated bytes, unpacked by the platform. */
function inflated(packed: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  const compressed = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await packed.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
  })
  const unpacked = compressed.pipeThrough(
    new DecompressionStream('deflate-raw') as unknown as ReadableWritablePair<Uint8Array, Uint8Array>,
  )
  return piecesFrom(unpacked)
}

/** Not every browser can iterate over a stream. */
async function* piecesFrom(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    await reader.cancel().catch(() => {})
  }
}

async function partOf(source: DataSource, start: number, end: number): Promise<Uint8Array> {
  if (!(end <= source.size)) throw new DataError(`${source.name} is cut off, or no sound zip archive.`)
  return source.read(start, end)
}

const damaged = ({ name }: DataSource) =>
  new DataError(`${name} is no sound zip archive: its directory is damaged.`)
