/**
 * A checkpoint as a file: safetensors, with all that is not an array of numbers as JSON in its metadata, and as last
 * tensor a checksum over every byte before it. So a file that was cut off, or in which a single bit is wrong, is
 * detected, and numpy can read it.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import {
  bytesOf,
  decodeHeader,
  decodeHeaderLength,
  encodeHeader,
  type Header,
  LENGTH_BYTES,
  SafetensorsError,
  zeros,
} from '../encoding/safetensors-header.ts'
import { putTogether, type Structured, takeApart } from '../encoding/structured.ts'
import { packageVersion } from '../version.ts'
import { writeFileAtomically } from './write-file.ts'

const FORMAT = 'soft-actor-critic checkpoint'
/** Rises whenever older readers could misread a file. */
const FORMAT_VERSION = '2'
const CHECKSUM = 'checksum'

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
  const { json, arrays } = takeApart(value)
  // The largest elements first: then all of them are aligned.
  const tensors = [...arrays].sort(([, a], [, b]) => b.BYTES_PER_ELEMENT - a.BYTES_PER_ELEMENT)
  const checksum = new Uint8Array(4)
  const header = encodeHeader(
    [...tensors, [CHECKSUM, checksum] as const].map(([name, data]) => [name, { shape: [data.length], data }]),
    { format: FORMAT, formatVersion: FORMAT_VERSION, version: packageVersion, ...about, state: json },
  )
  const parts = [header, ...tensors.map(([, data]) => bytesOf(data))]
  const sum = parts.reduce(extendChecksum, 0)
  new DataView(checksum.buffer).setUint32(0, sum, true)
  writeFileAtomically(path, [...parts, checksum])
  return parts.reduce((total, part) => total + part.length, checksum.length)
}

/** What a checkpoint file holds. */
export interface CheckpointFile {
  value: unknown
  /** Version of the package that wrote it. */
  version: string
}

/**
 * Reads what `writeCheckpointFile` wrote.
 * @throws CheckpointError for a file that is cut off, damaged, of another kind or of another version of the format
 */
export function readCheckpointFile(path: string): CheckpointFile {
  try {
    return withFile(path, readOpenFile)
  } catch (cause) {
    throw new CheckpointError(`${path} cannot be used: ${(cause as Error).message}`, { cause })
  }
}

function readOpenFile(file: number): CheckpointFile {
  const { size } = fstatSync(file)
  let sum = 0
  const fill = <T extends Uint8Array>(bytes: T): T => {
    readFully(file, bytes)
    sum = extendChecksum(sum, bytes)
    return bytes
  }

  const start = fill(new Uint8Array(Math.min(LENGTH_BYTES, size)))
  const json = fill(new Uint8Array(decodeHeaderLength(start, size)))
  const header = decodeHeader(json, size - LENGTH_BYTES - json.length)
  requireFormat(header)
  const arrays: Structured['arrays'] = new Map()
  for (const [name, { dtype, shape }] of header.infos.slice(0, -1)) {
    const data = zeros(dtype, shape[0])
    fill(bytesOf(data))
    arrays.set(name, data)
  }
  const expected = sum
  const stored = new DataView(fill(new Uint8Array(4)).buffer).getUint32(0, true)
  if (stored !== expected) throw new SafetensorsError('it is damaged: it does not match its checksum.')
  const { version, state } = header.metadata
  return { value: putTogether({ json: state, arrays }), version }
}

function requireFormat({ infos, metadata }: Header): void {
  const { format, formatVersion, version, state } = metadata
  if (format !== FORMAT) throw new SafetensorsError('it is not a checkpoint.')
  if (formatVersion !== FORMAT_VERSION) {
    throw new SafetensorsError(
      `it is of version ${formatVersion} of the format, written by soft-actor-critic ${version}; ` +
        `soft-actor-critic ${packageVersion} reads version ${FORMAT_VERSION}.`,
    )
  }
  const sound = infos.every(([, { shape }]) => shape.length === 1) && state !== undefined
  const [name, last] = infos.at(-1) ?? []
  if (!sound || name !== CHECKSUM || last?.dtype !== 'U8' || last.shape[0] !== 4) {
    throw new SafetensorsError('it is damaged: its header is not that of a checkpoint.')
  }
}

/** For an array without any memory zlib returns 0 and forgets the sum so far. */
const extendChecksum = (sum: number, bytes: Uint8Array) => (bytes.length === 0 ? sum : crc32(bytes, sum))

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
