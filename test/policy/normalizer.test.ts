import { describe, expect, test } from 'vitest'
import { normalize, normalizerIn, normalizerScale, varianceParameter } from '../../src/policy/normalizer.ts'

const vector = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) })

describe('normalisation of observations', () => {
  const normalizer = { mean: Float64Array.of(1, -2, 0, 5), variance: Float64Array.of(4, 0.25, 1, 0) }

  test('is the distance from the mean in standard deviations, at most 10', () => {
    expect([...normalize(normalizer, [5, -2.5, -11, 5])]).toEqual([2, -1, -10, 0])
    expect([...normalize(normalizer, [1, 1e30, 9.75, 4])]).toEqual([0, 10, 9.75, -10])
  })

  test('of a large mean loses no digits that matter', () => {
    const far = { mean: Float64Array.of(1_000_000.1), variance: Float64Array.of(1e-4) }
    expect(normalize(far, [1_000_000.1])[0]).toBe(0)
    expect(normalize(far, [1_000_000.12])[0]).toBeCloseTo(2, 3)
  })

  test('may overwrite the observation, and agrees with its scale', () => {
    const observation = Float32Array.of(3, -1, 0.5, 5)
    expect(normalize(normalizer, observation, observation)).toBe(observation)
    const scale = normalizerScale(normalizer)
    const { mean } = normalizer
    const scaled = [3, -1, 0.5, 5].map((value, i) => (value - mean[i]) * scale[i])
    for (const [i, value] of scaled.entries()) expect(observation[i]).toBeCloseTo(value, 6)
  })

  test('is found among parameters, or not there', () => {
    const parameters = { 'normalizer.mean': vector(1, 2), 'normalizer.variance': vector(3, 0) }
    expect(normalizerIn(parameters, 2)).toEqual({
      mean: Float64Array.of(1, 2),
      variance: Float64Array.of(3, 0),
    })
    const remainder = { 'normalizer.meanRemainder': vector(2 ** -40, 0) }
    expect(normalizerIn({ ...parameters, ...remainder }, 2)!.mean[0]).toBe(1 + 2 ** -40)
    expect(normalizerIn({ 'actor.kernel0': vector(1) }, 2)).toBeUndefined()
  })

  test('variances beyond float32 are kept as deviations', () => {
    const variance = Float64Array.of(9e70, 4)
    const parameters = { 'normalizer.mean': vector(1, 2), ...varianceParameter(variance) }
    expect(Object.keys(parameters)).toEqual(['normalizer.mean', 'normalizer.deviation'])
    const found = normalizerIn(parameters, 2)!.variance
    for (const [i, value] of variance.entries()) expect(found[i] / value).toBeCloseTo(1, 6)
    expect(varianceParameter([9, 4])).toEqual({ 'normalizer.variance': vector(9, 4) })
  })

  test.each([
    ['one alone', { 'normalizer.mean': vector(1, 2) }, /normalizer.variance is missing/],
    ['another length', { 'normalizer.mean': vector(1), 'normalizer.variance': vector(1) }, /mean is \[1\]/],
    [
      'a negative variance',
      { 'normalizer.mean': vector(1, 2), 'normalizer.variance': vector(1, -1) },
      /variance\[1\] is -1/,
    ],
    ['a remainder alone', { 'normalizer.meanRemainder': vector(1, 2) }, /normalizer.mean is missing/],
    [
      'an infinite mean',
      { 'normalizer.mean': vector(1, Infinity), 'normalizer.variance': vector(1, 1) },
      /normalizer.mean is damaged: its number 1 is Infinity/,
    ],
    [
      'a variance that is NaN',
      { 'normalizer.mean': vector(1, 2), 'normalizer.variance': vector(NaN, 1) },
      /normalizer.variance is damaged: its number 0 is NaN/,
    ],
  ])('%s is refused', (_, parameters, message) => {
    expect(() => normalizerIn(parameters, 2)).toThrow(message)
  })
})
