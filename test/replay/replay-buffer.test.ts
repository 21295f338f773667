import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRandom, type Random } from '../../src/random.ts'
import { createReplayBuffer, type ReplayBuffer } from '../../src/replay/replay-buffer.ts'
import type { Batch, Transition } from '../../src/replay/transition.ts'

function batchOf(rows: number, observationSize: number, actionSize: number): Batch {
  return {
    observation: new Float32Array(rows * observationSize),
    action: new Float32Array(rows * actionSize),
    reward: new Float32Array(rows),
    nextObservation: new Float32Array(rows * observationSize),
    discount: new Float32Array(rows),
  }
}

/** "Random" integers 0, 1, 2, ...: sampling with it reads the whole buffer, lane by lane, oldest first. */
function inOrder(): Random {
  let next = 0
  return { ...createRandom(0, 'x'), integer: () => next++ }
}

interface Row {
  observation: number[]
  action: number[]
  reward: number
  nextObservation: number[]
  terminated: number
}

function contents(buffer: ReplayBuffer, observationSize: number, actionSize: number): Row[] {
  if (buffer.size === 0) return []
  const batch = batchOf(buffer.size, observationSize, actionSize)
  buffer.sample(inOrder(), batch, buffer.size)
  const part = (array: Float32Array, row: number, width: number) => [
    ...array.subarray(row * width, (row + 1) * width),
  ]
  return Array.from({ length: buffer.size }, (_, row) => ({
    observation: part(batch.observation, row, observationSize),
    action: part(batch.action, row, actionSize),
    reward: batch.reward[row],
    nextObservation: part(batch.nextObservation, row, observationSize),
    terminated: batch.discount[row] === 0 ? 1 : 0,
  }))
}

