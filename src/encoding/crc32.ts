/** A cyclic redundancy check of 32 bits, with reflected bits, for a polynomial given lowest power first. */
function checksum(polynomial: number) {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? polynomial : 0)
    return remainder
  })
  return (bytes: Uint8Array, before = 0): number => {
    let remainder = before ^ 0xffffffff
    for (let i = 0; i < bytes.length; i++)
      remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]) & 0xff]
    return (remainder ^ 0xffffffff) >>> 0
  }
}

/** CRC-32 (ISO 3309) of some bytes, a whole number in [0, 2^32); `before` is the checksum of the bytes before them. */
export const crc32 = checksum(0xedb88320)

/** The checksum CRC-32C (Castagnoli, RFC 3720) of some bytes, a whole number in [0, 2^32). */
export const crc32c = checksum(0x82f63b78)
