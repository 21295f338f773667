import { expect, test } from 'vitest'
import { actionStatistics } from '../../src/sac/action-statistics.ts'

test('mean over all numbers, spread about each dimension, share beyond 0.99', () => {
  // Two dimensions far apart, of which neither varies: no spread.
  expect(actionStatistics([0.5, -1, 0.5, -1], 2)).toEqual({
    actionMean: -0.25,
    actionSpread: 0,
    actionSaturation: 0.5,
  })
  const { actionMean, actionSpread, actionSaturation } = actionStatistics([0.2, 0.991, -0.2, -0.989], 2)
  expect(actionMean).toBeCloseTo(0.0005, 10)
  expect(actionSpread).toBeCloseTo(Math.sqrt((0.2 ** 2 + 0.99 ** 2) / 2), 10)
  expect(actionSaturation).toBe(0.25)
})
