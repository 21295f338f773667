import * as planck from 'planck'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkEnv } from '../../../src/env/check-env.ts'
import type { Env } from '../../../src/env/env.ts'
import { createBipedalWalker } from '../../../src/envs/box2d/bipedal-walker.ts'
import { createLunarLander } from '../../../src/envs/box2d/lunar-lander.ts'
import { createPhysics, rectangle } from '../../../src/envs/box2d/world.ts'
import { makeEnv } from '../../../src/envs/registry.ts'
import { createRandom } from '../../../src/random.ts'

describe('world', () => {
  test('mass, centre and inertia', () => {
    const physics = createPhysics(planck)
    // A rectangle of 4 x 2 with a right triangle of 4 x 4 on it.
    const outline = [
      { x: 0, y: 0 },
      { x: 4, y: 0 },
      { x: 4, y: 2 },
      { x: 0, y: 6 },
    ]
    for (const corners of [outline, outline.toReversed()]) {
      const body = physics.addPart({ outline: corners, density: 2, position: { x: 7, y: 8 } })
      expect(body.getMass()).toBeCloseTo(2 * (8 + 8), 12)
      expect(body.getLocalCenter().x).toBeCloseTo((2 + 4 / 3) / 2, 12)
      expect(body.getLocalCenter().y).toBeCloseTo((1 + 10 / 3) / 2, 12)
      // About the origin, by the parallel axis theorem.
      const rectangle = 8 * ((16 + 4) / 12 + 4 + 1)
      const triangle = 8 * ((16 + 16) / 18 + (4 / 3) ** 2 + (10 / 3) ** 2)
      expect(body.getInertia()).toBeCloseTo(2 * (rectangle + triangle), 9)
    }
  })

  test('contacts begin and end', () => {
    const { addPart, advance, world, isTouching, hasTouched } = createPhysics(planck)
    world.createBody().createFixture({ shape: new planck.Edge({ x: -50, y: 0 }, { x: 50, y: 0 }) })
    const body = addPart({ outline: rectangle(1, 1), density: 1, position: { x: 0, y: 1.1 } })
    advance()
    expect([isTouching(body), hasTouched(body)]).toEqual([false, false])
    for (let i = 0; i < 20; i++) advance()
    expect([isTouching(body), hasTouched(body)]).toEqual([true, true])
    body.applyLinearImpulse({ x: 0, y: 20 }, body.getWorldCenter(), true)
    for (let i = 0; i < 5; i++) advance()
    expect([isTouching(body), hasTouched(body)]).toEqual([false, true])
  })

  test('free fall, and clearance to the ground alone', () => {
    const { addPart, advance, clearance, world } = createPhysics(planck, -10)
    world.createBody().createFixture({ shape: new planck.Edge({ x: -50, y: -40 }, { x: 50, y: -40 }) })
    const body = addPart({ outline: rectangle(1, 1), density: 1, position: { x: 0, y: 0 } })
    addPart({ outline: rectangle(1, 1), density: 1, position: { x: 0, y: -20 } })
    for (let i = 0; i < 50; i++) advance()
    // Velocities first, then positions: 10 (1 + ... + 50) / 50^2.
    expect(body.getLinearVelocity().y).toBeCloseTo(-10, 10)
    expect(body.getPosition().y).toBeCloseTo(-5.1, 10)
    expect(clearance({ x: 0, y: 0 }, { x: 0, y: -80 })).toBeCloseTo(0.5, 6)
    expect(clearance({ x: 0, y: 0 }, { x: 30, y: -30 })).toBe(1)
  })
})

describe.each([
  ['LunarLanderContinuous-v3', 1000],
  ['BipedalWalker-v3', 1600],
  ['BipedalWalkerHardcore-v3', 2000],
])('%s', (id, limit) => {
  /** What 60 steps of random actions show, resets included. */
  async function rollout(env: Env, seed: number, options?: { seed: number }): Promise<number[]> {
    const random = createRandom(seed, 'actions')
    const seen: number[] = options ? Array.from((await env.reset(options)).observation) : []
    for (let t = 0; t < 60; t++) {
      const action = random.fillUniform(new Float32Array(env.actionSpace.size), -1, 1)
      const { observation, reward, terminated, truncated } = await env.step(action)
      seen.push(...Array.from(observation), reward, Number(terminated), Number(truncated))
      if (terminated) seen.push(...Array.from((await env.reset()).observation))
    }
    return seen
  }

  test('repeats with the seed, in another environment too', async () => {
    const once = await rollout(await makeEnv(id), 1, { seed: 7 })
    const env = await makeEnv(id)
    expect(await rollout(env, 1, { seed: 8 })).not.toEqual(once)
    expect(await rollout(env, 1, { seed: 7 })).toEqual(once)
  })

  test('state continues exactly, through JSON', async () => {
    const [env, other] = [await makeEnv(id), await makeEnv(id)]
    await rollout(env, 1, { seed: 3 })
    const state = JSON.parse(JSON.stringify(await env.getState!()))
    const ahead = await rollout(env, 2)
    await other.setState!(state)
    expect(await rollout(other, 2)).toEqual(ahead)
    // It may be taken and put back any number of times.
    await env.setState!(state)
    expect(await env.getState!()).toEqual(state)
    expect(await rollout(env, 2)).toEqual(ahead)
  })

  test('has its limit', async () => {
    const env = await makeEnv(id)
    await env.reset({ seed: 0 })
    const state = (await env.getState!()) as { steps: number }
    await env.setState!({ ...state, steps: limit - 2 })
    const action = new Float32Array(env.actionSpace.size)
    expect((await env.step(action)).truncated).toBe(false)
    expect((await env.step(action)).truncated).toBe(true)
  })

  test('nothing is found wrong', async () => {
    const findings = await checkEnv(await makeEnv(id), { steps: 600 })
    expect(findings.filter(({ problem }) => !problem.includes('no episode ended'))).toEqual([])
  })

  test('bad calls are refused', async () => {
    const env = await makeEnv(id)
    const { size } = env.actionSpace
    expect(() => env.step(new Float32Array(size))).toThrow(/call reset\(\)/)
    expect(() => env.getState!()).toThrow(/call reset\(\)/)
    await env.reset()
    expect(() => env.step(new Float32Array(size + 1))).toThrow(`an action is ${size} numbers`)
    expect(() => env.step(new Float32Array(size).fill(NaN))).toThrow(/NaN/)
    expect(() => env.setState!({ steps: 1, env: { actions: [0] } })).toThrow(/\{ random, actions \}/)
    expect(() => env.setState!({ steps: 1, env: { actions: [] } })).toThrow(/random state/)
  })
})

describe('without planck', () => {
  afterEach(() => void vi.doUnmock('planck'))

  test('the error says what to install', async () => {
    vi.doMock('planck', () => {
      throw new Error('not there')
    })
    await expect(createBipedalWalker()).rejects.toThrow(/BipedalWalker-v3 needs .*npm install planck/)
    await expect(createLunarLander()).rejects.toThrow(/npm install planck/)
  })
})
