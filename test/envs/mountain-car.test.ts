import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkEnv } from '../../src/env/check-env.ts'
import type { ResetResult, StepResult } from '../../src/env/env.ts'
import { createMountainCar, type MountainCarState } from '../../src/envs/mountain-car.ts'
import { makeEnv } from '../../src/envs/registry.ts'

const random: [number, number, number, number] = [1, 2, 3, 4]

function stepFrom(position: number, velocity: number, force: number, env = createMountainCar()) {
  env.setState!({ position, velocity, random })
  const result = env.step(Float32Array.of(force)) as StepResult
  return { ...result, state: env.getState!() as MountainCarState }
}

describe('dynamics', () => {
  test('one step by hand', () => {
    // At the bottom, 3 position = -pi/2, gravity does not pull along the track.
    const { observation, reward, terminated, truncated } = stepFrom(-Math.PI / 6, 0.01, 0.5)
    expect(observation[1]).toBeCloseTo(0.01 + 0.5 * 0.0015, 8)
    expect(observation[0]).toBeCloseTo(-Math.PI / 6 + 0.01075, 7)
    expect(reward).toBeCloseTo(-0.025, 12)
    expect([terminated, truncated]).toEqual([false, false])
    // At the top of the track, 3 position = 0, it pulls to the left.
    expect(stepFrom(0, 0, 0).observation[1]).toBeCloseTo(-0.0025, 8)
  })

  test('any step, against the equations written with Math', () => {
    const numbers = (min: number, max: number) =>
      fc.float({ min: Math.fround(min), max: Math.fround(max), noNaN: true })
    fc.assert(
      fc.property(numbers(-1.2, 0.6), numbers(-0.07, 0.07), numbers(-2, 2), (position, velocity, force) => {
        const pull = Math.min(Math.max(force, -1), 1) * 0.0015 - 0.0025 * Math.cos(3 * position)
        let v = Math.min(Math.max(velocity + pull, -0.07), 0.07)
        const x = Math.min(Math.max(position + v, -1.2), 0.6)
        if (x === -1.2 && v < 0) v = 0
        const { observation, reward, terminated } = stepFrom(position, velocity, force)
        expect(Math.abs(observation[0] - x)).toBeLessThan(1.2e-7)
        expect(Math.abs(observation[1] - v)).toBeLessThan(8e-9)
        expect(terminated).toBe(x >= 0.45 && v >= 0)
        expect(reward).toBeCloseTo((terminated ? 100 : 0) - 0.1 * force ** 2, 9)
      }),
    )
  })

  test('the force is clipped, its cost is not', () => {
    expect(stepFrom(0, 0, 3).observation).toEqual(stepFrom(0, 0, 1).observation)
    expect(stepFrom(0, 0, -3).reward).toBeCloseTo(-0.9, 12)
  })

  test('the wall on the left stops the car', () => {
    expect(Array.from(stepFrom(-1.19, -0.05, 0).observation)).toEqual([Math.fround(-1.2), 0])
  })

  test('the state is what is observed, in float32', () => {
    const { observation, state } = stepFrom(-0.5, 0.0123, 0.3)
    expect([state.position, state.velocity]).toEqual(Array.from(observation))
  })
})

describe('episodes', () => {
  test('begin at rest in the valley', () => {
    const positions = Array.from({ length: 300 }, (_, seed) => {
      const [position, velocity] = Array.from(
        (createMountainCar().reset({ seed }) as ResetResult).observation,
      )
      expect(velocity).toBe(0)
      return position
    })
    expect(Math.min(...positions)).toBeGreaterThanOrEqual(Math.fround(-0.6))
    expect(Math.max(...positions)).toBeLessThanOrEqual(Math.fround(-0.4))
    expect(Math.min(...positions)).toBeLessThan(-0.59)
    expect(Math.max(...positions)).toBeGreaterThan(-0.41)
  })

  test('end at the goal, rocking there with the velocity; a least velocity may be asked for', () => {
    const rock = (goalVelocity?: number) => {
      const env = createMountainCar({ goalVelocity })
      let observation = (env.reset({ seed: 1 }) as ResetResult).observation
      let sum = 0
      for (let t = 1; t <= 999; t++) {
        const result = env.step(Float32Array.of(observation[1] >= 0 ? 1 : -1)) as StepResult
        ;({ observation } = result)
        sum += result.reward
        if (result.terminated) return { t, sum, position: observation[0], velocity: observation[1] }
      }
      return undefined
    }
    const end = rock()!
    expect(end.position).toBeGreaterThanOrEqual(0.45)
    expect(end.t).toBeLessThan(150)
    expect(end.sum).toBeCloseTo(100 - 0.1 * end.t, 9)
    expect(rock(end.velocity + 0.001)).not.toEqual(end)
    expect(rock(0.071)).toBeUndefined()
  })

  test('end after 999 steps, truncated', async () => {
    const env = await makeEnv('MountainCarContinuous-v0')
    await env.reset({ seed: 0 })
    for (let i = 1; i <= 999; i++) {
      const { terminated, truncated } = await env.step(Float32Array.of(0))
      expect([terminated, truncated]).toEqual([false, i === 999])
    }
  })

  test('nothing is found wrong', async () => {
    expect(await checkEnv(await makeEnv('MountainCarContinuous-v0'))).toEqual([])
  })

  test('state continues exactly, through JSON', () => {
    const [env, other] = [createMountainCar(), createMountainCar()]
    env.reset({ seed: 5 })
    env.step(Float32Array.of(0.3))
    other.setState!(JSON.parse(JSON.stringify(env.getState!())))
    for (let i = 0; i < 10; i++) {
      expect(other.step(Float32Array.of(0.1 * i))).toEqual(env.step(Float32Array.of(0.1 * i)))
    }
    expect(other.reset()).toEqual(env.reset())
  })

  test('bad calls are refused', () => {
    const env = createMountainCar()
    expect(() => env.step(Float32Array.of(0))).toThrow(/call reset\(\)/)
    env.reset()
    expect(() => env.step(Float32Array.of(0, 1))).toThrow(/one number.*\[0,1\]/)
    expect(() => env.step(Float32Array.of(NaN))).toThrow(/NaN/)
    expect(() => env.setState!({})).toThrow(/\{ position, velocity, random \}/)
  })
})
