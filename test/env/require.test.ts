import { describe, expect, test } from 'vitest'
import { requireFlag, requireNumber, requireVector } from '../../src/env/require.ts'
import { box, contains } from '../../src/env/spaces.ts'
import { notFinite, notNumbers } from '../non-numbers.ts'

describe('the gate for numbers from outside', () => {
  test.each(notNumbers)('%s is no number, wherever it stands', (_, value, words) => {
    expect(() => requireNumber('reward', value)).toThrow(`the reward is ${words}, not a number`)
    expect(() => requireVector('observation', [1, value] as never, 2)).toThrow(
      `observation[1] is ${words}, not a number`,
    )
    expect(() => box({ low: [value] as never, high: 1 })).toThrow(`low[0] is ${words}, not a number`)
    expect(contains(box({ low: -9, high: 9 }), [value] as never)).toBe(false)
  })

  test.each(notFinite)('%d is not finite in float32', value => {
    expect(() => requireNumber('reward', value)).toThrow(`the reward is ${value}, not finite`)
    expect(() => requireVector('observation', [1, value], 2)).toThrow(
      `observation[1] is ${value}, not finite`,
    )
  })

  test('the largest float32 passes, and what rounds to it', () => {
    for (const value of [3.4028234663852886e38, -3.4028235e38, 5e-324, -0]) requireNumber('reward', value)
    expect(() => box({ low: 0, high: 1e39 })).toThrow(/high is 1e\+39, not finite in float32/)
    expect(box({ low: -Infinity, high: Infinity }).high[0]).toBe(Infinity)
  })

  test.each([null, undefined, 'no', 7])('%s is no vector', value => {
    expect(() => requireVector('observation', value as never, 2)).toThrow(
      value === 'no' ? /observation\[0\] is 'n', not a number/ : /observation has no elements, not 2/,
    )
  })

  test.each(['false', 'true', 0, 1, null, undefined, [true]])('%j is neither true nor false', value => {
    expect(() => requireFlag('terminated', value)).toThrow(TypeError)
    expect(() => requireFlag('terminated', value)).toThrow(/terminated is .+, neither true nor false/)
  })
})
