import { describe, expect, test } from 'vitest'
import { drawAction } from '../../src/env/action-space.ts'
import { checkEnv } from '../../src/env/check-env.ts'
import type { Env, ResetResult, StepResult } from '../../src/env/env.ts'
import { createAcrobot } from '../../src/envs/acrobot.ts'
import { createCartPole } from '../../src/envs/cart-pole.ts'
import type { ChoiceState } from '../../src/envs/choices.ts'
import { createChoiceMountainCar } from '../../src/envs/mountain-car.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'

const random: [number, number, number, number] = [1, 2, 3, 4]
const ids = ['CartPole-v1', 'Acrobot-v1', 'MountainCar-v0', 'LunarLander-v3']

function stepFrom(env: Env, state: number[], choice: number) {
  env.setState!({ state, random })
  const result = env.step(Float32Array.of(choice)) as StepResult
  return { ...result, state: (env.getState!() as ChoiceState).state }
}

describe.each(ids)('%s', id => {
  test('has no mistakes that checkEnv finds', async () => {
    const findings = await checkEnv(await makeEnv(id))
    expect(findings).toEqual([])
  })

  test('takes a vector of one of its choices alone', async () => {
    const env = await makeEnv(id)
    const n = env.actionSpace.kind === 'discrete' ? env.actionSpace.n : 0
    expect(() => env.step(Float32Array.of(0))).toThrow(`${id}: call reset() before`)
    await env.reset({ seed: 1 })
    for (const wrong of [[n], [-1], [0.5], [Number.NaN], [0, 1], []]) {
      expect(() => env.step(Float32Array.from(wrong))).toThrow(
        `${id}: an action is one whole number from 0 to ${n - 1}, not [${wrong}]`,
      )
    }
    expect(() => env.step(0 as never)).toThrow(TypeError)
  })

  test('continues exactly from its state, also after JSON', async () => {
    const [env, other] = [await makeEnv(id), await makeEnv(id)]
    const choices = createRandom(4, 'choices')
    await env.reset({ seed: 9 })
    for (let i = 0; i < 15; i++) await env.step(drawAction(env.actionSpace, choices))
    await other.setState!(JSON.parse(JSON.stringify(await env.getState!())))
    for (let i = 0; i < 30; i++) {
      const action = drawAction(env.actionSpace, choices)
      const [a, b] = [await env.step(action), await other.step(action)]
      expect(b).toEqual(a)
      if (a.terminated || a.truncated) expect(await other.reset()).toEqual(await env.reset())
    }
    await expect(async () => other.setState!({ env: { state: [1] }, steps: 3 })).rejects.toThrow(TypeError)
  })
})

describe('CartPole-v1', () => {
  test('one step by hand', () => {
    // Upright and at rest: a push of 10 N moves 1.1 kg, of which the pole takes part.
    const { observation, reward, terminated } = stepFrom(createCartPole(), [0, 0, 0, 0], 1)
    const turning = -(10 / 1.1) / (0.5 * (4 / 3 - 0.1 / 1.1))
    expect([...(observation as Float32Array)]).toEqual(
      [0, 0.02 * (10 / 1.1 - (0.05 * turning) / 1.1), 0, 0.02 * turning].map(Math.fround),
    )
    expect([reward, terminated]).toEqual([1, false])
  })

  test('ends where the pole has fallen or the cart has left the track, and pays that step as well', () => {
    const limit = (12 * 2 * Math.PI) / 360
    for (const [state, ended] of [
      [[2.39, 1, 0, 0], true],
      [[2.37, 1, 0, 0], false],
      [[-2.39, -1, 0, 0], true],
      [[0, 0, limit - 0.01, 1], true],
      [[0, 0, -limit + 0.01, -1], true],
      [[0, 0, limit - 0.03, 1], false],
    ] as [number[], boolean][]) {
      expect(stepFrom(createCartPole(), state, 0)).toMatchObject({ terminated: ended, reward: 1 })
    }
    const book = createCartPole({ suttonBartoReward: true })
    expect(stepFrom(book, [2.39, 1, 0, 0], 0).reward).toBe(-1)
    expect(stepFrom(book, [0, 0, 0, 0], 0).reward).toBe(0)
    expect(() => createCartPole({ suttonBartoReward: 1 as never })).toThrow(/suttonBartoReward is 1/)
  })
})

