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
  encodeHeader,
  LENGTH_BYTES,
  SafetensorsError,
} from './safetensors-header.ts'

export { SafetensorsError }

/** Float32 tensors by name, row-major. */
export type NamedTensors = Record<string, { shape: readonly number[]; data: Float32Array }>

/** What `decodeSafetensors` finds. */
export interface DecodedTensors {
  tensors: NamedTensors
  metadata: Record<string, string>
}

/** The format has no checksum of its own, so a flipped bit would pass for another weight. */
const CHECKSUM = 'crc32'

/**
 * Float32 tensors, and texts such as settings, as the bytes of a file.
 * The metadata also receives the checksum `crc32` of the tensors' bytes, which `decodeSafetensors` verifies.
 *
 * @throws RangeError if a shape does not fit its data, or a name is one that the format keeps for itself
 */
export function encodeSafetensors(tensors: NamedTensors, metadata: Record<string, string> = {}): Uint8Array {
  if (Object.hasOwn(metadata, CHECKSUM))
    throw new RangeError(`The metadata cannot have an entry ${CHECKSUM}.`)
  const parts = Object.values(tensors).map(({ data }) => bytesOf(data))
  const body = concatBytes(parts)
  const header = encodeHeader(Object.entries(tensors), { ...metadata, [CHECKSUM]: String(crc32(body)) })
  return concatBytes([header, body])
}

/**
 * Reads what `encodeSafetensors`, or any other writer of float32 tensors, wrote. The tensors are copies.
 * @throws SafetensorsError for bytes that are cut off, damaged, of another format or of another type than F32
 */
export function decodeSafetensors(bytes: Uint8Array): DecodedTensors {
  const headerEnd = LENGTH_BYTES + decodeHeaderLength(bytes, bytes.length)
  const body = bytes.subarray(headerEnd)
  const { infos, metadata } = decodeHeader(bytes.subarray(LENGTH_BYTES, headerEnd), body.length)

  const { [CHECKSUM]: checksum, ...texts } = metadata
  if (checksum !== undefined && checksum !== String(crc32(body))) {
    throw new SafetensorsError('The safetensors file is damaged: its tensors do not match their checksum.')
  }
  const tensors = infos.map(([name, { dtype, shape, data_offsets }]) => {
    if (dtype !== 'F32')
      throw new SafetensorsError(`Tensor ${name} is of type ${dtype}; only F32 can be read.`)
    const data = new Float32Array(new Uint8Array(body.subarray(...data_offsets)).buffer)
    return [name, { shape, data }] as const
  })
  return { tensors: Object.fromEntries(tensors), metadata: texts }
}
