import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom, type Random } from '../../src/random.ts'
import { createReplayBuffer, type ReplayBufferOptions } from '../../src/replay/replay-buffer.ts'
import { createSumTree } from '../../src/replay/sum-tree.ts'
import type { Batch } from '../../src/replay/transition.ts'

const rows = (count: number): Batch & { weight: Float32Array } => ({
  observation: new Float32Array(count),
  action: new Float32Array(count),
  reward: new Float32Array(count),
  nextObservation: new Float32Array(count),
  discount: new Float32Array(count),
  weight: new Float32Array(count),
})

/** A buffer of transitions whose reward is their number, and something to draw from it with. */
function memory(options: Partial<ReplayBufferOptions> = {}) {
  const buffer = createReplayBuffer({
    capacity: 8,
    observationSize: 1,
    actionSize: 1,
    priorityAlpha: 0.5,
    ...options,
  })
  let number = 0
  const add = (lane = 0, terminated = false) =>
    buffer.add(lane, {
      observation: [number],
      action: [0],
      reward: number++,
      nextObservation: [number],
      terminated,
    })
  /** The rewards and weights that come of a draw. */
  function draw(count: number, { beta = 0.5, random = createRandom(0, 'x') } = {}) {
    const batch = rows(count)
    buffer.prioritized!.sample(random, batch, count, beta)
    return { rewards: [...batch.reward], weights: [...batch.weight] }
  }
  /** Draws once and gives what was drawn errors by its reward. */
  function learn(errorOf: (reward: number) => number, count = 64, random?: Random) {
    const { rewards } = draw(count, { random })
    buffer.prioritized!.learn(Float32Array.from(rewards, errorOf))
  }
  return { buffer, add, draw, learn }
}

describe('a sum tree', () => {
  test('finds the place where the sum of all numbers before it and its own exceeds what is asked for', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 40 }),
        fc.nat(1000),
        (numbers, at) => {
          const tree = createSumTree(numbers.length)
          for (const place of numbers.keys()) tree.set(place, 7)
          for (const [place, value] of numbers.entries()) tree.set(place, value)
          const total = numbers.reduce((sum, value) => sum + value, 0)
          expect(tree.total).toBe(total)
          if (total === 0) return
          const sum = (at / 1001) * total
          let passed = 0
          const expected = numbers.findIndex(value => {
            passed += value
            return passed > sum
          })
          expect(tree.find(sum)).toBe(expected)
        },
      ),
    )
  })

  test('finds nothing that has 0, also where rounding leaves a rest', () => {
    const tree = createSumTree(5)
    for (const place of [0, 1, 2]) tree.set(place, 0.1)
    expect(tree.find(tree.total)).toBe(2)
    expect(tree.find(1)).toBe(2)
  })

  test('depends on its numbers alone, not on the order in which they came', () => {
    const values = createRandom(1, 'x').fillUniform(new Float32Array(33), 0, 1)
    const [one, other] = [createSumTree(33), createSumTree(33)]
    for (const place of values.keys()) one.set(place, 1e9 * values[32 - place])
    for (const [place, value] of values.entries()) one.set(place, value)
    other.load(Float64Array.from(values))
    expect(one.total).toBe(other.total)
  })
})

test('transitions are drawn in proportion to (|error| + 1e-6)^alpha, and weighted by their chance^-beta', () => {
  const { add, learn, draw } = memory()
  for (let i = 0; i < 4; i++) add()
  // With alpha 1/2: priorities 1, 2, 3, 4.
  learn(reward => -((reward + 1) ** 2))
  const { rewards, weights } = draw(10_000)
  for (const reward of [0, 1, 2, 3]) {
    const share = rewards.filter(other => other === reward).length / 10_000
    // Strata of a ten-thousandth leave no more chance than that.
    expect(Math.abs(share - (reward + 1) / 10)).toBeLessThan(2e-4)
    expect(weights[rewards.indexOf(reward)]).toBeCloseTo((reward + 1) ** -0.5, 5)
  }
})

test('new transitions have the largest priority that there has been', () => {
  const { add, learn, draw } = memory()
  for (let i = 0; i < 3; i++) add()
  learn(reward => (reward === 1 ? 25 : 1))
  learn(() => 1)
  add()
  const { rewards } = draw(8000)
  // 1, 1, 1 and 5.
  expect(rewards.filter(reward => reward === 3).length / 8000).toBeCloseTo(5 / 8, 3)
})

test('errors of a transition that was overwritten after the draw count for none', () => {
  const { buffer, add, draw } = memory({ capacity: 2 })
  add()
  add()
  const { rewards } = draw(8)
  expect(new Set(rewards)).toEqual(new Set([0, 1]))
  add()
  buffer.prioritized!.learn(Float32Array.from(rewards, reward => (reward === 0 ? 0 : 1)))
  // Transition 2 took the place of transition 0, whose error is 0.
  const after = draw(1000).rewards
  expect(after.filter(reward => reward === 2).length).toBeCloseTo(500, -1)
})