describe('Acrobot-v1', () => {
  test('hangs still without torque, and swings the other way with the other', () => {
    const still = stepFrom(createAcrobot(), [0, 0, 0, 0], 1)
    expect(still.state.every(value => Math.abs(value) < 1e-15)).toBe(true)
    expect([still.reward, still.terminated]).toEqual([-1, false])
    const [left, right] = [0, 2].map(choice => stepFrom(createAcrobot(), [0, 0, 0, 0], choice).state)
    left.forEach((value, i) => {
      expect(value).toBeCloseTo(-right[i], 12)
    })
  })

  test('ends with reward 0 where the free end is above the line', () => {
    expect(stepFrom(createAcrobot(), [Math.PI, 0.1, 0, 0], 1)).toMatchObject({ terminated: true, reward: 0 })
    expect(stepFrom(createAcrobot(), [Math.PI / 2, 0, 0, 0], 1).terminated).toBe(false)
  })

  test('keeps its energy without torque, as far as steps of 0.2 s allow', () => {
    const energy = ([a, b, v, w]: number[]) => {
      const [x, y] = [0.5 * v * v, 0.5 * (v + w) ** 2]
      const kinetic = x * (1 + 0.25) + 0.5 * v * v + y * (1 + 0.25) + 0.5 * v * (v + w) * Math.cos(b)
      return kinetic - 9.8 * (1.5 * Math.cos(a) + 0.5 * Math.cos(a + b))
    }
    const env = createAcrobot()
    let state = [0.5, -0.3, 0.2, 0.1]
    const before = energy(state)
    for (let i = 0; i < 20; i++) state = stepFrom(env, state, 1).state
    expect(Math.abs(energy(state) - before)).toBeLessThan(0.05)
  })
})

describe('MountainCar-v0', () => {
  test('one step by hand', () => {
    const { state, reward, terminated } = stepFrom(createChoiceMountainCar(), [-Math.PI / 6, 0.01], 2)
    expect(state[1]).toBeCloseTo(0.011, 12)
    expect(state[0]).toBeCloseTo(-Math.PI / 6 + 0.011, 12)
    expect([reward, terminated]).toEqual([-1, false])
    expect(stepFrom(createChoiceMountainCar(), [-1.19, -0.05], 0).state).toEqual([-1.2, 0])
  })

  test('ends at 0.5 with the goal velocity', () => {
    expect(stepFrom(createChoiceMountainCar(), [0.49, 0.05], 1).terminated).toBe(true)
    expect(stepFrom(createChoiceMountainCar(), [0.46, 0.02], 1).terminated).toBe(false)
    expect(stepFrom(createChoiceMountainCar({ goalVelocity: 0.06 }), [0.49, 0.05], 1).terminated).toBe(false)
  })
})

test('LunarLander-v3 fires the engines of LunarLanderContinuous-v3 at full power', async () => {
  const throttles = [
    [0, 0],
    [0, -1],
    [1, 0],
    [0, 1],
  ]
  const [choosing, throttled] = [await makeEnv('LunarLander-v3'), await makeEnv('LunarLanderContinuous-v3')]
  const start = (await choosing.reset({ seed: 5 })) as ResetResult
  expect(start).toEqual(await throttled.reset({ seed: 5 }))
  const random = createRandom(2, 'engines')
  for (let i = 0; i < 60; i++) {
    const choice = random.integer(4)
    expect(await choosing.step(Float32Array.of(choice))).toEqual(
      await throttled.step(Float32Array.from(throttles[choice])),
    )
  }
})
