import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { createExplorationNoise } from '../../src/sac/exploration-noise.ts'

const options = { explorationNoise: 0.1, explorationNoiseTheta: 0.15, envs: 2 }
const noiseOf = (kind: 'gaussian' | 'ornstein-uhlenbeck') =>
  createExplorationNoise({ ...options, explorationNoiseKind: kind }, 1, createRandom(3, 'exploration'))!

/** Noise of so many steps around an action of 0. */
function drawn(noise: ReturnType<typeof noiseOf>, steps: number): number[] {
  return Array.from({ length: steps }, () => noise.addTo(new Float32Array(1), 0)[0])
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
/** Correlation of each value with the one after it. */
function correlation(values: number[]): number {
  const products = values.slice(1).map((value, i) => value * values[i])
  return mean(products) / mean(values.map(value => value ** 2))
}

describe('exploration noise', () => {
  test('of the Gaussian kind has its deviation, and each step is of its own', () => {
    const values = drawn(noiseOf('gaussian'), 20_000)
    expect(Math.sqrt(mean(values.map(value => value ** 2)))).toBeCloseTo(0.1, 2)
    expect(Math.abs(correlation(values))).toBeLessThan(0.03)
    expect(noiseOf('gaussian').state()).toBeUndefined()
  })

  test('of Ornstein and Uhlenbeck wanders and returns: n = (1 - theta) n + sigma xi', () => {
    const values = drawn(noiseOf('ornstein-uhlenbeck'), 50_000)
    expect(correlation(values)).toBeCloseTo(0.85, 1)
    // The stationary deviation of such a process.
    expect(Math.sqrt(mean(values.map(value => value ** 2)))).toBeCloseTo(0.1 / Math.sqrt(1 - 0.85 ** 2), 1)
  })

  test('that wanders begins at 0 with each episode, and goes on from a state', () => {
    const noise = noiseOf('ornstein-uhlenbeck')
    drawn(noise, 100)
    const state = noise.state()!
    expect(state[0][0]).not.toBe(0)
    expect(state[1]).toEqual([0])
    const other = noiseOf('ornstein-uhlenbeck')
    other.restore(state)
    expect(other.state()).toEqual(state)
    noise.reset(0)
    expect(noise.state()).toEqual([[0], [0]])
    expect(() => noise.requireState([[1]])).toThrow(/1 numbers for each of 2 environments/)
    expect(() => noise.requireState(undefined)).toThrow(RangeError)
  })

  test('stays within the bounds of an action', () => {
    const noise = createExplorationNoise(
      { ...options, explorationNoise: 5 },
      1,
      createRandom(3, 'exploration'),
    )!
    for (const value of drawn(noise, 100)) expect(Math.abs(value)).toBeLessThanOrEqual(1)
    expect(() => noise.addTo(new Float32Array(1), 2)).toThrow(/environment is 2/)
    expect(
      createExplorationNoise({ ...options, explorationNoise: 0 }, 1, createRandom(0, 'x')),
    ).toBeUndefined()
  })
})