test('beta 0 weights all rows alike, and weights are at most 1', () => {
  const { add, learn, draw } = memory()
  for (let i = 0; i < 8; i++) add()
  learn(reward => reward)
  expect(new Set(draw(64, { beta: 0 }).weights)).toEqual(new Set([1]))
  const { weights } = draw(64, { beta: 1 })
  expect(Math.max(...weights)).toBe(1)
  expect(Math.min(...weights)).toBeGreaterThan(0)
})

test('rows of n steps are read as in uniform draws', () => {
  const { add, draw } = memory({ nStep: 3, gamma: 0.5 })
  for (let i = 0; i < 6; i++) add(0, i === 2)
  const of = (i: number) => (i < 3 ? [0, 1, 2] : [3, 4, 5]).filter(k => k >= i)
  const expected = [0, 1, 2, 3, 4, 5].map(i => of(i).reduce((sum, k) => sum + 0.5 ** (k - i) * k, 0))
  expect([...new Set(draw(600).rewards)].sort()).toEqual([...new Set(expected)].sort())
})

test('a buffer continues exactly from its state, with several lanes, rings that came round and new transitions', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2), { minLength: 1, maxLength: 40 }), fc.nat(1000), (lanes, seed) => {
      const options = { capacity: 11, lanes: 3 }
      const [one, other] = [memory(options), memory(options)]
      const random = createRandom(seed, 'x')
      for (const [i, lane] of lanes.entries()) {
        one.add(lane)
        if (i % 3 === 0) one.learn(reward => Math.sin(reward) * 5, 4, random)
      }
      other.buffer.restore(structuredClone(one.buffer.state()))
      for (const { draw, learn } of [one, other]) {
        learn(reward => reward % 3, 5, createRandom(seed, 'y'))
        draw(1)
      }
      expect(other.draw(40)).toEqual(one.draw(40))
      expect(other.buffer.state()).toEqual(one.buffer.state())
    }),
  )
})

describe('refused', () => {
  const stored = () => {
    const { buffer, add, learn } = memory()
    for (let i = 0; i < 5; i++) add()
    learn(() => 2)
    return structuredClone(buffer.state())
  }

  test.each<[string, (state: ReturnType<typeof stored>) => unknown]>([
    ['without priorities, but this one has them', state => ({ ...state, priorities: undefined })],
    ['largest is 0', state => ({ ...state, priorities: { ...state.priorities, largest: 0 } })],
    ['lane 0 has none for 5', state => ({ ...state, priorities: { ...state.priorities, lanes: [] } })],
    [
      'lane 0 has 6 for 5',
      state => ({ ...state, priorities: { largest: 1, lanes: [new Float64Array(6).fill(1)] } }),
    ],
    [
      'lanes[0][1] is NaN',
      state => ({ ...state, priorities: { largest: 1, lanes: [Float64Array.of(1, Number.NaN)] } }),
    ],
  ])('a state %s', (message, change) => {
    const { buffer, add, draw } = memory()
    for (let i = 0; i < 8; i++) add()
    const before = draw(20)
    expect(() => buffer.restore(change(stored()) as ReturnType<typeof stored>)).toThrow(message)
    expect(draw(20)).toEqual(before)
  })

  test('a state with priorities by a buffer without', () => {
    const plain = createReplayBuffer({ capacity: 8, observationSize: 1, actionSize: 1 })
    expect(() => plain.restore(stored())).toThrow('with priorities, but this one has none')
    expect(plain.prioritized).toBeUndefined()
  })

  test('options and calls that make no sense', () => {
    expect(() => memory({ priorityAlpha: 1.5 })).toThrow(
      'priorityAlpha is 1.5: it must be a number from 0 to 1',
    )
    const hindsight = { goalSize: 1, goals: 4, computeRewards: () => [] }
    expect(() => memory({ hindsight })).toThrow('priorityAlpha cannot be together with hindsight')
    const { buffer, add } = memory()
    const { weight, ...batch } = rows(4)
    const prioritized = buffer.prioritized!
    const random = createRandom(0, 'x')
    expect(() => prioritized.sample(random, { ...batch, weight }, 4, 0.4)).toThrow('is empty')
    add()
    expect(() => prioritized.sample(random, batch, 4, 0.4)).toThrow('batch.weight has room for 0 numbers')
    expect(() => prioritized.sample(random, { ...batch, weight }, 5, 0.4)).toThrow('5 rows of 1 need 5')
  })
})
