/** A checkpoint as a file on disk, in the form of `encoding/structured-file.ts`. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { SafetensorsError } from '../encoding/safetensors-header.ts'
import { decodeStructured, encodeStructured, type StructuredFile } from '../encoding/structured-file.ts'
import { writeFileAtomically } from './write-file.ts'

const CHECKPOINT = { format: 'soft-actor-critic checkpoint', formatVersion: '2', name: 'a checkpoint' }

/** A file that is no checkpoint, or not one that can be used. */
export class CheckpointError extends Error {
  override name = 'CheckpointError'
}

/**
 * Writes a value of plain data and typed arrays. The arrays go to the file one by one, so that no second copy of a
 * large replay buffer is ever in memory. Whatever happens meanwhile, the file is there as a whole or not at all.
 *
 * @param about texts for people who look into the file, such as the number of steps
 * @returns bytes written
 * @throws TypeError if the value has something in it that cannot be stored; the file system's errors
 */
export function writeCheckpointFile(path: string, value: unknown, about: Record<string, string>): number {
  const parts = encodeStructured(value, CHECKPOINT, about, extendChecksum)
  writeFileAtomically(path, parts)
  return parts.reduce((total, part) => total + part.length, 0)
}

/**
 * Reads what `writeCheckpointFile` wrote.
 * @throws CheckpointError for a file that is cut off, damaged, of another kind or of another version of the format
 */
export function readCheckpointFile(path: string): StructuredFile {
  try {
    return withFile(path, file =>
      decodeStructured(fstatSync(file).size, bytes => readFully(file, bytes), CHECKPOINT, extendChecksum),
    )
  } catch (cause) {
    throw new CheckpointError(`${path} cannot be used: ${(cause as Error).message}`, { cause })
  }
}

/** For an array without any memory zlib returns 0 and forgets the sum so far. */
const extendChecksum = (bytes: Uint8Array, sum: number) => (bytes.length === 0 ? sum : crc32(bytes, sum))

function withFile<T>(path: string, read: (file: number) => T): T {
  const file = openSync(path, 'r')
  try {
    return read(file)
  } finally {
    closeSync(file)
  }
}

/** One call reads at most 2 GiB, and may read less than it was asked for. */
function readFully(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30), null)
    if (read === 0) throw new SafetensorsError('it was cut off while it was read.')
    at += read
  }
}
