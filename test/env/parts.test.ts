import { describe, expect, test } from 'vitest'
import type { Env } from '../../src/env/env.ts'
import { dict } from '../../src/env/parts.ts'
import { box } from '../../src/env/spaces.ts'
import { SAC } from '../../src/sac/agent.ts'
import { train } from '../../src/training/train.ts'

const parts = dict({
  speed: box({ low: 0, high: 5 }),
  Position: box({ low: [-1, -2], high: [1, 2] }),
  desired_goal: box({ low: -1, high: 1 }),
  achieved_goal: box({ low: -3, high: 3 }),
  '10': box({ low: 0, high: 1, shape: [2, 1] }),
})

describe('observations in parts', () => {
  test('follow each other by name as Gymnasium sorts, goals last', () => {
    expect(parts.names).toEqual(['10', 'Position', 'speed', 'achieved_goal', 'desired_goal'])
    expect([...parts.space.low]).toEqual([0, 0, -1, -2, 0, -3, -1])
    expect([...parts.space.high]).toEqual([1, 1, 1, 2, 5, 3, 1])
    const one = dict({ z: box({ low: 0, high: 1 }), achieved_goal: box({ low: 0, high: 1 }) })
    expect(one.names).toEqual(['achieved_goal', 'z'])
    // By code points, not UTF-16 units.
    const rare = dict({ '\u{1F600}': box({ low: 0, high: 1 }), '\uFF5E': box({ low: 0, high: 1 }) })
    expect(rare.names).toEqual(['\uFF5E', '\u{1F600}'])
  })

  test('become one vector, and parts again', () => {
    const observation = {
      speed: [4],
      Position: Float32Array.of(0.5, -1),
      desired_goal: [0.1],
      achieved_goal: [2],
      '10': [0, 1],
    }
    const flat = parts.flatten(observation)
    expect([...flat]).toEqual([0, 1, 0.5, -1, 4, 2, 0.1])
    expect([...parts.split(flat).Position]).toEqual([0.5, -1])
    expect(parts.flatten(parts.split(flat))).toEqual(flat)
  })

  test('an agent learns from them', async () => {
    const seen = dict({ place: box({ low: -1, high: 1 }), clock: box({ low: 0, high: 1 }) })
    let steps = 0
    const env: Env = {
      observationSpace: seen.space,
      actionSpace: box({ low: -1, high: 1 }),
      reset() {
        steps = 0
        return { observation: seen.flatten({ place: [0], clock: [0] }) }
      },
      step([push]) {
        const observation = seen.flatten({ place: [push], clock: [++steps / 20] })
        return { observation, reward: push, terminated: false, truncated: steps === 20 }
      },
    }
    const agent = await SAC.create(env, { hiddenSizes: [8], batchSize: 8, learningStarts: 20 })
    for await (const _ of train(agent, env, { steps: 40 }));
    expect(agent.updates).toBe(20)
    await agent.dispose()
  })
})

describe('refused with a sentence', () => {
  const good = { speed: [4], Position: [0, 0], desired_goal: [0], achieved_goal: [0], '10': [0, 0] }
  test.each<[unknown, string]>([
    [[1, 2], 'it must be an object with 10, Position, speed'],
    [null, 'the observation is null'],
    [{ ...good, speed: undefined }, 'speed'],
    [{ ...good, speed: [1, 2] }, 'speed has 2 elements'],
    [{ ...good, Position: [0, Number.NaN] }, 'Position[1] is NaN'],
    [{ ...good, colour: [1] }, 'the observation has a part colour: the space has 10, Position'],
  ])('%o', (observation, message) => {
    expect(() => parts.flatten(observation as never)).toThrow(message)
  })

  test('spaces that are none', () => {
    expect(() => dict({})).toThrow('dict() has no parts')
    expect(() => dict({ a: 3 as never })).toThrow('part a is 3: it must be a space made with box()')
    expect(() => parts.split([1])).toThrow('observation has 1 element')
  })
})
