import { expect, test } from 'vitest'
import { toJson } from '../../src/encoding/json.ts'

test('infinities come back, wherever they stand, and texts stay texts', () => {
  const value = { a: [0.7, Infinity], b: { c: -Infinity }, d: '1e999', e: null, f: -0.5 }
  expect(JSON.parse(toJson(value))).toEqual(value)
  expect(JSON.parse(toJson(value, 2))).toEqual(value)
  expect(toJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}')
})

test('NaN is no JSON', () => {
  expect(() => toJson({ rate: Number.NaN })).toThrow('rate is NaN')
})
