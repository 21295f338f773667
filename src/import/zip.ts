import { inflateSync } from 'fflate'
import { crc32 } from '../encoding/crc32.ts'
import {
  DIRECTORY_END,
  DIRECTORY_END_SIZE,
  DIRECTORY_ENTRY,
  LOCAL_HEADER,
  LONGEST_COMMENT,
  type ZipEntry,
} from '../encoding/zip-format.ts'
import { ModelFileError } from './model-file-error.ts'

/** More than any agent takes, and still harmless: what a file says of its own size is not to be trusted. */
const MOST_ENTRIES = 10_000

export interface UnzipOptions {
  /** Which files to unpack; by default all. */
  wanted?: (path: string) => boolean
  /** Bytes that the unpacked files may take together. Default `unpackedLimit` of the archive. */
  limit?: number
}

/**
 * How many bytes an archive may hold: weights hardly compress, and PyTorch does not even try, so what would unpack to
 * more than 20 times its size is a bomb.
 */
export const unpackedLimit = (archive: Uint8Array) => Math.max(2 ** 20, 20 * archive.length)

/**
 * The files in a zip archive, by path, each checked against its CRC-32.
 *
 * @param what the archive, for messages
 * @throws ModelFileError for bytes that are no zip archive, cut off or damaged, and for sizes beyond reason
 */
export function unzip(
  bytes: Uint8Array,
  what: string,
  { wanted = () => true, limit = unpackedLimit(bytes) }: UnzipOptions = {},
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>()
  let total = 0
  try {
    for (const entry of directory(bytes)) {
      if (!wanted(entry.name)) continue
      total += entry.size
      if (total > limit) throw new ModelFileError(`its files take more than ${limit} bytes`)
      files.set(entry.name, contents(bytes, entry))
    }
  } catch (cause) {
    throw new ModelFileError(`${what} is not a zip archive that can be read: ${(cause as Error).message}.`, {
      cause,
    })
  }
  return files
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** The directory is at the end, before a comment that may be there. Sizes beyond 4 GB (Zip64) are not read. */
function directory(bytes: Uint8Array): ZipEntry[] {
  const view = viewOf(bytes)
  const last = bytes.length - DIRECTORY_END_SIZE
  let end = last
  while (end >= 0 && end >= last - LONGEST_COMMENT && view.getUint32(end, true) !== DIRECTORY_END) end--
  if (end < 0 || end < last - LONGEST_COMMENT) throw new ModelFileError('it has no directory, or is cut off')
  const count = view.getUint16(end + 10, true)
  if (count > MOST_ENTRIES) throw new ModelFileError(`it has more than ${MOST_ENTRIES} files`)
  const entries: ZipEntry[] = []
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || view.getUint32(at, true) !== DIRECTORY_ENTRY) {
      throw new ModelFileError('its directory is damaged')
    }
    const uint16 = (offset: number) => view.getUint16(at + offset, true)
    const uint32 = (offset: number) => view.getUint32(at + offset, true)
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + uint16(28))),
      method: uint16(10),
      checksum: uint32(16),
      compressed: uint32(20),
      size: uint32(24),
      start: uint32(42),
    })
    at += 46 + uint16(28) + uint16(30) + uint16(32)
  }
  return entries
}

function contents(
  bytes: Uint8Array,
  { name, method, checksum, compressed, size, start }: ZipEntry,
): Uint8Array {
  const view = viewOf(bytes)
  if (start + 30 > bytes.length || view.getUint32(start, true) !== LOCAL_HEADER) {
    throw new ModelFileError(`${name} is not where the directory says`)
  }
  const begin = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true)
  if (begin + compressed > bytes.length) throw new ModelFileError(`it is cut off: ${name} lacks some bytes`)
  const packed = bytes.subarray(begin, begin + compressed)
  const data = unpack(packed, method, size)
  if (data === undefined) throw new ModelFileError(`${name} is compressed by method ${method}`)
  if (data.length !== size) throw new ModelFileError(`${name} has ${data.length} bytes, not ${size}`)
  if (crc32(data) !== checksum) throw new ModelFileError(`${name} is damaged: its checksum differs`)
  return data
}

/** Into memory of its declared size, which does not grow: no more than that is ever unpacked. */
function unpack(packed: Uint8Array, method: number, size: number): Uint8Array | undefined {
  if (method === 0) return packed
  return method === 8 ? inflateSync(packed, { out: new Uint8Array(size) }) : undefined
}
