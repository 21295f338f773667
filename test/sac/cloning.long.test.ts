import { describe, expect, test } from 'vitest'
import { discrete } from '../../src/env/discrete.ts'
import { box } from '../../src/env/spaces.ts'
import type { Transition } from '../../src/replay/transition.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { loadAgent, saveAgent } from '../../src/training/agent-file.ts'

const observationSpace = box({ low: -3, high: 3, shape: [2] })
const spaces = { observationSpace, actionSpace: box({ low: [0], high: [10] }) }
const small: SacOptionsInput = {
  hiddenSizes: [32, 32],
  batchSize: 64,
  actorLearningRate: 3e-3,
  bufferSize: 1000,
}

/** What a demonstrator does: pushes to the right the more the first number says so. */
const shown = ([x]: number[]) => 5 + 4 * Math.sin(x)

const states = Array.from({ length: 300 }, (_, i) => [3 * Math.sin(i), 3 * Math.cos(1.7 * i)])
const demonstrations = (action: (state: number[]) => number): Transition[] =>
  states.map(observation => ({
    observation,
    action: [action(observation)],
    reward: 0,
    nextObservation: [0, 0],
    terminated: true,
  }))

/** Largest distance from what was shown. */
const distance = (agent: SAC) =>
  Math.max(...states.map(state => Math.abs(agent.act(state, { deterministic: true })[0] - shown(state))))

test.each<SacOptionsInput>([
  { algorithm: 'sac' },
  { algorithm: 'sac', normalizeObservations: true },
  { algorithm: 'td3' },
  { algorithm: 'crossq', hiddenSizes: [32, 32] },
])('%j does what was shown', async options => {
  const agent = await SAC.create(spaces, { ...small, ...options })
  await agent.learnFrom(demonstrations(shown))
  const before = structuredClone(agent.learner.state())
  expect(distance(agent)).toBeGreaterThan(3)
  const loss = await agent.cloneDemonstrations(600)
  expect(loss).toBeLessThan(0.01)
  expect(distance(agent)).toBeLessThan(1)
  // Only the actor has moved; a slow copy of it is a copy again.
  const after = agent.learner.state()
  const moved = Object.keys(after).filter(name => after[name].some((value, i) => value !== before[name][i]))
  expect(moved.filter(name => !['actor', 'slowActor', 'actorStatistics'].includes(name))).toEqual([])
  if (after.slowActor) expect(after.slowActor).toEqual(after.actor)
  // It explores by what it has learned.
  expect(agent.state().policyLoaded).toBe(true)
  await agent.update()
})

test('discrete actions are chosen as was shown', async () => {
  const agent = await SAC.create({ observationSpace, actionSpace: discrete(3, { start: 5 }) }, small)
  const choice = ([x]: number[]) => (x < -1 ? 5 : x < 1 ? 6 : 7)
  await agent.learnFrom(demonstrations(choice))
  await agent.cloneDemonstrations(600)
  const right = states.filter(state => agent.act(state, { deterministic: true })[0] === choice(state))
  expect(right.length).toBeGreaterThan(280)
})

test('the same seed clones the same, and it costs the random numbers of updates nothing', async () => {
  const clone = async () => {
    const agent = await SAC.create(spaces, small)
    await agent.learnFrom(demonstrations(shown))
    await agent.cloneDemonstrations(20)
    return agent
  }
  const [a, b] = [await clone(), await clone()]
  expect(a.learner.state()).toEqual(b.learner.state())
  const fresh = await SAC.create(spaces, small)
  expect(a.state().random.updates).toEqual(fresh.state().random.updates)
})

test('what cannot be cloned, and a signal, change nothing', async () => {
  const agent = await SAC.create(spaces, small)
  await expect(agent.cloneDemonstrations(5)).rejects.toThrow('There are no demonstrations to learn from')
  await agent.learnFrom(demonstrations(shown))
  await expect(agent.cloneDemonstrations(0)).rejects.toThrow(
    'updates is 0; it must be a whole number of at least 1',
  )
  const before = structuredClone(agent.learner.state())
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(agent.cloneDemonstrations(5, { signal })).rejects.toThrow('enough')
  expect(agent.learner.state()).toEqual(before)
  expect(agent.state().policyLoaded).toBe(undefined)
  await agent.dispose()
  await expect(agent.cloneDemonstrations(5)).rejects.toThrow('after dispose')
})

