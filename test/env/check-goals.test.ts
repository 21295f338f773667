import { expect, test } from 'vitest'
import { checkEnv } from '../../src/env/check-env.ts'
import type { Env, Goals, StepResult } from '../../src/env/env.ts'
import { scaleReward, timeLimit } from '../../src/env/wrappers.ts'
import { makeEnv } from '../../src/envs/registry.ts'

const sound = () => makeEnv('PlanarReach-v0', { tolerance: 0.5 })

const withGoals = async (change: (goals: Goals) => unknown): Promise<Env> => {
  const env = await sound()
  return { ...env, goals: change(env.goals!) as Goals }
}

const withResults = async (change: (result: StepResult) => object): Promise<Env> => {
  const env = await sound()
  return {
    ...env,
    step: action => {
      const result = env.step(action) as StepResult
      return { ...result, ...change(result) }
    },
  }
}

const inBatches = (
  compute: (goals: Goals, achieved: Float32Array, desired: Float32Array, i: number) => number,
) =>
  withGoals(goals => ({
    ...goals,
    computeRewards: async (achieved: Float32Array, desired: Float32Array, count: number) =>
      Array.from({ length: count }, (_, i) => compute(goals, achieved, desired, i)),
  }))

const pair = (vectors: Float32Array, i: number) => vectors.subarray(2 * i, 2 * i + 2)

test.each<[string, () => Promise<Env>]>([
  ['one by one', sound],
  ['in batches', () => inBatches((goals, a, d, i) => goals.computeReward(pair(a, i), pair(d, i)) as number)],
  ['scaled', async () => scaleReward(await sound(), 3)],
  ['cut off', async () => timeLimit(await sound(), 20)],
])('nothing is wrong with rewards %s', async (_, make) => {
  expect(await checkEnv(await make(), { steps: 300 })).toEqual([])
})

test.each<[string, () => Promise<Env>, string]>([
  [
    'a step that counts something else too',
    () => withResults(({ reward }) => ({ reward: reward - 0.1 })),
    'step() number 1 returned reward -1.1, but goals.computeReward gives -1 for the achieved goal [',
  ],
  [
    'goals the other way round',
    () => withGoals(goals => ({ ...goals, computeReward: (achieved: ArrayLike<number>) => achieved[0] })),
    'goals.computeReward gives',
  ],
  [
    'batches that are read wrongly, in a way that the goals of steps show',
    () => inBatches((goals, a, d, i) => goals.computeReward(pair(a, 0), pair(d, i)) as number),
    'but goals.computeRewards gives',
  ],
  [
    'batches that are right for goals of steps alone',
    () => {
      // What was the reward of a step stays the reward, whatever the goal.
      const remembered = new Map<string, number>()
      return inBatches((goals, a, d, i) => {
        const key = String(pair(a, i))
        const reward = remembered.get(key) ?? (goals.computeReward(pair(a, i), pair(d, i)) as number)
        remembered.set(key, reward)
        return reward
      })
    },
    'where goals.computeReward gives',
  ],
  [
    'batches of another length',
    () => withGoals(goals => ({ ...goals, computeRewards: () => [0] })),
    'the result has 1 elements, not 300',
  ],
  [
    'no number',
    () => withGoals(({ size }) => ({ size, computeReward: () => Number.NaN })),
    'result[0] is NaN',
  ],
  ['no function', () => withGoals(({ size }) => ({ size })), 'goals has no function computeReward()'],
  ['too many numbers', () => withGoals(goals => ({ ...goals, size: 6 })), 'goals have 6 numbers'],
])('an error: %s', async (_, make, problem) => {
  const findings = await checkEnv(await make(), { steps: 300 })
  expect(findings).toHaveLength(1)
  expect(findings[0]).toMatchObject({ severity: 'error', problem: expect.stringContaining(problem) })
})

test.each<[string, () => Promise<Env>, string]>([
  [
    'an episode that ends at its goal',
    () => withResults(({ reward }) => ({ terminated: reward === 0 })),
    'terminated the episode because its goal was reached',
  ],
  [
    'a success that is no truth value',
    () => withResults(() => ({ info: { is_success: 'no' } })),
    "step() number 1 returned info.is_success = 'no', which is not counted in success rates",
  ],
])('a warning: %s', async (_, make, problem) => {
  const [finding, ...others] = await checkEnv(await make(), { steps: 300 })
  expect(finding).toMatchObject({ severity: 'warning', problem: expect.stringContaining(problem) })
  expect(others).toEqual([])
})
