import { toJson } from '../encoding/json.ts'

/** One message between the two processes, either way; `host.py` describes the layout of its bytes. */
export interface Frame {
  /** Anything that survives JSON. */
  content: unknown
  numbers: Float64Array
}

/** The bytes of a frame. */
export function encodeFrame({ content, numbers }: Frame): Uint8Array {
  const text = Buffer.from(toJson(content))
  const header = Uint32Array.of(text.length, numbers.length)
  return Buffer.concat([bytesOf(header), text, bytesOf(numbers)])
}

/** Receives a stream piece by piece and passes on every frame in it as soon as it is whole. */
export function createFrameReader(onFrame: (frame: Frame) => void): (piece: Uint8Array) => void {
  let pending: Uint8Array = new Uint8Array(0)
  return piece => {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece])
    while (pending.length >= HEADER_BYTES) {
      const [textLength, count] = new Uint32Array(copyOf(pending, 0, HEADER_BYTES))
      const numbersStart = HEADER_BYTES + textLength
      const end = numbersStart + count * Float64Array.BYTES_PER_ELEMENT
      if (pending.length < end) return
      const content = JSON.parse(Buffer.from(copyOf(pending, HEADER_BYTES, numbersStart)).toString())
      const numbers = new Float64Array(copyOf(pending, numbersStart, end))
      pending = pending.subarray(end)
      onFrame({ content, numbers })
    }
  }
}

const HEADER_BYTES = 2 * Uint32Array.BYTES_PER_ELEMENT

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array) =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** A copy, because numbers must begin at a multiple of their size, and pieces of a stream are reused. */
const copyOf = ({ buffer, byteOffset }: Uint8Array, start: number, end: number) =>
  buffer.slice(byteOffset + start, byteOffset + end)
