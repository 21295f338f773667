/** Calls of an agent that overlap, fail half way or come after its end. */
import { describe, expect, test } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { createRandom } from '../../src/random.ts'
import { type AgentState, SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
  actionSpace: box({ low: -1, high: 1, shape: [2] }),
}
const small: SacOptionsInput = { hiddenSizes: [8], batchSize: 4, learningStarts: 2, bufferSize: 40 }
const engines = ['wasm', 'wasm-fast', 'native'] as const

const random = createRandom(5, 'transitions')
const transitions = Array.from({ length: 50 }, (_, i) => {
  const vector = (size: number) => Array.from({ length: size }, () => random.uniform(-1, 1))
  const [observation, nextObservation] = [vector(3), vector(3)]
  return { observation, action: vector(2), reward: vector(1)[0], nextObservation, terminated: i % 7 === 0 }
})

/** An agent that has seen ten transitions. */
async function experienced(options: SacOptionsInput = {}): Promise<SAC> {
  const agent = await SAC.create(spaces, { ...small, ...options })
  for (const transition of transitions.slice(0, 10)) agent.observe(transition)
  return agent
}

/** All there is to an agent, in memory of its own. */
const everything = (agent: SAC): AgentState => structuredClone(agent.state())

describe.each(engines)('updates that overlap, on %s', engine => {
  test('have the same result as those that were awaited', async () => {
    const options = { engine, normalizeObservations: true }
    const [awaited, overlapping] = [await experienced(options), await experienced(options)]
    const expected = []
    for (let i = 0; i < 6; i++) expected.push(await awaited.update())
    const found = await Promise.all(Array.from({ length: 6 }, () => overlapping.update()))
    expect(found).toEqual(expected)
    expect(everything(overlapping)).toEqual(everything(awaited))
    await Promise.all([awaited.dispose(), overlapping.dispose()])
  })

  test('learn from what had been observed when they were asked for', async () => {
    const [awaited, overlapping] = [await experienced({ engine }), await experienced({ engine })]
    const pending = []
    for (const transition of transitions.slice(10, 20)) {
      awaited.observe(transition)
      overlapping.observe(transition)
      for (let i = 0; i < 2; i++) {
        await awaited.update()
        pending.push(overlapping.update())
      }
    }
    await Promise.all(pending)
    expect(everything(overlapping)).toEqual(everything(awaited))
    await Promise.all([awaited.dispose(), overlapping.dispose()])
  })

  test('one that diverges leaves the others as they would be', async () => {
    const agent = await experienced({ engine, batchSize: 40 })
    const before = agent.parameters()
    for (let i = 0; i < 40; i++) agent.observe({ ...transitions[i], reward: 3e38 })
    const outcomes = await Promise.allSettled([agent.update(), agent.update()])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(agent.parameters()).toEqual(before)
    for (let i = 0; i < 40; i++) agent.observe(transitions[i])
    await agent.update()
    expect(agent.updates).toBe(1)
    await agent.dispose()
  })

  test('dispose waits for them, and a second one does nothing', async () => {
    const [awaited, agent] = [await experienced({ engine }), await experienced({ engine })]
    for (let i = 0; i < 2; i++) await awaited.update()
    const updates = [agent.update(), agent.update()]
    const disposals = [agent.dispose(), agent.dispose()]
    await Promise.all([...updates, ...disposals])
    await agent.dispose()
    expect(agent.parameters()).toEqual(awaited.parameters())
    await awaited.dispose()
  })

  test('what would tear them apart is refused while they are under way', async () => {
    const agent = await experienced({ engine })
    const [state, parameters] = [everything(agent), agent.parameters()]
    const update = agent.update()
    expect(() => agent.loadParameters(parameters)).toThrow(/loadParameters\(\) .* update is under way/)
    expect(() => agent.restore(state)).toThrow(/restore\(\) .* update is under way: await update\(\) first/)
    expect(() => agent.state()).toThrow(/state\(\) .* update is under way/)
    await update
    agent.restore(state)
    expect(everything(agent)).toEqual(state)
    await agent.dispose()
  })
})

