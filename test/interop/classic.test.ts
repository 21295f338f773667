import { describe, expect, test } from 'vitest'
import type { Env, StepResult } from '../../src/env/env.ts'
import { createAcrobot } from '../../src/envs/acrobot.ts'
import { createCartPole } from '../../src/envs/cart-pole.ts'
import { createChoiceMountainCar, createMountainCar } from '../../src/envs/mountain-car.ts'
import { createPendulum } from '../../src/envs/pendulum.ts'
import { runPython } from './python.ts'

interface Step {
  before: number[]
  action: number
  observation: number[]
  reward: number
  terminated: boolean
}

const random = [1, 2, 3, 4]

/**
 * Largest difference of each element of the observation, and of the reward.
 *
 * Gymnasium computes partly in float32, where NumPy mixes the action's float32 with numbers of Python, so
 * results differ by roundings of 2^-24 of the largest terms: an angle's cos and sin and a position are about 1,
 * velocities go up to 8 and 0.07, rewards up to 16. Each bound is twice the spacing of float32 there.
 */
const environments = [
  {
    id: 'Pendulum-v1',
    make: createPendulum,
    state: ([angle, velocity]: number[]) => ({ angle, velocity, random }),
    within: [2 ** -23, 2 ** -23, 2 ** -20],
    rewardWithin: 2 ** -19,
    // Near the top errors double every 4 steps (its rate is sqrt(15)/s), elsewhere they hardly grow.
    runSteps: 50,
    runWithin: 1e-5,
  },
  {
    id: 'MountainCarContinuous-v0',
    make: createMountainCar,
    state: ([position, velocity]: number[]) => ({ position, velocity, random }),
    within: [2 ** -22, 2 ** -26],
    rewardWithin: 2 ** -22,
    // Rolling in a valley, errors add up as steps of a random walk: sqrt(999) 2^-23 = 4e-6.
    runSteps: 999,
    runWithin: 1e-5,
  },
  // These compute in float64 and round observations alone, so that whole runs agree to the last bit or nearly so: NumPy's
  // cos and sin may differ from ours by a rounding of 2^-53.
  {
    id: 'CartPole-v1',
    make: createCartPole,
    state: (state: number[]) => ({ state, random }),
    within: [2 ** -22, 2 ** -21, 2 ** -24, 2 ** -21],
    rewardWithin: 0,
    runSteps: 200,
    runWithin: 1e-6,
  },
  {
    id: 'Acrobot-v1',
    make: createAcrobot,
    state: (state: number[]) => ({ state, random }),
    within: [2 ** -23, 2 ** -23, 2 ** -23, 2 ** -23, 2 ** -19, 2 ** -18],
    rewardWithin: 0,
    runSteps: 100,
    runWithin: 1e-5,
  },
  {
    id: 'MountainCar-v0',
    make: createChoiceMountainCar,
    state: (state: number[]) => ({ state, random }),
    within: [2 ** -23, 2 ** -27],
    rewardWithin: 0,
    runSteps: 999,
    runWithin: 1e-6,
  },
]

describe.each(environments)('$id', ({ id, make, state, within, rewardWithin, runSteps, runWithin }) => {
  const oracle = runPython<{ steps: Step[]; run: Step[] }>('classic_oracle.py', id, 1000, 1)
  const stepped = (env: Env, { action }: Step) => env.step(Float32Array.of(action)) as StepResult

  test('each step from the same state and action', async () => {
    const env = make()
    const largest = within.map(() => 0)
    let largestOfReward = 0
    for (const step of (await oracle).steps) {
      env.setState!(state(step.before))
      const { observation, reward, terminated } = stepped(env, step)
      expect(terminated).toBe(step.terminated)
      step.observation.forEach((value, i) => {
        largest[i] = Math.max(largest[i], Math.abs(observation[i] - value))
      })
      largestOfReward = Math.max(largestOfReward, Math.abs(reward - step.reward))
    }
    for (const [i, difference] of largest.entries()) expect(difference).toBeLessThanOrEqual(within[i])
    expect(largestOfReward).toBeLessThanOrEqual(rewardWithin)
    console.log(`${id}: differences of one step at most`, largest, largestOfReward)
  })

  test('a run from the same state with the same actions', async () => {
    const env = make()
    const { run } = await oracle
    env.setState!(state(run[0].before))
    let largest = 0
    for (const step of run.slice(0, runSteps)) {
      const { observation } = stepped(env, step)
      step.observation.forEach((value, i) => {
        largest = Math.max(largest, Math.abs(observation[i] - value))
      })
    }
    expect(largest).toBeLessThanOrEqual(runWithin)
    console.log(`${id}: differences over ${runSteps} steps at most ${largest}`)
  })
})
