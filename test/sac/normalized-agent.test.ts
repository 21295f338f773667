import { describe, expect, test } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { normalize, normalizerIn } from '../../src/policy/normalizer.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { createRunningStatistics, type RunningStatistics } from '../../src/sac/running-statistics.ts'

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [2] }),
  actionSpace: box({ low: -1, high: 1 }),
}
const options: SacOptionsInput = {
  hiddenSizes: [8],
  batchSize: 4,
  learningStarts: 0,
  bufferSize: 100,
  normalizeObservations: true,
}

/** Observations whose elements differ a thousandfold. */
function observations(count: number): number[][] {
  const random = createRandom(1, 'test')
  return Array.from({ length: count }, () => [1000 + 50 * random.normal(), 0.01 * random.normal()])
}

async function agentThatSaw(seen: number[][], more: SacOptionsInput = {}) {
  const agent = await SAC.create(spaces, { ...options, ...more })
  for (const [i, observation] of seen.slice(0, -1).entries()) {
    const step = { action: [0], reward: 2, nextObservation: seen[i + 1], terminated: false }
    agent.observe({ observation, ...step })
  }
  return agent
}

function statisticsOf(vectors: number[][]): RunningStatistics {
  const size = vectors[0].length
  const statistics = createRunningStatistics(size)
  for (const vector of vectors) {
    statistics.begin(vector)
    statistics.add(statistics.centre(vector, new Float32Array(size)))
  }
  return statistics
}

describe('running statistics', () => {
  test('are mean and variance, exact where sums of squares would not be', () => {
    const statistics = statisticsOf(Array.from({ length: 1001 }, (_, i) => [1e6 + i / 1000, -3]))
    const { mean, variance, count } = statistics.moments()
    expect(mean[0]).toBeCloseTo(1e6 + 0.5, 7)
    expect(variance[0]).toBeCloseTo((1001 ** 2 - 1) / 12 / 1e6, 6)
    expect([mean[1], variance[1], count]).toEqual([-3, 0, 1001])
  })

  test('leave observations as they are before the second', () => {
    const statistics = statisticsOf([[5]])
    expect([...normalize(statistics.normalizer, statistics.centre([7], new Float32Array(1)))]).toEqual([7])
    expect(statistics.moments()).toEqual({ mean: Float64Array.of(0), variance: Float64Array.of(1), count: 1 })
  })

  test('a state of earlier versions has no origin: its vectors were as they are', () => {
    const statistics = createRunningStatistics(1)
    statistics.restore({ count: 4, mean: [1000], squares: [16] })
    statistics.begin([2000])
    expect(statistics.centre([1002], new Float32Array(1))[0]).toBe(1002)
    expect([...normalize(statistics.normalizer, [1002])]).toEqual([1])
  })

  test('refuse a state of another size', () => {
    const statistics = createRunningStatistics(1)
    expect(() => statistics.restore({ count: 1, mean: [1, 2], squares: [1, 2] })).toThrow(
      /of 2 numbers, not 1/,
    )
  })
})

describe('an agent that normalises observations', () => {
  test('learns from and acts on normalised ones; the replay buffer keeps them less their origin', async () => {
    const seen = observations(50)
    const agent = await agentThatSaw(seen)
    const { normalizer, centre } = agent.statistics!
    const centred = (vector: number[]) => centre(vector, new Float32Array(2))
    const { inputs } = agent.learner.program
    await agent.update()
    const normalized = seen.map(vector => [...normalize(normalizer, centred(vector))].join())
    for (let row = 0; row < 4; row++) {
      expect(normalized).toContain([...inputs.observation.slice(2 * row, 2 * row + 2)].join())
      expect(normalized).toContain([...inputs.nextObservation.slice(2 * row, 2 * row + 2)].join())
    }
    const [record] = agent.replay.state().lanes[0].records
    expect(record.slice(4, 6)).toEqual(centred(seen[1]))

    const plain = await SAC.create(spaces, { ...options, normalizeObservations: false })
    plain.learner.restore(agent.learner.state(), agent.learner.counters)
    const act = { deterministic: true }
    expect(agent.act(seen[7], act)).toEqual(plain.act(normalize(normalizer, centred(seen[7])), act))
  })

  test('has its statistics among the parameters, and takes them from there', async () => {
    const agent = await agentThatSaw(observations(50))
    const parameters = agent.parameters()
    const { mean, variance } = agent.statistics!.moments()
    expect([...normalizerIn(parameters, 2)!.mean]).toEqual([...mean].map(value => expect.closeTo(value, 9)))
    expect(normalizerIn(parameters, 2)!.variance).toEqual(variance.map(Math.fround))
    expect([...parameters['normalizer.count'].data]).toEqual([49])
    const other = await SAC.create(spaces, options)
    other.loadParameters(parameters)
    const [act, expected] = [other, agent].map(each => each.act([1010, 0], { deterministic: true })[0])
    expect(act).toBeCloseTo(expected, 6)
    const plain = await SAC.create(spaces, { ...options, normalizeObservations: false })
    expect(() => plain.loadParameters(parameters)).toThrow(/normalizer.mean has no place .* normalizeObs/)
    expect(() => other.loadParameters(plain.parameters())).toThrow(/normalizer.mean .*missing.* normalizeObs/)
  })

  test('goes on from its state, and only from one with statistics', async () => {
    const agent = await agentThatSaw(observations(50))
    const other = await SAC.create(spaces, options)
    other.restore(structuredClone(agent.state()))
    await agent.update()
    await other.update()
    expect(other.state()).toEqual(agent.state())
    const plain = await SAC.create(spaces, { ...options, normalizeObservations: false })
    expect(() => plain.restore(agent.state())).toThrow(/normalizeObservations true, unlike/)
  })
})

test('rewardScale: what is learned from is scaled', async () => {
  const agent = await agentThatSaw(observations(10), { rewardScale: 0.25 })
  await agent.update()
  expect([...agent.learner.program.inputs.reward]).toEqual([0.5, 0.5, 0.5, 0.5])
})
