import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Env, ResetResult, StepResult } from '../../src/env/env.ts'
import { contains } from '../../src/env/spaces.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { environments } from '../../src/envs/environments.ts'
import { createPendulum } from '../../src/envs/pendulum.ts'
import { environmentIds, makeEnv, registerEnv, UnknownEnvironmentError } from '../../src/envs/registry.ts'

const random: [number, number, number, number] = [1, 2, 3, 4]

function stepFrom(angle: number, velocity: number, torque: number, env = createPendulum()) {
  env.setState!({ angle, velocity, random })
  const result = env.step(Float32Array.of(torque)) as StepResult
  return { ...result, state: env.getState!() as { angle: number; velocity: number } }
}

describe('dynamics', () => {
  test('one step by hand', () => {
    // From a quarter turn, at 1 rad/s, with 2 N m: the acceleration is 15 sin(pi/2) + 3 * 2 = 21 rad/s^2.
    const { observation, reward, state, terminated, truncated } = stepFrom(Math.PI / 2, 1, 2)
    expect(state.velocity).toBeCloseTo(1 + 21 * 0.05, 14)
    expect(state.angle).toBeCloseTo(Math.PI / 2 + 2.05 * 0.05, 14)
    // cos(pi/2 + x) = -sin x, sin(pi/2 + x) = cos x
    expect(observation).toEqual(Float32Array.of(-Math.sin(0.1025), Math.cos(0.1025), 2.05))
    // The reward is that of the state before the step.
    expect(reward).toBeCloseTo(-((Math.PI / 2) ** 2 + 0.1 + 0.004), 14)
    expect([terminated, truncated]).toEqual([false, false])
  })

  test('any step, against the equations written with Math', () => {
    const numbers = (limit: number) => fc.double({ min: -limit, max: limit, noNaN: true })
    fc.assert(
      fc.property(numbers(50), numbers(8), numbers(4), (angle, velocity, torque) => {
        const u = Math.min(Math.max(Math.fround(torque), -2), 2)
        const wrapped = Math.atan2(Math.sin(angle), Math.cos(angle))
        const w = Math.min(Math.max(velocity + (15 * Math.sin(angle) + 3 * u) * 0.05, -8), 8)
        const { reward, state, observation } = stepFrom(angle, velocity, torque)
        expect(reward).toBeCloseTo(-(wrapped * wrapped + 0.1 * velocity ** 2 + 0.001 * u * u), 9)
        expect(state.velocity).toBeCloseTo(w, 12)
        expect(state.angle).toBeCloseTo(angle + w * 0.05, 12)
        expect(contains(createPendulum().observationSpace, observation)).toBe(true)
      }),
    )
  })

  test('torque and velocity are clipped', () => {
    expect(stepFrom(1, 0, 100)).toEqual(stepFrom(1, 0, 2))
    expect(stepFrom(1, 0, -100)).toEqual(stepFrom(1, 0, -2))
    expect(stepFrom(Math.PI / 2, 7.9, 2).state.velocity).toBe(8)
    expect(stepFrom(-Math.PI / 2, -7.9, -2).state.velocity).toBe(-8)
  })

  test('the angle in the reward is in [-pi, pi), the one in the state is not wrapped', () => {
    expect(stepFrom(Math.PI, 0, 0).reward).toBeCloseTo(-(Math.PI ** 2), 12)
    expect(stepFrom(3 * Math.PI, 0, 0).reward).toBeCloseTo(-(Math.PI ** 2), 12)
    expect(stepFrom(2 * Math.PI + 0.5, 0, 0).reward).toBeCloseTo(-0.25, 12)
    expect(stepFrom(-2 * Math.PI - 0.5, 0, 0).reward).toBeCloseTo(-0.25, 12)
    expect(stepFrom(20, 0, 0).state.angle).toBeGreaterThan(19)
  })

  test('gravity may be set', () => {
    const { state } = stepFrom(Math.PI / 2, 0, 0, createPendulum({ gravity: 4 }))
    expect(state.velocity).toBeCloseTo(6 * 0.05, 14)
  })
})

