import * as ort from 'onnxruntime-web'
import { describe, expect, test } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { policyToModule } from '../../src/policy/module.ts'
import { normalize, normalizerIn } from '../../src/policy/normalizer.ts'
import { policyToOnnx } from '../../src/policy/onnx.ts'
import { loadPolicy, policyToSafetensors } from '../../src/policy/policy-file.ts'
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
    expect(() => plain.loadParameters(parameters)).toThrow(
      /normalizer.mean does not belong to this agent.* normalizeObs/,
    )
    expect(() => other.loadParameters(plain.parameters())).toThrow(/normalizer.mean .*missing.* normalizeObs/)
  })

  test('sees the same with a large offset as without, in learning, acting and exports', async () => {
    const act = { deterministic: true }
    const random = createRandom(2, 'test')
    const signals = Array.from({ length: 50 }, () => [0.01 * random.normal(), 0])
    const at = (offset: number) => signals.map(([x, constant]) => [x + offset, constant + offset])
    const [plain, ...shifted] = await Promise.all(
      [0, 20_000.1, 1_000_000.1].map(offset => agentThatSaw(at(offset))),
    )
    for (let i = 0; i < 20; i++) for (const agent of [plain, ...shifted]) await agent.update()
    for (const [i, offset] of [20_000.1, 1_000_000.1].entries()) {
      const agent = shifted[i]
      const module = `data:text/javascript,${encodeURIComponent(policyToModule(agent))}`
      const exported = (await import(module)) as { act(observation: number[]): Float32Array }
      const loaded = loadPolicy(policyToSafetensors(agent))
      for (const [x, constant] of signals) {
        const [expected] = plain.act([x, constant], act)
        const observation = [x + offset, constant + offset]
        const actions = [agent.act(observation, act), exported.act(observation), loaded.act(observation, act)]
        for (const [action] of actions) expect(Math.abs(action - expected)).toBeLessThan(1e-4)
      }
    }
  })

  test('a constant element of an ONNX model, whose input is float32, is zero as well', async () => {
    const agent = await agentThatSaw(observations(50).map(([, x]) => [1_000_000.1, x]))
    const session = await ort.InferenceSession.create(policyToOnnx(agent))
    const input = new ort.Tensor('float32', Float32Array.of(1_000_000.1, 0.005), [1, 2])
    const { action } = await session.run({ observation: input })
    const [expected] = agent.act([1_000_000.1, 0.005], { deterministic: true })
    expect(Math.abs((action.data as Float32Array)[0] - expected)).toBeLessThan(1e-5)
  })

  test('takes parameters over into a replay buffer that has begun', async () => {
    const [agent, other] = await Promise.all([
      agentThatSaw(observations(50)),
      agentThatSaw([
        [1300, 0.5],
        [1310, 0.4],
      ]),
    ])
    other.loadParameters(agent.parameters())
    const act = { deterministic: true }
    for (const observation of observations(20)) {
      expect(other.act(observation, act)[0]).toBeCloseTo(agent.act(observation, act)[0], 4)
    }
  })

  test.each([1e25, 3.4e38])('acts alike on observations of %d in all its forms', async size => {
    const random = createRandom(3, 'test')
    const seen = Array.from({ length: 50 }, () => [size * (random.uniform() < 0.5 ? -1 : 1), random.normal()])
    const agent = await agentThatSaw(seen)
    for (let i = 0; i < 5; i++) await agent.update()
    const module = `data:text/javascript,${encodeURIComponent(policyToModule(agent))}`
    const exported = (await import(module)) as { act(observation: number[]): Float32Array }
    const loaded = loadPolicy(policyToSafetensors(agent))
    const [other, restored] = await Promise.all([SAC.create(spaces, options), SAC.create(spaces, options)])
    other.loadParameters(agent.parameters())
    // Now its own statistics are of the other form.
    agent.loadParameters(other.parameters())
    restored.restore(structuredClone(agent.state()))
    const act = { deterministic: true }
    for (const observation of seen.slice(0, 5)) {
      const [expected] = agent.act(observation, act)
      expect(Math.abs(expected)).toBeLessThan(1)
      expect(restored.act(observation, act)[0]).toBe(expected)
      const others = [
        exported.act(observation),
        ...[loaded, other].map(policy => policy.act(observation, act)),
      ]
      for (const [action] of others) expect(action).toBeCloseTo(expected, 4)
    }
  })

  test('refuses what is no number before anything is taken off', async () => {
    const agent = await SAC.create(spaces, options)
    const step = { observation: [1, 2], action: [0], reward: 2, nextObservation: [1, 2], terminated: false }
    for (const fault of [
      { observation: [null, 1] },
      { nextObservation: [1, '2'] },
      { terminated: 'false' },
    ]) {
      expect(() => agent.observe({ ...step, ...fault } as never)).toThrow(/is (null|'2'|'false')/)
    }
    expect(agent.state().statistics).toEqual({ count: 0, mean: [0, 0], squares: [0, 0] })
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
