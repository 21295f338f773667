import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawAction, encodeAction, requireActionSpace } from '../../src/env/action-space.ts'
import { actionAt, discrete, indexOfAction, multiDiscrete } from '../../src/env/discrete.ts'
import { box, contains } from '../../src/env/spaces.ts'
import { rescaleAction } from '../../src/env/wrappers.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'

const spaces = fc
  .array(fc.record({ n: fc.integer({ min: 1, max: 5 }), start: fc.integer({ min: -9, max: 9 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .map(numbers =>
    multiDiscrete(
      numbers.map(({ n }) => n),
      { start: numbers.map(({ start }) => start) },
    ),
  )

describe('a discrete space', () => {
  test('says how many actions there are', () => {
    expect(discrete(4)).toEqual({ kind: 'discrete', n: 4, nvec: [4], start: [0], size: 1 })
    expect(multiDiscrete([3, 2])).toMatchObject({ n: 6, nvec: [3, 2], start: [0, 0], size: 2 })
  })

  test('counts each of its actions once, in order', () => {
    fc.assert(
      fc.property(spaces, space => {
        const actions = Array.from({ length: space.n }, (_, i) =>
          actionAt(space, i, new Float32Array(space.size)),
        )
        expect(actions.map(action => indexOfAction(space, action))).toEqual(actions.map((_, i) => i))
        expect(actions.every(action => contains(space, action))).toBe(true)
        expect(new Set(actions.map(String)).size).toBe(space.n)
      }),
    )
    expect([...actionAt(multiDiscrete([3, 2]), 4, new Float32Array(2))]).toEqual([2, 0])
  })

  test.each([[-1], [4], [1.5], [Number.NaN], [Infinity], ['1'], [null], [true]])(
    'has no action %o',
    wrong => {
      const space = discrete(4)
      expect(contains(space, [wrong as number])).toBe(false)
      expect(() => encodeAction(space, [wrong as number], new Float32Array(1))).toThrow(
        /action\[0\] is .*: it must be a whole number from 0 to 3/,
      )
    },
  )

  test('holds actions of its own length alone', () => {
    expect(contains(discrete(4), [1, 1])).toBe(false)
    expect(contains(multiDiscrete([2, 2]), [1])).toBe(false)
  })

  test.each([
    [() => discrete(0), /n is 0: it must be a whole number of at least 1/],
    [() => discrete(2.5), /n is 2.5/],
    [() => discrete('4' as never), /n is '4'/],
    [() => multiDiscrete([]), /nvec is empty/],
    [() => multiDiscrete([2, -1]), /nvec\[1\] is -1/],
    [() => discrete(3, { start: 0.5 }), /start is 0.5/],
    [() => multiDiscrete([2, 2], { start: [0] }), /start is 0: it must be a whole number/],
  ])('is refused: %s', (make, message) => {
    expect(make).toThrow(message)
  })

  test('gives every action equally often when drawn from', () => {
    const space = multiDiscrete([2, 3], { start: [5, 0] })
    const random = createRandom(1, 'test')
    const counts = new Array<number>(6).fill(0)
    for (let i = 0; i < 6000; i++) counts[indexOfAction(space, drawAction(space, random))]++
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})

test('agents refuse spaces in which they cannot act, and say what to do', () => {
  const refused = (space: unknown) => () => requireActionSpace(space as never)
  expect(refused(discrete(4096))).not.toThrow()
  expect(refused(discrete(4097))).toThrow(/has 4097 actions; at most 4096/)
  expect(refused({ kind: 'discrete', n: 3 })).toThrow(/not made with discrete/)
  expect(refused({ ...discrete(3), n: 4 })).toThrow(/not made with discrete/)
  for (const kind of ['multi-binary', 'dict', 'tuple', undefined]) {
    expect(refused({ kind })).toThrow(
      /must be made with box\(\) for real numbers, discrete\(\) for one choice/,
    )
  }
  expect(refused(undefined)).toThrow(/of kind undefined/)
  expect(refused(box({ low: -1, high: Infinity }))).toThrow(/finite bounds/)
})

test('there is nothing to rescale in choices', async () => {
  const env = await makeEnv('CartPole-v1')
  expect(() => rescaleAction(env)).toThrow(/actions are discrete/)
})