test('after dispose, whatever needs the engine says so, and what was learned can still be read', async () => {
  const agent = await experienced()
  const state = everything(agent)
  await agent.dispose()
  const { observation } = transitions[0]
  const message = (call: string) => new RegExp(`^${call}\\(\\) was called after dispose\\(\\)`)
  await expect(agent.update()).rejects.toThrow(message('update'))
  expect(() => agent.act(observation)).toThrow(message('act'))
  expect(() => agent.explore(observation)).toThrow(message('explore'))
  expect(() => agent.observe(transitions[0])).toThrow(message('observe'))
  expect(() => agent.restore(state)).toThrow(message('restore'))
  expect(() => agent.loadParameters(agent.parameters())).toThrow(message('loadParameters'))
  expect(everything(agent)).toEqual(state)
})

describe('a state that cannot be taken over leaves the agent as it was', () => {
  /** What is put in which place, or made of what stands there. */
  const damages: [string, place: string, value: unknown, RegExp][] = [
    ['a network of another size', 'learner.actor', new Float32Array(3), /3 numbers for actor/],
    ['a network missing', 'learner.targets', undefined, /no numbers for targets/],
    ['no networks', 'learner', undefined, /no numbers for actor/],
    ['a weight that is not finite', 'learner.critics.5', Number.NaN, /number 5 of critics is NaN/],
    ['no counters', 'counters', undefined, /counter steps is undefined/],
    ['a counter below 0', 'counters.updates', -1, /counter updates is -1/],
    ['no random streams', 'random', undefined, /'environment' is damaged/],
    ['a random stream missing', 'random.updates', undefined, /'updates' is damaged/],
    ['a damaged random stream', 'random.replay.2', 0.5, /'replay' is damaged: .*four whole numbers/],
    ['statistics of another size', 'statistics.mean', [0, 0], /statistics are of 2 numbers, not 3/],
    ['statistics that are not finite', 'statistics.squares.1', Number.NaN, /element 1 are damaged/],
    ['no statistics', 'statistics', undefined, /normalizeObservations false/],
    ['a replay buffer of another size', 'replay.capacity', 41, /capacity 41/],
    ['a lane missing', 'replay.lanes', (lanes: []) => lanes.slice(1), /lanes 1/],
    ['records cut off', 'replay.lanes.1.records.0', new Float32Array(7), /records\[0\] has length 7/],
    ['flags missing', 'replay.lanes.1.flags', [], /flags has length 0, not 1/],
    [
      'observations missing',
      'replay.lanes.1.apartObservations',
      new Float32Array(2),
      /Observations has length 2/,
    ],
    [
      'observations out of order',
      'replay.lanes.1.apartNumbers',
      (all: []) => all.toReversed(),
      /Numbers\[1\]/,
    ],
    ['a number of transitions', 'replay.lanes.1.added', 1.5, /1.5 transitions/],
  ]

  function put(state: object, place: string, value: unknown): void {
    const path = place.split('.')
    const last = path.pop()!
    const parent = path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], state)
    const slots = parent as Record<string, unknown>
    slots[last] = typeof value === 'function' ? value(slots[last]) : value
  }

  test.each(damages)('%s', async (_, place, value, message) => {
    const options = { envs: 2, normalizeObservations: true }
    const [agent, other] = [await experienced(options), await experienced({ ...options, seed: 1 })]
    for (const transition of transitions.slice(10, 20)) other.observe(transition, 1)
    await agent.update()
    await other.update()
    const [before, state] = [everything(agent), everything(other)]
    put(state, place, value)
    expect(() => agent.restore(state)).toThrow(RangeError)
    expect(() => agent.restore(state)).toThrow(message)
    expect(everything(agent)).toEqual(before)
    agent.restore(everything(other))
    expect(everything(agent)).toEqual(everything(other))
  })

  test('of the learner alone', async () => {
    const [{ learner }, other] = [await experienced(), await experienced({ seed: 1 })]
    const before = structuredClone(learner.state())
    const state = structuredClone(other.learner.state())
    state.logAlphaVelocity = new Float32Array(2)
    expect(() => learner.restore(state, { updates: 7, actorUpdates: 7 })).toThrow(
      /2 numbers for logAlphaVelocity/,
    )
    expect(learner.state()).toEqual(before)
    expect(learner.counters).toEqual({ updates: 0, actorUpdates: 0 })
  })
})