describe('updates on demonstrations alone', () => {
  test.each<SacOptionsInput>([
    { algorithm: 'sac' },
    { algorithm: 'sac', stateDependentNoise: true },
    { algorithm: 'td3' },
    { algorithm: 'tqc', criticHiddenSizes: 'same', critics: 2, atoms: 5, droppedAtoms: 1 },
    { algorithm: 'crossq', criticHiddenSizes: 'same', policyDelay: 1 },
  ])('%j: with a weight of imitation the actor does what was shown', async options => {
    const distanceWith = async (cloningWeight: number) => {
      const agent = await SAC.create(spaces, { ...small, ...options, rewardScale: 5, cloningWeight })
      // Rewards that say to do something else: the farther to the left, the better.
      const shownBadly = demonstrations(shown).map(each => ({ ...each, reward: -each.action[0] }))
      await agent.learnFrom(shownBadly)
      const { criticLoss } = await agent.learnFromDemonstrations(400)
      expect(criticLoss).toBeGreaterThan(0)
      expect(agent).toMatchObject({ updates: 400, steps: 0, randomUntil: 0 })
      return distance(agent)
    }
    expect(await distanceWith(100)).toBeLessThan(2)
    expect(await distanceWith(0)).toBeGreaterThan(3)
  })

  test('discrete actions too', async () => {
    const options = { ...small, cloningWeight: 100 }
    const agent = await SAC.create({ observationSpace, actionSpace: discrete(3, { start: 5 }) }, options)
    const choice = ([x]: number[]) => (x < -1 ? 5 : x < 1 ? 6 : 7)
    await agent.learnFrom(demonstrations(choice).map(each => ({ ...each, reward: -each.action[0] })))
    await agent.learnFromDemonstrations(600)
    const right = states.filter(state => agent.act(state, { deterministic: true })[0] === choice(state))
    expect(right.length).toBeGreaterThan(280)
  })

  test('are those that update() makes, and an agent that is saved resumes with them', async () => {
    const make = async () => {
      const agent = await SAC.create(spaces, { ...small, cloningWeight: 3, learningStarts: 0 })
      await agent.learnFrom(demonstrations(shown))
      return agent
    }
    const [a, b] = [await make(), await make()]
    await a.learnFromDemonstrations(5)
    for (let i = 0; i < 5; i++) await b.update()
    expect(a.learner.state()).toEqual(b.learner.state())
    const c = await loadAgent(saveAgent(a))
    for (const agent of [a, c]) {
      expect(agent.observe(demonstrations(shown)[0])).toBe(1)
      await agent.update()
    }
    expect(c.learner.state()).toEqual(a.learner.state())
    expect(c.state()).toEqual(a.state())
  })

  test('are refused without any, and after experience of its own; a signal stops them', async () => {
    const agent = await SAC.create(spaces, small)
    const none = 'There are no demonstrations to learn from'
    await expect(agent.learnFromDemonstrations(5)).rejects.toThrow(none)
    await agent.learnFrom(demonstrations(shown))
    await expect(agent.learnFromDemonstrations(1.5)).rejects.toThrow('updates is 1.5; it must be')
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(agent.learnFromDemonstrations(5, { signal })).rejects.toThrow('enough')
    expect(agent).toMatchObject({ updates: 0, randomUntil: agent.options.learningStarts })
    agent.observe(demonstrations(shown)[0])
    await expect(agent.learnFromDemonstrations(5)).rejects.toThrow('experience of its own already')
    await agent.dispose()
    await expect(agent.learnFromDemonstrations(5)).rejects.toThrow('after dispose')
  })
})
