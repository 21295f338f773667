/**
 * Writer for protocol buffers' wire format: enough for ONNX models and TensorBoard's events.
 * A message is the concatenation of its fields; each function here makes the bytes of one field.
 */
export type Bytes = Uint8Array

const text = new TextEncoder()

/** Non-negative integer up to 2^53 in base 128, least significant group first. */
export function varint(value: number): Bytes {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`varint: ${value} is not a whole number >= 0`)
  const bytes: number[] = []
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

const tag = (field: number, wireType: number): Bytes => varint(field * 8 + wireType)

/** An integer, enumeration or boolean field. */
export const integerField = (field: number, value: number): Bytes =>
  concatBytes([tag(field, 0), varint(value)])

/** A `double` field. */
export const doubleField = (field: number, value: number): Bytes =>
  concatBytes([tag(field, 1), littleEndian(8, view => view.setFloat64(0, value, true))])

/** A `float` field. */
export const floatField = (field: number, value: number): Bytes =>
  concatBytes([tag(field, 5), littleEndian(4, view => view.setFloat32(0, value, true))])

function littleEndian(length: number, write: (view: DataView) => void): Bytes {
  const bytes = new Uint8Array(length)
  write(new DataView(bytes.buffer))
  return bytes
}

/** A field of bytes, a string, or an embedded message given as its fields. */
export function bytesField(field: number, value: Bytes | string | readonly Bytes[]): Bytes {
  const bytes =
    typeof value === 'string' ? text.encode(value) : value instanceof Uint8Array ? value : concatBytes(value)
  return concatBytes([tag(field, 2), varint(bytes.length), bytes])
}

export function concatBytes(parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}
