import { strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { readStateDict } from '../../src/import/pytorch.ts'
import { bytes, fixture } from './stable-baselines3.ts'

describe('tensors of PyTorch', () => {
  /** A file of one tensor x: its storage of float32, and what the pickle says of it. */
  function file(
    numbers: number[],
    [first, shape, strides]: [number, number[], number[]],
    count = numbers.length,
  ) {
    const ints = (values: number[]) => `(${values.map(value => `K${String.fromCharCode(value)}`).join('')}t`
    const key = `(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK${String.fromCharCode(count)}tQ`
    const tensor = `ctorch._utils\n_rebuild_tensor_v2\n(${key}K${String.fromCharCode(first)}${ints(shape)}${ints(strides)}\x89NtR`
    return zipSync({
      'a/data.pkl': strToU8(`\x80\x02}X\x01\0\0\0x${tensor}s.`, true),
      'a/data/0': new Uint8Array(Float32Array.from(numbers).buffer),
    })
  }

  test('are copied from where their strides say', () => {
    const numbers = [0, 1, 2, 3, 4, 5, 6]
    const read = (...place: Parameters<typeof file>[1]) => readStateDict(file(numbers, place), 'it').x
    expect(read(1, [2, 3], [3, 1])).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) })
    expect(read(1, [3, 2], [1, 3])).toEqual({ shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) })
    expect(read(6, [], [])).toEqual({ shape: [], data: Float32Array.of(6) })
  })

  test.each([
    ['beyond its numbers', [2, [2, 3], [3, 1]], 7],
    ['larger than its numbers', [0, [200, 200], [0, 0]], 7],
    ['with more numbers than there are', [0, [1], [1]], 8],
    ['with a stride too few', [0, [1, 1], [1]], 7],
  ] as [string, Parameters<typeof file>[1], number][])('one %s is refused', (_, place, count) => {
    expect(() => readStateDict(file([0, 1, 2, 3, 4, 5, 6], place, count), 'it')).toThrow(
      /it is damaged: .*do not fit/,
    )
  })

  test('of the format before zip archives are read', () => {
    const legacy = unzipSync(fixture('legacy.zip'))
    const zipped = unzipSync(bytes)
    for (const name of ['policy.pth', 'pytorch_variables.pth']) {
      expect(readStateDict(legacy[name], 'it')).toEqual(readStateDict(zipped[name], 'it'))
      for (let length = 0; length < legacy[name].length; length += 101) {
        expect(() => readStateDict(legacy[name].subarray(0, length), 'it'), String(length)).toThrow(
          ModelFileError,
        )
      }
    }
  })

  test.each([
    ['another magic number', '\x80\x02\x8a\x01\x05.', /was not saved by PyTorch/],
    ['a dictionary first', '\x80\x02}.', /was not saved by PyTorch/],
    [
      'a call of the system first',
      '\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.',
      /refers to 'posix.system'/,
    ],
  ])('with %s are refused', (_, text, message) => {
    expect(() => readStateDict(strToU8(text, true), 'it')).toThrow(ModelFileError)
    expect(() => readStateDict(strToU8(text, true), 'it')).toThrow(message)
  })

  test('that are none, and tables of something else, are refused', () => {
    expect(() => readStateDict(zipSync({ x: strToU8('x') }), 'it')).toThrow(/no data.pkl/)
    const pickle = (text: string) => zipSync({ 'a/data.pkl': strToU8(text, true) })
    expect(() => readStateDict(pickle('\x80\x02N.'), 'it')).toThrow(/table of tensors/)
    expect(() => readStateDict(pickle('\x80\x02}X\x01\0\0\0xK\x01s.'), 'it')).toThrow(/x is none/)
    const big = zipSync({ 'a/data.pkl': strToU8('\x80\x02}.', true), 'a/byteorder': strToU8('big') })
    expect(() => readStateDict(big, 'it')).toThrow(/big-endian/)
  })
})
