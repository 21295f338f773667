import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../src/random.ts'

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 })

describe('the stream', () => {
  test('known numbers, computed by an independent sfc32 in unbounded integers', () => {
    const first = (seed: number, stream: string) => {
      const random = createRandom(seed, stream)
      return Array.from({ length: 4 }, () => random.uint32())
    }
    expect(first(1, 'replay')).toEqual([175794537, 3637731086, 2263383015, 2924509333])
    expect(first(4294967295, 'environment')).toEqual([4063459610, 3802739204, 149645970, 1556187948])
    expect(first(0, '')).toEqual([642675512, 3356311160, 2174376493, 2355814814])
  })

  test('goes on from a state that went through JSON', () => {
    fc.assert(
      fc.property(seeds, fc.nat(50), (seed, drawn) => {
        const random = createRandom(seed, 'exploration')
        for (let i = 0; i < drawn; i++) random.normal()
        const state = JSON.parse(JSON.stringify(random.state()))
        const other = createRandom(0, 'replay')
        other.restore(state)
        expect(other.state()).toEqual(random.state())
        for (let i = 0; i < 10; i++) expect(other.uint32()).toBe(random.uint32())
      }),
      { numRuns: 50 },
    )
  })

  test('streams and seeds are uncorrelated', () => {
    const n = 20_000
    const draws = [
      [1, 'environment'],
      [1, 'exploration'],
      [1, 'replay'],
      [2, 'environment'],
      [3, 'environment'],
    ].map(([seed, stream]) => createRandom(seed as number, stream as string).fillNormal(new Float32Array(n)))
    for (const [i, a] of draws.entries()) {
      for (const b of draws.slice(i + 1)) {
        let product = 0
        for (let k = 0; k < n; k++) product += a[k] * b[k]
        expect(Math.abs(product / n) * Math.sqrt(n)).toBeLessThan(4)
      }
    }
  })

  test('a seed alone is the stream of environments', () => {
    expect(createRandom(3).state()).toEqual(createRandom(3, 'environment').state())
  })

  test.each([-1, 2 ** 32, 1.5, NaN])('refuses the seed %d', seed => {
    expect(() => createRandom(seed, 'x')).toThrow(/seed is .* whole number from 0 to 4294967295/)
  })

  test.each([[[1, 2, 3]], [[1, 2, 3, -1]], [[1, 2, 3, 2 ** 32]], [null], [[1, 2, 3, '4']]])(
    'refuses the state %j',
    state => {
      expect(() => createRandom(0, 'x').restore(state as never)).toThrow(/four whole numbers/)
    },
  )
})

describe('uniform numbers', () => {
  test('stay in their range and fill it', () => {
    const random = createRandom(5, 'x')
    let [least, most, sum] = [Infinity, -Infinity, 0]
    for (let i = 0; i < 50_000; i++) {
      const x = random.uniform(-3, 5)
      least = Math.min(least, x)
      most = Math.max(most, x)
      sum += x
    }
    expect(least).toBeGreaterThanOrEqual(-3)
    expect(least).toBeLessThan(-2.99)
    expect(most).toBeLessThan(5)
    expect(most).toBeGreaterThan(4.99)
    expect(sum / 50_000).toBeCloseTo(1, 1)
  })

  test('the extremes of the 32 bits', () => {
    const random = createRandom(0, 'x')
    random.restore([0, 0, 0, 0])
    expect(random.uniform()).toBe(0)
    random.restore([2 ** 32 - 1, 0, 0, 0])
    expect(random.uniform()).toBe(1 - 2 ** -32)
  })

  test('fillUniform draws what uniform draws', () => {
    const [a, b] = [createRandom(9, 'x'), createRandom(9, 'x')]
    const filled = a.fillUniform(new Float32Array(100), -2, 7)
    expect(filled).toEqual(Float32Array.from({ length: 100 }, () => b.uniform(-2, 7)))
  })
})

describe('integers', () => {
  test('every value is equally likely (chi-square)', () => {
    const random = createRandom(3, 'replay')
    for (const n of [2, 3, 7, 10, 100]) {
      const counts = new Array(n).fill(0)
      for (let i = 0; i < n * 1000; i++) counts[random.integer(n)]++
      const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
      // mean n - 1, standard deviation sqrt(2 (n - 1))
      expect(Math.abs(chiSquare - (n - 1)) / Math.sqrt(2 * (n - 1))).toBeLessThan(4)
    }
  })

  test('the largest bounds', () => {
    const random = createRandom(3, 'replay')
    expect(random.integer(1)).toBe(0)
    const [a, b] = [createRandom(7, 'x'), createRandom(7, 'x')]
    for (let i = 0; i < 10; i++) expect(a.integer(2 ** 32)).toBe(b.uint32())
    // A bound just above 2^31, where masking with signed 32-bit numbers would go wrong.
    for (let i = 0; i < 1000; i++) {
      const x = random.integer(2 ** 31 + 1)
      expect(x >= 0 && x <= 2 ** 31).toBe(true)
    }
  })

  test.each([0, -1, 2.5, 2 ** 32 + 1, NaN])('refuses the bound %d', n => {
    expect(() => createRandom(0, 'x').integer(n)).toThrow(/whole number from 1 to 4294967296/)
  })
})

describe('normal numbers', () => {
  // Quantiles at (u + 1/2) / 2^32 from Python's statistics.NormalDist; with the rest of the state 0, the
  // first number drawn is u.
  test.each([
    [0, -6.337957754553789],
    [1, -6.166429517819749],
    [1000, -5.039851125968711],
    [1000000, -3.499768988758381],
    [100000000, -1.990225241389144],
    [1000000000, -0.7295565530758739],
    [2147483647, -2.9180993729166234e-10],
    [2147483648, 2.9180993729166234e-10],
    [3000000000, 0.5200680618488762],
    [4293967295, 3.499768988758381],
    [4294967295, 6.337957754553789],
  ])('quantile of %d', (u, quantile) => {
    const random = createRandom(0, 'x')
    random.restore([u, 0, 0, 0])
    expect(random.normal()).toBeCloseTo(quantile, 13)
  })

  test('are symmetric to the last bit', () => {
    fc.assert(
      fc.property(seeds, u => {
        const random = createRandom(0, 'x')
        random.restore([u, 0, 0, 0])
        const x = random.normal()
        random.restore([2 ** 32 - 1 - u, 0, 0, 0])
        expect(random.normal()).toBe(-x)
      }),
      { numRuns: 200 },
    )
  })

  test('moments 0, 1, 0, 3', () => {
    const n = 200_000
    const x = createRandom(11, 'updates').fillNormal(new Float32Array(n))
    const moment = (k: number) => x.reduce((sum, value) => sum + value ** k, 0) / n
    // Standard errors of the four: 1, sqrt 2, sqrt 15, sqrt 96, over sqrt n
    for (const [k, expected, deviation] of [
      [1, 0, 1],
      [2, 1, 2 ** 0.5],
      [3, 0, 15 ** 0.5],
      [4, 3, 96 ** 0.5],
    ]) {
      expect((Math.abs(moment(k) - expected) * Math.sqrt(n)) / deviation).toBeLessThan(4)
    }
  })

  test('fillNormal draws what normal draws', () => {
    const [a, b] = [createRandom(9, 'x'), createRandom(9, 'x')]
    const filled = a.fillNormal(new Float32Array(1000))
    expect(filled).toEqual(Float32Array.from({ length: 1000 }, () => b.normal()))
  })
})
