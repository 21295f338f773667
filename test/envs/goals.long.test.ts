import { describe, expect, test } from 'vitest'
import { checkEnv } from '../../src/env/check-env.ts'
import type { Env, StepResult } from '../../src/env/env.ts'
import { goalsIn } from '../../src/env/goals.ts'
import { createPlanarPush, type PlanarPushState } from '../../src/envs/goals/planar-push.ts'
import { createPlanarReach, type PlanarReachState } from '../../src/envs/goals/planar-reach.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { presetFor } from '../../src/training/presets.ts'
import { train } from '../../src/training/train.ts'

const random = () => createRandom(0, 'environment').state()

describe.each(['PlanarReach-v0', 'PlanarPush-v0'])('%s', id => {
  test('has nothing wrong with it, and ends after 50 steps alone', async () => {
    const env = await makeEnv(id)
    expect(await checkEnv(env)).toEqual([])
    await env.reset({ seed: 1 })
    const ends: boolean[] = []
    for (let step = 0; step < 50; step++) {
      const { truncated, terminated } = (await env.step(Float32Array.of(0, 0))) as StepResult
      expect(terminated).toBe(false)
      ends.push(truncated)
    }
    expect(ends).toEqual([...Array(49).fill(false), true])
  })

  test('repeats with the seed, and resumes from its state exactly, through JSON', async () => {
    const [env, other] = [await makeEnv(id), await makeEnv(id)]
    expect(await env.reset({ seed: 3 })).toEqual(await other.reset({ seed: 3 }))
    const action = Float32Array.of(0.4, -0.9)
    for (let step = 0; step < 10; step++) await env.step(action)
    await other.setState!(JSON.parse(JSON.stringify(await env.getState!())))
    for (let step = 0; step < 60; step++) expect(await other.step(action)).toEqual(await env.step(action))
    expect(await other.reset()).toEqual(await env.reset())
  })

  test('refuses what is no action, no state and no tolerance', async () => {
    await expect(makeEnv(id, { tolerance: 0 })).rejects.toThrow('tolerance is 0: it must be a number above 0')
    await expect(makeEnv(id, { tolerance: '1' })).rejects.toThrow("the tolerance is '1', not a number")
    const env = await makeEnv(id)
    expect(() => env.step(Float32Array.of(0, 0))).toThrow(`${id}: call reset() before the first step()`)
    await env.reset()
    expect(() => env.step(Float32Array.of(0))).toThrow(`the action of ${id} has 1 elements, not 2`)
    expect(() => env.setState!({ steps: 0, env: { goal: [0, 0] } })).toThrow(`the state of ${id} is {`)
  })
})

describe('the arm', () => {
  const at = (angles: number[], goal: number[]): Env => {
    const env = createPlanarReach()
    env.setState!({ angles, velocities: [0, 0], goal, random: random() } satisfies PlanarReachState)
    return env
  }
  const rest = Float32Array.of(0, 0)

  test('reaches as far as its links go', () => {
    const { observation } = at([0, Math.PI / 2], [0, 0]).step(rest) as StepResult
    const { achieved } = goalsIn(observation, 2)
    expect(achieved[0]).toBeCloseTo(0.5, 6)
    expect(achieved[1]).toBeCloseTo(0.5, 6)
  })

  test.each([
    [0.049, 0],
    [0.051, -1],
  ])('%f m away from the goal, the reward is %d', (away, reward) => {
    const result = at([0, 0], [1 - away, 0]).step(rest)
    expect(result).toMatchObject({ reward, info: { is_success: reward === 0 } })
  })

  test('turns as it is driven, up to 6 rad/s', () => {
    const env = at([0, 0], [0, 0])
    let result = env.step(Float32Array.of(5, -1)) as StepResult
    // 30 rad/s^2 for 0.05 s.
    expect([result.observation[4], result.observation[5]]).toEqual([1.5, -1.5])
    for (let step = 0; step < 100; step++) result = env.step(Float32Array.of(1, -1)) as StepResult
    expect(result.observation[4]).toBeCloseTo(6, 4)
  })
})

describe('the puck', () => {
  const at = (finger: number[], puck: number[], goal = [0.9, 0.9]): Env => {
    const env = createPlanarPush()
    env.setState!({ finger, puck, goal, random: random() } satisfies PlanarPushState)
    return env
  }
  const observed = (result: unknown) =>
    Array.from((result as StepResult).observation, value => Number(value.toFixed(5)))

  test('stays where it is not touched', () => {
    expect(observed(at([0, 0], [0.5, 0]).step(Float32Array.of(1, 0)))).toEqual([
      0.1, 0, 0.4, 0, 0.5, 0, 0.9, 0.9,
    ])
  })

  test('gives way to the finger, along the line of their middles', () => {
    expect(observed(at([0, 0], [0.3, 0]).step(Float32Array.of(1, 0))).slice(0, 6)).toEqual([
      0.1, 0, 0.25, 0, 0.35, 0,
    ])
    const [, , x, y] = observed(at([0, 0], [0.2, 0.2]).step(Float32Array.of(1, 0)))
    // Touching: 0.1 m and 0.15 m of radius.
    expect(Math.hypot(x, y)).toBeCloseTo(0.25, 5)
    expect(y / x).toBeCloseTo(2, 3)
  })

  test('stops the finger at the edge', () => {
    const result = at([0.7, 0], [1, 0]).step(Float32Array.of(1, 0))
    expect(observed(result).slice(0, 6)).toEqual([0.75, 0, 0.25, 0, 1, 0])
  })

  test('is pushed to its goal by a hand that knows how', async () => {
    const env = at([-0.5, 0], [0, 0], [0.6, 0])
    let result = env.step(Float32Array.of(1, 0)) as StepResult
    for (let step = 0; step < 8; step++) result = env.step(Float32Array.of(1, 0)) as StepResult
    expect(result).toMatchObject({ reward: 0, info: { is_success: true } })
  })
})

test('hindsight learns to reach, and plain Soft Actor-Critic does not', async () => {
  const [learned, plain] = await Promise.all(
    (['future', 'none'] as const).map(async hindsight => {
      // Larger goals than those of the preset, which takes 30,000 steps.
      const env = await makeEnv('PlanarReach-v0', { tolerance: 0.1 })
      const { options } = presetFor('PlanarReach-v0')
      const agent = await SAC.create(env, {
        ...options,
        seed: 1,
        engine: 'wasm',
        hindsight,
        learningStarts: 500,
      })
      for await (const _ of train(agent, env, { steps: 5000 }));
      const { successRate } = await evaluate(agent, env, { episodes: 50, seed: 9 })
      return successRate!
    }),
  )
  expect(learned).toBeGreaterThan(0.8)
  expect(plain).toBeLessThan(0.3)
}, 60_000)
