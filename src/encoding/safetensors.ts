/**
 * The safetensors format: 8 bytes with the header's length (little-endian), a header in JSON (each tensor's type,
 * shape and place; texts of one's own under `__metadata__`), then the tensors' bytes. Python and numpy read it too.
 */
import { crc32 } from './crc32.ts'
import { concatBytes } from './protobuf.ts'
import {
  bytesOf,
  decodeHeader,
  decodeHeaderLength,
  describeTensors,
  encodeHeader,
  type Header,
  LENGTH_BYTES,
  SafetensorsError,
} from './safetensors-header.ts'

export { SafetensorsError }

/** Float32 tensors by name, row-major. */
export type NamedTensors = Record<string, NamedTensor>

/** One of them. */
export interface NamedTensor {
  /** Extent of each axis. */
  shape: readonly number[]
  /** Its numbers, as many as the product of the extents. */
  data: Float32Array
}

/** What `decodeSafetensors` finds. */
export interface DecodedTensors {
  /** Every tensor of the file. */
  tensors: NamedTensors
  /** Every text of the file. */
  metadata: Record<string, string>
}

/** The format has no checksum of its own, so a flipped bit would pass for another weight, or another bound. */
const CHECKSUM = 'checksum'
/** What files of earlier versions have instead: the checksum of the tensors' bytes alone. */
const CHECKSUM_OF_TENSORS = 'crc32'

/**
 * Float32 tensors, and texts such as settings, as the bytes of a file.
 * The metadata also receives a `checksum` of all that the file says, which `decodeSafetensors` verifies.
 *
 * @throws RangeError if a shape does not fit its data, or a name is one that the format keeps for itself
 * @example
 * const bytes = encodeSafetensors(agent.parameters(), { steps: String(agent.steps) })
 */
export function encodeSafetensors(tensors: NamedTensors, metadata: Record<string, string> = {}): Uint8Array {
  for (const name of [CHECKSUM, CHECKSUM_OF_TENSORS]) {
    if (Object.hasOwn(metadata, name)) throw new RangeError(`The metadata cannot have an entry ${name}.`)
  }
  const entries = Object.entries(tensors)
  const body = concatBytes(entries.map(([, { data }]) => bytesOf(data)))
  const checksum = checksumOf({ infos: describeTensors(entries), metadata }, body)
  return concatBytes([encodeHeader(entries, { ...metadata, [CHECKSUM]: checksum }), body])
}

/** CRC-32 of names, types, shapes and texts, as JSON, and of the tensors' bytes behind them. */
function checksumOf({ infos, metadata }: Header, body: Uint8Array): string {
  const texts = JSON.stringify([infos, Object.entries(metadata)])
  return String(crc32(body, crc32(new TextEncoder().encode(texts))))
}

/**
 * Reads what `encodeSafetensors`, or any other writer of float32 tensors, wrote. The tensors are copies.
 * @throws SafetensorsError for bytes that are cut off, damaged, of another format or of another type than F32
 * @example
 * const { tensors, metadata } = decodeSafetensors(new Uint8Array(await file.arrayBuffer()))
 */
export function decodeSafetensors(bytes: Uint8Array): DecodedTensors {
  const headerEnd = LENGTH_BYTES + decodeHeaderLength(bytes, bytes.length)
  const body = bytes.subarray(headerEnd)
  const { infos, metadata } = decodeHeader(bytes.subarray(LENGTH_BYTES, headerEnd), body.length)

  const { [CHECKSUM]: checksum, [CHECKSUM_OF_TENSORS]: checksumOfTensors, ...texts } = metadata
  const [stored, actual] =
    checksum === undefined
      ? [checksumOfTensors, crc32(body)]
      : [checksum, checksumOf({ infos, metadata: texts }, body)]
  if (stored !== undefined && stored !== String(actual)) {
    throw new SafetensorsError('The safetensors file is damaged: it does not match its checksum.')
  }
  const tensors = infos.map(([name, { dtype, shape, data_offsets }]) => {
    if (dtype !== 'F32')
      throw new SafetensorsError(`Tensor ${name} is of type ${dtype}; only F32 can be read.`)
    const data = new Float32Array(new Uint8Array(body.subarray(...data_offsets)).buffer)
    return [name, { shape, data }] as const
  })
  return { tensors: Object.fromEntries(tensors), metadata: texts }
}
