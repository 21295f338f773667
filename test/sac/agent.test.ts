import { describe, expect, test } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { OptionError } from '../../src/options.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { startOfTemperature } from '../../src/sac/temperature.ts'

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
  actionSpace: box({ low: [-2, 0], high: [2, 10] }),
}
const small: SacOptionsInput = { hiddenSizes: [8], batchSize: 4, learningStarts: 2, bufferSize: 100 }
const observation = [0.1, -0.2, 0.3]
const transition = {
  observation,
  action: [1, 5],
  reward: 1,
  nextObservation: [0.2, 0, 0],
  terminated: false,
  truncated: false,
}

describe('acting', () => {
  test('actions are in the environment units, deterministic ones always the same', async () => {
    const agent = await SAC.create(spaces, small)
    for (let i = 0; i < 100; i++) {
      const [a, b] = agent.act(observation)
      expect(Math.abs(a)).toBeLessThanOrEqual(2)
      expect(b).toBeGreaterThanOrEqual(0)
      expect(b).toBeLessThanOrEqual(10)
    }
    const action = agent.act(observation, { deterministic: true })
    expect(agent.act(observation, { deterministic: true })).toEqual(action)
    expect(agent.act(observation)).not.toEqual(action)
  })

  test('exploration is uniform over the bounds until learning starts', async () => {
    const agent = await SAC.create(spaces, small)
    const actions = Array.from({ length: 2000 }, () => agent.explore(observation))
    const mean = (i: number) => actions.reduce((total, action) => total + action[i], 0) / actions.length
    expect(mean(0)).toBeCloseTo(0, 0)
    expect(mean(1)).toBeGreaterThan(4.7)
    expect(mean(1)).toBeLessThan(5.3)
    expect(Math.max(...actions.map(([, b]) => b))).toBeGreaterThan(9.9)
  })

  describe('random actions', () => {
    const drawn = (count: number) => {
      const random = createRandom(9, 'exploration')
      return Array.from({ length: count }, () => {
        const [a, b] = random.fillUniform(new Float32Array(2), -1, 1)
        return [2 * a, 5 + 5 * b]
      })
    }

    /** What an agent that learns from `learningStarts` on does in its first rounds, environment by environment. */
    async function explored(options: SacOptionsInput, rounds: number): Promise<number[][][]> {
      const agent = await SAC.create(spaces, { ...small, seed: 9, learningStarts: 1000, ...options })
      const lanes: number[][][] = Array.from({ length: agent.options.envs }, () => [])
      for (let round = 0; round < rounds; round++) {
        const actions = lanes.map((_, i) => agent.explore(observation, i))
        for (const [i, action] of actions.entries()) {
          lanes[i].push([...action])
          agent.observe({ ...transition, action }, i)
        }
      }
      return lanes
    }

    const near = (actions: number[][]) => actions.map(action => action.map(x => expect.closeTo(x, 5)))

    test('are new ones at every step by default', async () => {
      expect(await explored({}, 6)).toEqual([near(drawn(6))])
    })

    test('are held for randomActionRepeat steps, in each environment its own', async () => {
      const [a, b, c, d, e, f] = drawn(6)
      expect(await explored({ randomActionRepeat: 3 }, 8)).toEqual([near([a, a, a, b, b, b, c, c])])
      expect(await explored({ randomActionRepeat: 2, envs: 2 }, 5)).toEqual([
        near([a, a, c, c, e]),
        near([b, b, d, d, f]),
      ])
    })

    test('end with learningStarts, held or not', async () => {
      const [actions] = await explored({ randomActionRepeat: 4, learningStarts: 6 }, 8)
      expect(new Set(actions.map(([first]) => first)).size).toBe(4)
      expect(actions[5]).toEqual(actions[4])
    })
  })

  test.each([
    [[0, Number.NaN, 0], /observation\[1\] is NaN/],
    [[0, 0, Infinity], /observation\[2\] is Infinity/],
    [[0, 0], /observation has 2 elements, not 3/],
  ])('an observation %s is refused', async (bad, message) => {
    const agent = await SAC.create(spaces, small)
    expect(() => agent.act(bad)).toThrow(message)
  })
})

describe('observing', () => {
  test('steps count, and updates fall due after learningStarts', async () => {
    const agent = await SAC.create(spaces, { ...small, updatesPerStep: 0.5 })
    const due = Array.from({ length: 8 }, () => agent.observe(transition))
    expect(due).toEqual([0, 0, 0, 1, 0, 1, 0, 1])
    expect(agent.steps).toBe(8)
  })

  test('several updates a step', async () => {
    const agent = await SAC.create(spaces, { ...small, updatesPerStep: 2.5 })
    expect(Array.from({ length: 6 }, () => agent.observe(transition))).toEqual([0, 0, 2, 3, 2, 3])
  })

  test.each([
    [{ reward: Number.NaN }, /reward is NaN/],
    [{ action: [0, Number.NaN] }, /action\[1\] is NaN/],
    [{ action: [0] }, /action has 1 elements, not 2/],
    [{ nextObservation: [0, 0, Infinity] }, /nextObservation/],
  ])('%s is refused, and nothing is stored', async (fault, message) => {
    const agent = await SAC.create(spaces, small)
    expect(() => agent.observe({ ...transition, ...fault })).toThrow(message)
    expect(agent.replay.size).toBe(0)
    expect(agent.steps).toBe(0)
  })
})