describe('parameters that cannot be taken over leave the agent as it was', () => {
  const damages: [string, string, object, RegExp][] = [
    ['too many numbers', 'target.critic2.bias1', { data: new Float32Array(2) }, /has 2 numbers, not the 1/],
    ['too few numbers', 'target.critic2.kernel1', { data: new Float32Array(5) }, /has 5 numbers, not the 8/],
    ['no numbers', 'target.critic2.kernel1', { data: undefined }, /has no numbers/],
    ['no shape', 'target.critic2.bias1', { shape: undefined }, /is \[undefined\]/],
    [
      'a number that is not finite',
      'logAlpha',
      { data: [Number.NaN] },
      /logAlpha is damaged: its number 0 is NaN/,
    ],
    ['one that overflows', 'target.critic2.bias1', { data: [1e39] }, /number 0 is 1e\+39, not finite/],
    ['one that is a text', 'target.critic2.bias1', { data: ['1'] }, /number 0 is '1', not a number/],
    [
      'a variance below 0',
      'normalizer.variance',
      { data: Float32Array.of(1, -1, 1) },
      /normalizer.variance\[1\] is -1/,
    ],
    ['a count below 0', 'normalizer.count', { data: Float32Array.of(-3) }, /normalizer.count is -3/],
  ]
  test.each(damages)('%s', async (_, name, damage, message) => {
    const options = { normalizeObservations: true }
    const [agent, other] = [await experienced(options), await experienced({ ...options, seed: 1 })]
    await other.update()
    const before = everything(agent)
    const parameters = other.parameters()
    Object.assign(parameters[name], damage)
    expect(() => agent.loadParameters(parameters)).toThrow(message)
    expect(everything(agent)).toEqual(before)
  })

  test('a temperature fixed at 0, whose logarithm is not finite, passes', async () => {
    const [agent, other] = [
      await experienced({ temperature: 0 }),
      await experienced({ temperature: 0, seed: 1 }),
    ]
    agent.loadParameters(other.parameters())
    expect(agent.parameters()).toEqual(other.parameters())
    agent.restore(everything(other))
    expect(everything(agent)).toEqual(everything(other))
  })
})

describe('an agent whose policy was loaded', () => {
  const options = { learningStarts: 1000, seed: 4 }

  test('explores by it from the first step on, and still starts to learn when it should', async () => {
    const [teacher, agent] = [
      await experienced({ seed: 1 }),
      await SAC.create(spaces, { ...small, ...options }),
    ]
    const twin = await SAC.create(spaces, { ...small, ...options })
    agent.loadParameters(teacher.parameters())
    twin.loadParameters(teacher.parameters())
    for (const transition of transitions) {
      const action = agent.explore(transition.observation)
      expect(action).toEqual(twin.act(transition.observation))
      expect(agent.observe({ ...transition, action })).toBe(0)
    }
  })

  test('does so also after it was stopped and restored', async () => {
    const [loaded, restored] = [
      await experienced(options),
      await SAC.create(spaces, { ...small, ...options }),
    ]
    loaded.loadParameters(loaded.parameters())
    restored.restore(everything(loaded))
    const { observation } = transitions[0]
    const expected = Array.from({ length: 5 }, () => loaded.explore(observation))
    expect(Array.from({ length: 5 }, () => restored.explore(observation))).toEqual(expected)
    const { policyLoaded: _, ...older } = everything(await experienced(options))
    restored.restore(older)
    expect(restored.explore(observation)).not.toEqual(expected[0])
  })
})
