import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import type { HindsightOptions } from '../../src/replay/future-goals.ts'
import { createReplayBuffer, type ReplayBuffer } from '../../src/replay/replay-buffer.ts'
import type { Batch } from '../../src/replay/transition.ts'

const SIZE = 3
/** How an episode of four steps or so ends. */
const ENDINGS = ['terminated', 'truncated', 'given up', 'reported'] as const

const hindsight: HindsightOptions = {
  goalSize: 1,
  goals: 4,
  computeRewards: (achieved, desired, count) =>
    Array.from({ length: count }, (_, i) => 5000 + achieved[i] - desired[i]),
}

/**
 * A buffer of episodes: observations are [episode, achieved, desired], of which `achieved` is 100 times the episode and
 * the steps in it, and `desired` minus the episode.
 */
function filled(capacity: number, episodes: number, given: Partial<HindsightOptions> = {}): ReplayBuffer {
  const buffer = createReplayBuffer({
    capacity,
    observationSize: SIZE,
    actionSize: 1,
    hindsight: { ...hindsight, ...given },
  })
  for (let episode = 1; episode <= episodes; episode++) play(buffer, episode)
  return buffer
}

const lengthOf = (episode: number) => 4 + (episode % 3)

function play(buffer: ReplayBuffer, episode: number): void {
  const ending = ENDINGS[episode % ENDINGS.length]
  const at = (step: number) => [episode, 100 * episode + step, -episode]
  for (let step = 0; step < lengthOf(episode); step++) {
    const last = step === lengthOf(episode) - 1
    buffer.add(0, {
      observation: at(step),
      action: [step],
      reward: -7,
      nextObservation: at(step + 1),
      terminated: last && ending === 'terminated',
      truncated: last && ending === 'truncated',
    })
    if (last && ending === 'reported') buffer.endEpisode(0)
  }
}

function sampled(buffer: ReplayBuffer, rows: number, seed = 1) {
  const batch: Batch = {
    observation: new Float32Array(rows * SIZE),
    action: new Float32Array(rows),
    reward: new Float32Array(rows),
    nextObservation: new Float32Array(rows * SIZE),
    discount: new Float32Array(rows),
  }
  const answer = buffer.sample(createRandom(seed, 'replay'), batch, rows)
  const all = Array.from({ length: rows }, (_, row) => {
    const [episode, achieved, desired] = batch.observation.subarray(row * SIZE)
    const next = [...batch.nextObservation.subarray(row * SIZE, (row + 1) * SIZE)]
    return { episode, achieved, desired, next, step: batch.action[row], reward: batch.reward[row] }
  })
  return { answer, batch, rows: all }
}

describe('goals achieved later', () => {
  // The second buffer has overwritten the start of an episode, and more than a hundred before it.
  test.each([
    [1000, 12],
    [31, 200],
  ])('come from the same episode, in a buffer of %i after %i episodes', (capacity, episodes) => {
    const buffer = filled(capacity, episodes)
    const { rows } = sampled(buffer, 20_000)
    const seen = new Map<string, Set<number>>()
    for (const { episode, achieved, desired, next, step, reward } of rows) {
      expect([achieved, next[0], next[1], next[2]]).toEqual([
        100 * episode + step,
        episode,
        100 * episode + step + 1,
        desired,
      ])
      if (desired === -episode) {
        expect(reward).toBe(-7)
        continue
      }
      expect(reward).toBe(5000 + next[1] - desired)
      const key = `${episode} ${step}`
      seen.set(key, (seen.get(key) ?? new Set()).add(desired - 100 * episode))
    }
    for (const [key, goals] of seen) {
      const [episode, step] = key.split(' ').map(Number)
      const later = Array.from({ length: lengthOf(episode) - step }, (_, i) => step + 1 + i)
      expect([...goals].sort((a, b) => a - b)).toEqual(later)
    }
    expect(seen.size).toBe(buffer.size)
  })

  test.each([1, 4, 9])('replace k of k + 1 goals, k = %i', goals => {
    const { rows } = sampled(filled(100, 9, { goals }), 10_000)
    const share = rows.filter(({ episode, desired }) => desired !== -episode).length / rows.length
    expect(share).toBeCloseTo(goals / (goals + 1), 1.5)
  })

  test('of an episode in progress end with its newest transition', () => {
    const buffer = filled(100, 1)
    for (const step of [0, 1]) {
      const at = (steps: number) => [7, 700 + steps, -7]
      const transition = { observation: at(step), action: [step], nextObservation: at(step + 1) }
      buffer.add(0, { ...transition, reward: -7, terminated: false })
    }
    const goals = sampled(buffer, 500).rows.filter(({ episode, desired }) => episode === 7 && desired > 0)
    expect(new Set(goals.map(({ desired }) => desired))).toEqual(new Set([701, 702]))
  })

  test('each are equally likely', () => {
    const counts = new Map<number, number>()
    for (const { episode, step, desired } of sampled(filled(100, 1), 20_000).rows) {
      if (step === 0 && desired !== -episode) counts.set(desired, (counts.get(desired) ?? 0) + 1)
    }
    const total = [...counts.values()].reduce((a, b) => a + b)
    for (const count of counts.values()) expect(count / total).toBeCloseTo(1 / lengthOf(1), 1.5)
  })

  test('are the same from a restored state, also after more was added', () => {
    const buffer = filled(31, 50)
    const restored = createReplayBuffer({ capacity: 31, observationSize: SIZE, actionSize: 1, hindsight })
    restored.restore(structuredClone(buffer.state()))
    for (const episode of [51, 52]) {
      expect(sampled(restored, 400).batch).toEqual(sampled(buffer, 400).batch)
      for (const each of [buffer, restored]) play(each, episode)
    }
    expect(sampled(restored, 400).batch).toEqual(sampled(buffer, 400).batch)
  })

  test('get rewards later where they are computed later', async () => {
    const later = filled(100, 9, {
      computeRewards: async (...goals) => hindsight.computeRewards(...goals),
    })
    const { batch, answer } = sampled(later, 100)
    expect(new Set(batch.reward)).toEqual(new Set([-7]))
    // What happens to the batch in between, such as normalisation, changes nothing.
    batch.nextObservation.fill(0)
    await answer
    expect(batch.reward).toEqual(sampled(filled(100, 9), 100).batch.reward)
  })

  test('are refused with n-step returns', () => {
    const options = { capacity: 10, observationSize: SIZE, actionSize: 1, hindsight, nStep: 3 }
    expect(() => createReplayBuffer(options)).toThrow('nStep is 3: with hindsight it must be 1')
  })
})