const step = fc.record({
  lane: fc.nat(2),
  // What happens after this step: the episode goes on, ends, is cut off, or is given up without a word.
  outcome: fc.constantFrom('on', 'on', 'on', 'terminated', 'truncated', 'given up'),
  // Few values, so that an episode sometimes begins where the last one ended.
  next: fc.nat(9),
  start: fc.nat(9),
  reward: fc.float({ noNaN: true, noDefaultInfinity: true }),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const shape = { observationSize: 2, actionSize: 1 }

/** Plays steps into a buffer and into a naive model: an array of whole transitions for each lane. */
function play(buffer: ReplayBuffer, capacities: number[], steps: Step[]) {
  const model: Row[][] = capacities.map(() => [])
  const current = capacities.map((_, lane) => [0.1, lane])
  for (const { lane: anyLane, outcome, next, start, reward } of steps) {
    const lane = anyLane % capacities.length
    const terminated = outcome === 'terminated'
    const transition: Transition = {
      observation: current[lane],
      action: [reward / 2],
      reward,
      nextObservation: [next + 0.1, lane],
      terminated,
      truncated: outcome === 'truncated',
    }
    buffer.add(lane, transition)
    expect(buffer.newestAction(lane)).toEqual(Float32Array.of(reward / 2))
    model[lane].push({
      observation: current[lane].map(Math.fround),
      action: [Math.fround(reward / 2)],
      reward,
      nextObservation: [Math.fround(next + 0.1), lane],
      terminated: terminated ? 1 : 0,
    })
    if (model[lane].length > capacities[lane]) model[lane].shift()
    current[lane] = [(outcome === 'on' ? next : start) + 0.1, lane]
  }
  return model.flat()
}

const capacitiesOf = (capacity: number, lanes: number) =>
  Array.from({ length: lanes }, (_, i) => Math.floor((capacity + i) / lanes))

describe('n-step rows', () => {
  const gamma = 0.9
  interface Kept {
    observation: number
    reward: number
    nextObservation: number
    terminated: boolean
    last: boolean
  }

  /** What the definition says of the row that begins with transition `start` of a lane. */
  function naive(lane: readonly Kept[], start: number, steps: number) {
    let reward = 0
    for (let k = 0; ; k++) {
      const { last, terminated, nextObservation, ...step } = lane[start + k]
      reward += gamma ** k * step.reward
      const ends = last || k + 1 === steps || start + k + 1 === lane.length
      if (ends) return { reward, nextObservation, discount: terminated ? 0 : gamma ** (k + 1) }
    }
  }

  test('sum up rewards within an episode, and know a terminated from a truncated end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 3, max: 20 }),
        fc.array(step, { minLength: 1, maxLength: 80 }),
        (nStep, capacity, steps) => {
          const lanes: Kept[][] = [[], [], []]
          const options = { capacity, lanes: 3, observationSize: 1, actionSize: 1, gamma, nStep }
          const buffer = createReplayBuffer(options)
          const current = [0, 0, 0]
          for (const { lane, outcome, next, start, reward: drawn } of steps) {
            const reward = Math.fround(drawn) % 8
            const terminated = outcome === 'terminated'
            const given = { observation: [current[lane]], action: [0], nextObservation: [next] }
            buffer.add(lane, { ...given, reward, terminated, truncated: outcome === 'truncated' })
            if (outcome === 'given up') buffer.endEpisode(lane)
            const last = outcome !== 'on'
            lanes[lane].push({ observation: current[lane], reward, nextObservation: next, terminated, last })
            // The next episode often begins just where this one ended.
            current[lane] = last ? (start > 4 ? next : start) : next
          }
          const kept = lanes.map((lane, i) => lane.slice(-Math.floor((capacity + i) / 3)))
          const batch = batchOf(buffer.size, 1, 1)
          buffer.sample(inOrder(), batch, buffer.size)
          let row = 0
          for (const lane of kept) {
            for (let start = 0; start < lane.length; start++, row++) {
              const expected = naive(lane, start, nStep)
              expect(batch.observation[row]).toBe(lane[start].observation)
              expect(batch.nextObservation[row]).toBe(expected.nextObservation)
              expect(batch.reward[row]).toBeCloseTo(expected.reward, 4)
              expect(batch.discount[row]).toBeCloseTo(expected.discount, 6)
            }
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('holds what a list of whole transitions would', () => {
  test('over episodes, ends, lanes and wraps of the ring', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 3, max: 24 }),
        fc.array(step, { maxLength: 120 }),
        (lanes, capacity, steps) => {
          const buffer = createReplayBuffer({ capacity, lanes, ...shape })
          const expected = play(buffer, capacitiesOf(capacity, lanes), steps)
          expect(buffer.size).toBe(expected.length)
          expect(contents(buffer, 2, 1)).toEqual(expected)
        },
      ),
      { numRuns: 500 },
    )
  })

  test('when episodes become shorter after the ring wrapped', () => {
    const steps = Array.from({ length: 300 }, (_, i): Step => {
      const end = i < 150 ? i % 20 === 19 : true
      return { lane: 0, outcome: end ? 'truncated' : 'on', next: i, start: 1000 + i, reward: i }
    })
    for (let length = 150; length <= 300; length += 7) {
      const buffer = createReplayBuffer({ capacity: 40, ...shape })
      expect(play(buffer, [40], steps.slice(0, length))).toEqual(contents(buffer, 2, 1))
    }
  })

  test('with one slot', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 10 }), steps => {
        const buffer = createReplayBuffer({ capacity: 1, ...shape })
        expect(play(buffer, [1], steps)).toEqual(contents(buffer, 2, 1))
      }),
    )
  })

  test('restored from its state, and from there on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 12 }),
        fc.array(step, { maxLength: 40 }),
        fc.array(step, { maxLength: 40 }),
        (capacity, before, after) => {
          const options = { capacity, lanes: 2, ...shape }
          const [original, restored] = [createReplayBuffer(options), createReplayBuffer(options)]
          play(restored, capacitiesOf(capacity, 2), after)
          play(original, capacitiesOf(capacity, 2), before)
          restored.restore(structuredClone(original.state()))
          expect(restored.size).toBe(original.size)
          for (const lane of [0, 1]) expect(restored.newestAction(lane)).toEqual(original.newestAction(lane))
          expect(contents(restored, 2, 1)).toEqual(contents(original, 2, 1))
          // Begins other episodes than those left off, as a resumed run may.
          play(original, capacitiesOf(capacity, 2), after)
          play(restored, capacitiesOf(capacity, 2), after)
          expect(contents(restored, 2, 1)).toEqual(contents(original, 2, 1))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('across chunks of records', () => {
    // So wide that a chunk has 4 records: the ring of 10 is in 3 chunks.
    const observationSize = 50_000
    const buffer = createReplayBuffer({ capacity: 10, observationSize, actionSize: 1 })
    const observation = (i: number) => new Float32Array(observationSize).fill(i)
    for (let i = 0; i < 25; i++) {
      const [from, to] = [observation(i), observation(i + 1)]
      buffer.add(0, { observation: from, action: [i], reward: i, nextObservation: to, terminated: false })
    }
    const batch = batchOf(10, observationSize, 1)
    buffer.sample(inOrder(), batch, 10)
    const newest = Array.from({ length: 10 }, (_, i) => 15 + i)
    expect([...batch.reward]).toEqual(newest)
    for (const [row, i] of newest.entries()) {
      for (const at of [row * observationSize, (row + 1) * observationSize - 1]) {
        expect(batch.observation[at]).toBe(i)
        expect(batch.nextObservation[at]).toBe(i + 1)
      }
    }
  })
})

