import { describe, expect, test } from 'vitest'
import type { StepResult } from '../../src/env/env.ts'
import { createPendulum } from '../../src/envs/pendulum.ts'
import { createRandom } from '../../src/random.ts'
import { deviation, gymnasiumRollouts } from './gymnasium.ts'

const STEPS = 200

describe(`the same as Gymnasium over ${STEPS} steps`, () => {
  test('Pendulum-v1', () => {
    const requests = Array.from({ length: 5 }, (_, seed) => {
      const random = createRandom(seed, 'actions')
      return {
        id: 'Pendulum-v1',
        state: [random.uniform(-Math.PI, Math.PI), random.uniform(-1, 1)],
        actions: Array.from({ length: STEPS }, () => [Math.fround(random.uniform(-2.5, 2.5))]),
      }
    })
    const env = createPendulum()
    for (const [i, { observations, rewards, terminated }] of gymnasiumRollouts(requests).entries()) {
      const [angle, velocity] = requests[i].state
      env.setState!({ angle, velocity, random: [1, 2, 3, 4] })
      for (const [step, action] of requests[i].actions.entries()) {
        const result = env.step(Float32Array.from(action)) as StepResult
        // Observations are float32 on both sides: one unit in the last place, where doubles straddle a rounding.
        expect(deviation(result.observation, observations[step + 1])).toBeLessThanOrEqual(2 ** -23)
        // A pendulum that turns over makes an error 10^4 times larger over 200 steps, and doubles are good to 1e-16.
        expect(deviation([result.reward], [rewards[step]])).toBeLessThan(1e-11)
        expect(result.terminated).toBe(terminated[step])
      }
    }
  })
})
