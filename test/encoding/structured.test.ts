import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { putTogether, takeApart } from '../../src/encoding/structured.ts'

const { value: anything } = fc.letrec(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.double(),
    fc.constantFrom(-0, 0, NaN, Infinity, -Infinity, 5e-324, null, true, false),
    fc.string(),
    fc.constantFrom('#', '#-0', '##', '#array a', '#NaN'),
    fc.float32Array(),
    fc.float64Array(),
    fc.uint8Array(),
    fc.int32Array(),
    fc.array(tie('value')),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'a.0', 'a', '0', '')), tie('value'), {
      noNullPrototype: true,
    }),
  ),
}))

describe('a value taken apart', () => {
  test('is put together again to the same bits', () => {
    fc.assert(
      fc.property(anything, value => {
        const { json, arrays } = takeApart(value)
        // `toStrictEqual` tells -0 from 0, and types of arrays apart.
        expect(putTogether({ json: JSON.parse(JSON.stringify(json)), arrays })).toStrictEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  test('names its arrays by their paths, and shares their memory', () => {
    const state = new Float64Array(3)
    const { json, arrays } = takeApart({ lanes: [{ state }], none: undefined })
    expect(json).toBe('{"lanes":[{"state":"#array lanes.0.state"}]}')
    expect([...arrays]).toEqual([['lanes.0.state', state]])
    expect(arrays.get('lanes.0.state')).toBe(state)
  })

  test.each([
    ['a Map', { inner: [new Map([[1, 2]])] }, 'inner.0 is a Map: only numbers'],
    ['a date', { at: new Date() }, 'at is a Date'],
    ['a function', { next: () => 1 }, 'next is function'],
    ['a bigint', { big: 1n }, 'big is a bigint'],
    ['a hole in a list', { list: [1, undefined] }, 'list.1 is undefined'],
    ['an array of a kind that files do not know', { a: new BigInt64Array(1) }, 'a is a BigInt64Array'],
  ])('%s cannot be stored, and it says where it is', (_, value, message) => {
    expect(() => takeApart(value)).toThrow(TypeError)
    expect(() => takeApart(value)).toThrow(message)
  })

  test('a missing array is missed', () => {
    expect(() => putTogether({ json: '"#array a"', arrays: new Map() })).toThrow('The array a is missing.')
  })
})
