import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cos, exp, log, sin, tanh } from '../src/portable-math.ts'

/** Distance in units of the last place of `b`. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0
  const spacing = Math.max(2 ** (Math.floor(Math.log2(Math.abs(b))) - 52), Number.MIN_VALUE)
  return Math.abs(a - b) / spacing
}

function agrees(
  portable: (x: number) => number,
  native: (x: number) => number,
  numbers: fc.Arbitrary<number>,
  limit: number,
) {
  fc.assert(
    fc.property(numbers, x => {
      const distance = ulps(portable(x), native(x))
      if (!(distance <= limit)) throw new Error(`${distance} ulp at ${x}: ${portable(x)}, ${native(x)}`)
    }),
    { numRuns: 3000 },
  )
}

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

describe('within 2 ulp of the engine', () => {
  test('exp', () => {
    agrees(exp, Math.exp, between(-746, 710), 2)
    agrees(exp, Math.exp, fc.double(), 2)
  })
  test('log', () => {
    agrees(log, Math.log, between(0, 10), 2)
    agrees(log, Math.log, fc.double(), 2)
  })
  test('tanh', () => {
    agrees(tanh, Math.tanh, between(-1, 1), 2)
    agrees(tanh, Math.tanh, between(-25, 25), 2)
    agrees(tanh, Math.tanh, fc.double(), 2)
  })
  test.each([
    ['sin', sin, Math.sin],
    ['cos', cos, Math.cos],
  ] as const)('%s', (_, portable, native) => {
    agrees(portable, native, between(-10, 10), 2)
    agrees(portable, native, between(-1e6, 1e6), 2)
    agrees(portable, native, fc.double(), 2)
  })
})

describe('near multiples of pi/2, where reduction cancels most', () => {
  test.each([1, 2, 3, 4, 100, 12345, 355, 1e6, 2 ** 20, 2 ** 31, 2 ** 200])('%d', n => {
    const x = (n * Math.PI) / 2
    for (const near of [x, -x, x * (1 + 2 ** -52), x * (1 - 2 ** -52)]) {
      expect(ulps(sin(near), Math.sin(near))).toBeLessThanOrEqual(1)
      expect(ulps(cos(near), Math.cos(near))).toBeLessThanOrEqual(1)
    }
  })

  test('the double below 1.6e6 closest to a multiple of pi/2', () => {
    // 818204 pi/2 rounded to a double; what remains, computed with 300 bits, is its own sine.
    expect(sin(1285231.8377688916)).toBe(-1.7718403338384517e-16)
  })

  test('the double closest to a multiple of pi/2', () => {
    // Known from the literature on argument reduction (Muller, Elementary Functions): 6381956970095103 * 2^797.
    const x = 6381956970095103 * 2 ** 797
    expect(cos(x)).toBe(-4.687165924254628e-19)
  })
})

test('special values', () => {
  expect([exp(-Infinity), exp(Infinity), exp(0), exp(-0), exp(710), exp(-746)]).toEqual([
    0,
    Infinity,
    1,
    1,
    Infinity,
    0,
  ])
  expect(exp(-745)).toBe(Number.MIN_VALUE)
  expect(exp(709.782712893384)).toBe(1.7976931348622732e308)
  expect([log(0), log(-0), log(1), log(Infinity), log(-1)]).toEqual([-Infinity, -Infinity, 0, Infinity, NaN])
  expect(log(Number.MIN_VALUE)).toBe(-744.4400719213812)
  expect([sin(0), sin(-0), cos(0), cos(-0)]).toEqual([0, -0, 1, 1])
  expect([sin(Infinity), cos(-Infinity)]).toEqual([NaN, NaN])
  expect([tanh(0), tanh(-0), tanh(Infinity), tanh(-Infinity)]).toEqual([0, -0, 1, -1])
  expect([sin(Number.MIN_VALUE), tanh(Number.MIN_VALUE)]).toEqual([Number.MIN_VALUE, Number.MIN_VALUE])
  for (const f of [exp, log, sin, cos, tanh]) expect(f(NaN)).toBeNaN()
})

test('the same bits everywhere: a fingerprint of many values', () => {
  // Where an engine differs (say, by fusing multiplication and addition), this number does.
  let fingerprint = 0
  const bits = new Uint32Array(new Float64Array(1).buffer)
  const value = new Float64Array(bits.buffer)
  for (let i = -2000; i <= 2000; i++) {
    for (const f of [exp, sin, cos, tanh]) {
      value[0] = f(i * 0.37)
      fingerprint = (Math.imul(fingerprint ^ bits[0], 0x01000193) ^ bits[1]) >>> 0
    }
    value[0] = log(Math.abs(i * 0.37))
    fingerprint = (Math.imul(fingerprint ^ bits[0], 0x01000193) ^ bits[1]) >>> 0
  }
  expect(fingerprint).toBe(659726334)
})
