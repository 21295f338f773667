import { mean } from 'simple-statistics'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { bootstrapInterval, interquartileMean } from '../../src/run/reports/statistics.ts'

describe('interquartile mean', () => {
  test.each([
    [[7], 7],
    [[1, 9], 5],
    [[1000, 3, 1, 2], 2.5],
    [[-1000, 1, 2, 6, 1000], 3],
    [[0, 0, 1, 2, 3, 6, 100, 100], 3],
  ])('of %j is %d', (values, expected) => {
    expect(interquartileMean(values)).toBe(expected)
  })
})

describe('bootstrap interval', () => {
  test('of a large normal sample is the mean and 1.96 standard errors', () => {
    const values = Array.from(createRandom(1, 'sample').fillNormal(new Float32Array(400)))
    const [low, high] = bootstrapInterval(values, mean)
    const deviation = Math.sqrt(mean(values.map(value => (value - mean(values)) ** 2)))
    expect((low + high) / 2).toBeCloseTo(mean(values), 2)
    expect(high - low).toBeCloseTo((2 * 1.96 * deviation) / 20, 1)
    const [inner, outer] = [0.5, 0.99].map(level => bootstrapInterval(values, mean, { level }))
    expect(inner[1] - inner[0]).toBeLessThan((high - low) / 2)
    expect(outer[1] - outer[0]).toBeGreaterThan(high - low)
  })

  test('is the same each time, and another with another seed', () => {
    const values = [1, 5, 2, 8, 3, 9]
    expect(bootstrapInterval(values, mean)).toEqual(bootstrapInterval(values, mean))
    expect(bootstrapInterval(values, mean, { seed: 1, resamples: 50 })).not.toEqual(
      bootstrapInterval(values, mean, { seed: 2, resamples: 50 }),
    )
    expect(bootstrapInterval([4, 4, 4], mean)).toEqual([4, 4])
  })
})