test('only a termination is marked as one, and a cut-off keeps its final observation', () => {
  const buffer = createReplayBuffer({ capacity: 8, observationSize: 1, actionSize: 1 })
  const add = (from: number, to: number, terminated: boolean, truncated: boolean) =>
    buffer.add(0, {
      observation: [from],
      action: [0],
      reward: 0,
      nextObservation: [to],
      terminated,
      truncated,
    })
  add(1, 2, false, true)
  add(10, 20, true, false)
  add(100, 200, true, true)
  add(1000, 2000, false, false)
  const rows = contents(buffer, 1, 1)
  expect(rows.map(row => row.terminated)).toEqual([0, 1, 1, 0])
  expect(rows.map(row => row.nextObservation[0])).toEqual([2, 20, 200, 2000])
})

test('an empty lane has no newest action, and what it gives is a copy', () => {
  const buffer = createReplayBuffer({ capacity: 4, lanes: 2, ...shape })
  const add = (reward: number) =>
    buffer.add(1, {
      observation: [0, 0],
      action: [reward],
      reward,
      nextObservation: [0, 0],
      terminated: false,
    })
  add(0.5)
  expect(buffer.newestAction(0)).toBe(undefined)
  const newest = buffer.newestAction(1)!
  newest[0] = 7
  expect(buffer.newestAction(1)).toEqual(Float32Array.of(0.5))
})

describe('sampling', () => {
  function filled(adds: number[], capacity: number): ReplayBuffer {
    const buffer = createReplayBuffer({ capacity, observationSize: 1, actionSize: 1, lanes: adds.length })
    let label = 0
    for (const [lane, count] of adds.entries()) {
      for (let i = 0; i < count; i++) {
        buffer.add(lane, {
          observation: [0],
          action: [0],
          reward: label++,
          nextObservation: [0],
          terminated: false,
        })
      }
    }
    return buffer
  }

  test.each([
    ['one lane, partly full', [50], 80],
    ['lanes of different fill', [40, 5, 0, 25], 160],
    ['a full ring', [64, 100], 100],
  ])('is uniform (chi-square): %s', (_, adds, capacity) => {
    const buffer = filled(adds, capacity)
    const draws = 1000 * buffer.size
    const batch = batchOf(draws, 1, 1)
    buffer.sample(createRandom(2, 'replay'), batch, draws)
    const counts = new Map<number, number>()
    for (const label of batch.reward) counts.set(label, (counts.get(label) ?? 0) + 1)
    expect(counts.size).toBe(buffer.size)
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    const freedom = buffer.size - 1
    expect(Math.abs(chiSquare - freedom) / Math.sqrt(2 * freedom)).toBeLessThan(4)
  })

  test('repeats with the seed', () => {
    const buffer = filled([50], 80)
    const sample = (seed: number) => {
      const batch = batchOf(20, 1, 1)
      buffer.sample(createRandom(seed, 'replay'), batch, 20)
      return batch
    }
    expect(sample(1)).toEqual(sample(1))
    expect(sample(1)).not.toEqual(sample(2))
  })

  test('leaves rows beyond the batch alone', () => {
    const batch = batchOf(3, 1, 1)
    batch.reward.fill(-1)
    filled([5], 5).sample(createRandom(0, 'replay'), batch, 2)
    expect(batch.reward[2]).toBe(-1)
  })
})

