import { crc32c } from './crc32.ts'
import { type Bytes, concatBytes } from './protobuf.ts'

/**
 * One record of a TFRecord file: its length in 8 bytes, a checksum of these, the data, a checksum of the data; numbers
 * little-endian. A file is its records one after another.
 */
export function tfRecord(data: Bytes): Bytes {
  const length = new Uint8Array(8)
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true)
  return concatBytes([length, maskedChecksum(length), data, maskedChecksum(data)])
}

/** CRC-32C rotated by 15 bits plus a constant: as TensorFlow masks it, for data that hold checksums themselves. */
function maskedChecksum(bytes: Bytes): Bytes {
  const crc = crc32c(bytes)
  const masked = new Uint8Array(4)
  new DataView(masked.buffer).setUint32(0, ((crc >>> 15) | (crc << 17)) + 0xa282ead8, true)
  return masked
}
