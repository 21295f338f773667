/**
 * A value of plain data and typed arrays as a file: safetensors, with all that is not an array of numbers as JSON in its
 * metadata, and as last tensor a checksum over every byte before it. So a file that was cut off, or in which a single
 * bit is wrong, is detected, and numpy can read it.
 */
import { packageVersion } from '../version.ts'
import { crc32 } from './crc32.ts'
import {
  bytesOf,
  decodeHeader,
  decodeHeaderLength,
  encodeHeader,
  type Header,
  LENGTH_BYTES,
  SafetensorsError,
  zeros,
} from './safetensors-header.ts'
import { putTogether, type Structured, takeApart } from './structured.ts'

/** A kind of file. */
export interface FileKind {
  /** For people and readers, such as `soft-actor-critic agent`. */
  format: string
  /** Rises whenever older readers could misread a file. */
  formatVersion: string
  /** What to call such a file in errors, such as `an agent`. */
  name: string
}

/** The checksum CRC-32 of some bytes after others; Node's own is many times faster than ours. */
export type Checksum = (bytes: Uint8Array, before: number) => number

const CHECKSUM = 'checksum'

/**
 * The bytes of such a file in parts, so that no second copy of large arrays is ever in memory.
 * @param about texts for people who look into the file, such as the number of steps
 * @throws TypeError if the value has something in it that cannot be stored
 */
export function encodeStructured(
  value: unknown,
  { format, formatVersion }: FileKind,
  about: Record<string, string>,
  extend: Checksum = crc32,
): Uint8Array[] {
  const { json, arrays } = takeApart(value)
  // The largest elements first: then all of them are aligned.
  const tensors = [...arrays].sort(([, a], [, b]) => b.BYTES_PER_ELEMENT - a.BYTES_PER_ELEMENT)
  const checksum = new Uint8Array(4)
  const header = encodeHeader(
    [...tensors, [CHECKSUM, checksum] as const].map(([name, data]) => [name, { shape: [data.length], data }]),
    { format, formatVersion, version: packageVersion, ...about, state: json },
  )
  const parts = [header, ...tensors.map(([, data]) => bytesOf(data))]
  const sum = parts.reduce((sum, part) => extend(part, sum), 0)
  new DataView(checksum.buffer).setUint32(0, sum, true)
  return [...parts, checksum]
}

/** What such a file holds. */
export interface StructuredFile {
  value: unknown
  /** Version of the package that wrote it. */
  version: string
}

/**
 * Reads what `encodeStructured` made.
 * @param size of the file, in bytes
 * @param read fills an array with the bytes that come next
 * @throws SafetensorsError for a file that is cut off, damaged, of another kind or of another version of the format
 */
export function decodeStructured(
  size: number,
  read: (bytes: Uint8Array) => void,
  kind: FileKind,
  extend: Checksum = crc32,
): StructuredFile {
  let sum = 0
  const fill = <T extends Uint8Array>(bytes: T): T => {
    read(bytes)
    sum = extend(bytes, sum)
    return bytes
  }

  const start = fill(new Uint8Array(Math.min(LENGTH_BYTES, size)))
  const json = fill(new Uint8Array(decodeHeaderLength(start, size)))
  const header = decodeHeader(json, size - LENGTH_BYTES - json.length)
  requireKind(header, kind)
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

function requireKind({ infos, metadata }: Header, kind: FileKind): void {
  const { format, formatVersion, version, state } = metadata
  if (format !== kind.format) {
    throw new SafetensorsError(`it is not ${kind.name}${format ? `, but "${format}"` : ''}.`)
  }
  if (formatVersion !== kind.formatVersion) {
    throw new SafetensorsError(
      `it is of version ${formatVersion} of the format, written by soft-actor-critic ${version}; ` +
        `soft-actor-critic ${packageVersion} reads version ${kind.formatVersion}.`,
    )
  }
  const sound = infos.every(([, { shape }]) => shape.length === 1) && state !== undefined
  const [name, last] = infos.at(-1) ?? []
  if (!sound || name !== CHECKSUM || last?.dtype !== 'U8' || last.shape[0] !== 4) {
    throw new SafetensorsError(`it is damaged: its header is not that of ${kind.name}.`)
  }
}