describe('episodes', () => {
  const first = (seed: number) => (createPendulum().reset({ seed }) as ResetResult).observation

  test('begin anywhere, slowly', () => {
    let [left, low] = [0, 0]
    for (let seed = 0; seed < 400; seed++) {
      const [cosine, sine, velocity] = Array.from(first(seed))
      expect(cosine ** 2 + sine ** 2).toBeCloseTo(1, 5)
      expect(Math.abs(velocity)).toBeLessThanOrEqual(1)
      if (sine > 0) left++
      if (cosine < 0) low++
    }
    expect(Math.abs(left - 200)).toBeLessThan(40)
    expect(Math.abs(low - 200)).toBeLessThan(40)
  })

  test('repeat with the seed, and go on without', () => {
    const env = createPendulum()
    const rollout = (seed?: number) => {
      const observations = [(env.reset({ seed }) as ResetResult).observation]
      for (let i = 0; i < 20; i++) {
        observations.push((env.step(Float32Array.of(Math.sin(i))) as StepResult).observation)
      }
      return observations
    }
    const once = rollout(7)
    const next = rollout()
    expect(next).not.toEqual(once)
    expect(rollout(7)).toEqual(once)
    expect(rollout()).toEqual(next)
    expect(rollout(8)).not.toEqual(once)
  })

  test('end after 200 steps, truncated', async () => {
    const env = await makeEnv('Pendulum-v1')
    expect(env.id).toBe('Pendulum-v1')
    await env.reset({ seed: 0 })
    for (let i = 1; i <= 200; i++) {
      const { terminated, truncated } = await env.step(Float32Array.of(0))
      expect(terminated).toBe(false)
      expect(truncated).toBe(i === 200)
    }
  })

  test('bad calls are refused', () => {
    const env = createPendulum()
    expect(() => env.step(Float32Array.of(0))).toThrow(/call reset\(\)/)
    env.reset()
    expect(() => env.step(Float32Array.of(0, 1))).toThrow(/one number.*\[0,1\]/)
    expect(() => env.step(Float32Array.of(NaN))).toThrow(/NaN/)
    expect(() => env.reset({ seed: -1 })).toThrow(/seed is -1/)
    expect(() => env.setState!({})).toThrow(/\{ angle, velocity, random \}/)
    expect(() => env.setState!({ angle: 0, velocity: 0 })).toThrow(/random state/)
  })
})

describe('registry', () => {
  test('lists what it makes', async () => {
    expect(environmentIds()).toContain('Pendulum-v1')
    for (const { id, summary } of environments()) {
      expect(summary).not.toBe('')
      expect((await makeEnv(id)).id).toBe(id)
    }
  })

  test('suggests the nearest id', async () => {
    const error = await makeEnv('pendulum').catch(error => error)
    expect(error).toBeInstanceOf(UnknownEnvironmentError)
    expect(error).toMatchObject({
      name: 'UnknownEnvironmentError',
      id: 'pendulum',
      suggestion: 'Pendulum-v1',
    })
    expect(error.message).toMatch(
      /no environment 'pendulum'; did you mean 'Pendulum-v1'\? Known are .*Pendulum-v1/,
    )
    await expect(makeEnv('something else entirely')).rejects.toThrow(/entirely'\. Known are/)
  })

  test('checks options', async () => {
    await expect(makeEnv('Pendulum-v1' as string, { gravty: 9 })).rejects.toThrow(
      /'gravty'; did you mean 'gravity'\?/,
    )
    await expect(makeEnv('Pendulum-v1', { gravity: 9.81 })).resolves.toBeDefined()
  })

  test('takes environments of others', async () => {
    const made: Env = timeLimit(createPendulum(), 10)
    registerEnv('Mine-v0', options => ({ ...made, id: `Mine-v0 ${options.colour}` }), { summary: 'Mine' })
    expect((await makeEnv('Mine-v0', { colour: 'red' })).id).toBe('Mine-v0 red')
    expect(environments().at(-1)).toMatchObject({ id: 'Mine-v0', summary: 'Mine' })
    expect(() => registerEnv('Mine-v0', () => made)).toThrow(/already an environment 'Mine-v0'/)
    expect(() => registerEnv('Pendulum-v1', () => made)).toThrow(/already/)
  })
})