describe('parameters', () => {
  test('pass from one agent to another', async () => {
    const [one, other] = await Promise.all([1, 2].map(seed => SAC.create(spaces, { ...small, seed })))
    for (let i = 0; i < 5; i++) one.observe(transition)
    await one.update()
    other.loadParameters(one.parameters())
    expect(other.parameters()).toEqual(one.parameters())
    const act = (agent: SAC) => agent.act(observation, { deterministic: true })
    expect(act(other)).toEqual(act(one))
    expect(Object.keys(one.parameters())).toContain('target.critic2.kernel1')
  })

  test('that do not fit are refused, and nothing changes', async () => {
    const [agent, wider] = await Promise.all([
      SAC.create(spaces, small),
      SAC.create(spaces, { ...small, hiddenSizes: [9] }),
    ])
    const before = agent.parameters()
    expect(() => agent.loadParameters(wider.parameters())).toThrow(
      /actor.kernel0 is \[3,9\]; this agent's is \[3,8\]/,
    )
    const { logAlpha: _, ...rest } = before
    expect(() => agent.loadParameters(rest)).toThrow(/logAlpha .*missing/)
    const surplus = { ...before, 'actor.kernel9': { shape: [1], data: new Float32Array(1) } }
    expect(() => agent.loadParameters(surplus)).toThrow(/actor.kernel9 does not belong/)
    expect(agent.parameters()).toEqual(before)
  })
})

describe('bad options get one sentence each', () => {
  test.each<[SacOptionsInput, RegExp]>([
    [{ gamma: 1.5 }, /^Option gamma is 1.5; it must be a number from 0 to 1\.$/],
    [{ batchSize: 2.5 }, /batchSize is 2.5.*whole number/],
    [{ batchSize: '64' as never }, /batchSize is "64"/],
    [{ hiddenSizes: [] }, /hiddenSizes is \[\]; it must be a list/],
    [{ hiddenSizes: [64, 0] }, /hiddenSizes is \[64,0\]/],
    [{ temperature: 'automatic' }, /temperature is "automatic"; it must be .*'auto_0.1'/],
    [{ temperature: -1 }, /temperature is -1/],
    ...[
      'auto_0',
      'auto_0.0',
      'auto_.',
      'auto_',
      'auto_-1',
      'auto_1e-400',
      'auto_1e-60',
      'auto_1e39',
      'auto_1e999',
    ].map((temperature): [SacOptionsInput, RegExp] => [
      { temperature },
      /temperature is ".*'auto_' and a starting value above 0/,
    ]),
    [{ temperature: 1e39 }, /temperature is 1e\+39/],
    [{ criticLearningRate: 1e39 }, /criticLearningRate is 1e\+39/],
    [{ rewardScale: Infinity }, /rewardScale is Infinity/],
    [{ targetEntropy: -1e39 }, /targetEntropy is -1e\+39/],
    [{ actorLearningRate: Number.NaN }, /actorLearningRate is NaN/],
    [{ maxGradientNorm: 0 }, /maxGradientNorm is 0/],
    [{ seed: -1 }, /seed is -1/],
    [{ btachSize: 64 } as never, /no option btachSize; did you mean batchSize\?/],
    [{ activation: 'gelu' as never }, /activation is "gelu"; it must be 'relu' or 'tanh'/],
  ])('%o', async (options, message) => {
    await expect(SAC.create(spaces, options)).rejects.toThrow(OptionError)
    await expect(SAC.create(spaces, options)).rejects.toThrow(message)
  })

  test('a long temperature is refused without a long search', () => {
    const started = performance.now()
    expect(() => parseSacOptions({ temperature: `auto_${'1'.repeat(1e6)}x` })).toThrow(OptionError)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('every way of writing a start of the temperature', () => {
    for (const text of ['auto_0.1', 'auto_.5', 'auto_2', 'auto_1e-3', 'auto_1.5e+2', 'auto_1e-30']) {
      const { initial, tuned } = startOfTemperature(parseSacOptions({ temperature: text }).temperature!)
      expect([initial, tuned]).toEqual([Number(text.slice(5)), true])
    }
  })

  test('unbounded actions', async () => {
    const actionSpace = box({ low: -Infinity, high: 1, shape: [1] })
    await expect(SAC.create({ ...spaces, actionSpace })).rejects.toThrow(
      /Action 0 ranges from -Infinity to 1.*finite/,
    )
  })
})

test('a fixed temperature of zero is plain reward maximisation, and learns', async () => {
  const agent = await SAC.create(spaces, { ...small, temperature: 0 })
  for (let i = 0; i < 5; i++) agent.observe(transition)
  const { temperature, criticLoss } = await agent.update()
  expect(temperature).toBe(0)
  expect(Number.isFinite(criticLoss)).toBe(true)
})
