import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32 } from '../../src/encoding/crc32.ts'
import { decodeSafetensors, encodeSafetensors, SafetensorsError } from '../../src/encoding/safetensors.ts'

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
const tensor = shape.chain(extents => {
  const size = extents.reduce((a, b) => a * b, 1)
  const data = fc.float32Array({ minLength: size, maxLength: size })
  return data.map(values => ({ shape: extents, data: values }))
})
const name = fc.oneof(fc.string(), fc.constantFrom('actor.kernel0', '__proto__', 'constructor', '7', 'Ω'))
const entries = <T>(value: fc.Arbitrary<T>) =>
  fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }).map(pairs => Object.fromEntries(pairs))

const small = () =>
  encodeSafetensors({
    a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    b: { shape: [1], data: Float32Array.of(5) },
  })

/** A file with the given header, and a body of so many zeros. */
function file(header: unknown, bodySize: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + bodySize)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  return bytes
}

describe('safetensors', () => {
  test('what was written is read again, bit for bit, names and texts of any kind', () => {
    fc.assert(
      fc.property(entries(tensor), entries(fc.string()), (tensors, metadata) => {
        const read = decodeSafetensors(encodeSafetensors(tensors, metadata))
        expect(read.metadata).toEqual(metadata)
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(tensors).sort())
        for (const [key, { shape, data }] of Object.entries(tensors)) {
          expect(read.tensors[key].shape).toEqual(shape)
          expect(new Uint32Array(read.tensors[key].data.buffer)).toEqual(new Uint32Array(data.buffer))
        }
      }),
    )
  })

  test('tensors begin at a multiple of 8 bytes, whatever the header', () => {
    for (let length = 0; length < 20; length++) {
      const bytes = encodeSafetensors({ ['x'.repeat(length)]: { shape: [], data: Float32Array.of(1) } })
      expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0)
      expect(bytes[8]).toBe('{'.charCodeAt(0))
    }
  })

  test('a view into a larger buffer is read as it stands there, and copied', () => {
    const bytes = small()
    const pooled = Buffer.concat([Buffer.from('abc'), bytes, Buffer.from('xyz')])
    const view = pooled.subarray(3, 3 + bytes.length)
    const { tensors } = decodeSafetensors(view)
    view.fill(0)
    expect(tensors.a.data).toEqual(Float32Array.of(1, 2, 3, 4))
    expect(tensors.b.data).toEqual(Float32Array.of(5))
  })

  test('only the part of a buffer that a tensor shows is written', () => {
    const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3)
    const { tensors } = decodeSafetensors(encodeSafetensors({ a: { shape: [2], data } }))
    expect(tensors.a.data).toEqual(Float32Array.of(2, 3))
  })

  test('a file cut off anywhere is refused', () => {
    const bytes = small()
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrow(SafetensorsError)
    }
    expect(() => decodeSafetensors(new Uint8Array([...bytes, 0]))).toThrow(/take 20 bytes, but 21/)
  })

  test('no flipped bit gives other weights or texts', () => {
    const bytes = encodeSafetensors(decodeSafetensors(small()).tensors, {
      high: '2 -0.5',
      environment: 'A-v1',
    })
    const intact = decodeSafetensors(bytes)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = bytes.slice()
      damaged[bit >> 3] ^= 1 << (bit & 7)
      try {
        const { tensors, metadata } = decodeSafetensors(damaged)
        // Only the name of the checksum itself can have been hit; it then passes for one more text.
        expect(tensors).toEqual(intact.tensors)
        expect(metadata).toMatchObject(intact.metadata)
      } catch (error) {
        expect(error).toBeInstanceOf(SafetensorsError)
      }
    }
  })

  test.each([
    ['another format', new TextEncoder().encode('PK\x03\x04 something else'), /header should have/],
    ['no JSON', file('{"a":', 0), /not JSON/],
    ['a header that is a list', file('[]', 0), /not a table/],
    ['a tensor that is null', file({ a: null }, 4), /tensor a lacks/],
    ['another type', file({ a: { dtype: 'F16', shape: [2], data_offsets: [0, 4] } }, 4), /a is of type F16/],
    ['a negative extent', file({ a: { dtype: 'F32', shape: [-1], data_offsets: [0, 4] } }, 4), /a lacks/],
    ['a shape too large', file({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 4] } }, 4), /has 4 bytes/],
    ['a hole', file({ a: { dtype: 'F32', shape: [1], data_offsets: [4, 8] } }, 8), /hole at byte 0/],
    [
      'an overlap',
      file(
        {
          a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          b: { dtype: 'F32', shape: [1], data_offsets: [4, 8] },
        },
        8,
      ),
      /overlap/,
    ],
    ['texts that are numbers', file({ __metadata__: { a: 1 } }, 0), /not a table of texts/],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes)).toThrow(SafetensorsError)
    expect(() => decodeSafetensors(bytes)).toThrow(message)
  })

  test('a file of another writer, without checksum, is read', () => {
    const bytes = file({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, 4)
    expect(decodeSafetensors(bytes)).toEqual({
      tensors: { a: { shape: [1], data: Float32Array.of(0) } },
      metadata: {},
    })
  })

  test('a file of an earlier version, with a checksum of its tensors alone, is read, and refused if they are damaged', () => {
    const tensors = { a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }
    const old = (sum: number) => file({ __metadata__: { high: '2', crc32: String(sum) }, ...tensors }, 4)
    expect(decodeSafetensors(old(crc32(new Uint8Array(4)))).metadata).toEqual({ high: '2' })
    expect(() => decodeSafetensors(old(1))).toThrow(/does not match its checksum/)
  })

  test('what cannot be written is refused', () => {
    const data = Float32Array.of(1, 2)
    expect(() => encodeSafetensors({ a: { shape: [3], data } })).toThrow(/shape \[3\] but 2 elements/)
    expect(() => encodeSafetensors({ __metadata__: { shape: [2], data } })).toThrow(RangeError)
    expect(() => encodeSafetensors({}, { crc32: '1' })).toThrow(RangeError)
    expect(() => encodeSafetensors({}, { checksum: '1' })).toThrow(RangeError)
  })

  test('the checksum is the standard one', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  })
})