describe('memory', () => {
  test('grows with what is added and ends within 1.15 of the bare numbers', () => {
    const capacity = 50_000
    const buffer = createReplayBuffer({ capacity, observationSize: 3, actionSize: 1 })
    const bare = (transitions: number) => transitions * (4 * (3 + 1 + 1) + 1)
    expect(buffer.bytes).toBeLessThan(100)
    const add = (i: number) =>
      // Episodes of 200 steps.
      buffer.add(0, {
        // Not exact in float32, which must not keep an observation from being recognised.
        observation: [i / 10, 0, 0],
        action: [0],
        reward: 0,
        nextObservation: i % 200 === 199 ? [-1, 0, 0] : [(i + 1) / 10, 0, 0],
        terminated: false,
      })
    add(0)
    expect(buffer.bytes).toBeLessThan(2 ** 21)
    for (let i = 1; i < 3 * capacity; i++) add(i)
    expect(buffer.size).toBe(capacity)
    expect(buffer.bytes).toBeLessThan(1.15 * bare(capacity))
  })

  test('stays the same in a full ring, even if every episode is one step long', () => {
    const buffer = createReplayBuffer({ capacity: 100, observationSize: 1, actionSize: 1 })
    const add = (i: number) =>
      buffer.add(0, { observation: [i], action: [0], reward: 0, nextObservation: [-i], terminated: true })
    for (let i = 1; i <= 200; i++) add(i)
    const { bytes } = buffer
    for (let i = 201; i <= 2000; i++) add(i)
    expect(buffer.bytes).toBe(bytes)
  })
})

describe('bad input is refused and changes nothing', () => {
  const good = { observation: [1, 2], action: [3], reward: 4, nextObservation: [5, 6], terminated: false }

  test.each<[Partial<Transition>, RegExp]>([
    [{ observation: [1] }, /observation has 1 elements, not 2/],
    [{ action: [1, 2] }, /action has 2 elements, not 1/],
    [{ nextObservation: [] }, /nextObservation has 0 elements/],
    [{ observation: [1, NaN] }, /observation\[1\] is NaN/],
    [{ action: [Infinity] }, /action\[0\] is Infinity/],
    [{ nextObservation: [1e39, 0] }, /nextObservation\[0\] is 1e\+39, not finite/],
    [{ reward: NaN }, /reward is NaN/],
  ])('%j', (change, message) => {
    const buffer = createReplayBuffer({ capacity: 4, ...shape })
    buffer.add(0, good)
    const before = contents(buffer, 2, 1)
    expect(() => buffer.add(0, { ...good, ...change })).toThrow(message)
    expect(contents(buffer, 2, 1)).toEqual(before)
  })

  test('lanes, options, batches, states', () => {
    const buffer = createReplayBuffer({ capacity: 4, lanes: 2, ...shape })
    for (const lane of [-1, 2, 0.5]) expect(() => buffer.add(lane, good)).toThrow(/lane is .* from 0 to 1/)
    const batch = batchOf(2, 2, 1)
    const random = createRandom(0, 'replay')
    expect(() => buffer.sample(random, batch, 2)).toThrow(/empty/)
    buffer.add(1, good)
    buffer.sample(random, batch, 2)
    expect(() => buffer.sample(random, batch, 3)).toThrow(
      /batch.observation has room for 4 numbers: 3 rows of 2/,
    )
    for (const size of [0, 1.5, NaN]) expect(() => buffer.sample(random, batch, size)).toThrow(/batchSize is/)
    for (const capacity of [0, 1.5, -3, NaN]) {
      expect(() => createReplayBuffer({ capacity, ...shape })).toThrow(/capacity is .*whole number/)
    }
    expect(() => createReplayBuffer({ capacity: 1, lanes: 2, ...shape })).toThrow(
      /at least the number of lanes/,
    )
    const other = createReplayBuffer({ capacity: 5, lanes: 2, ...shape })
    expect(() => other.restore(buffer.state())).toThrow(/capacity 4, but this one has 5/)
  })
})
