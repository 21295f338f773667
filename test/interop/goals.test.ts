/** Goals of Gymnasium-Robotics, over the bridge. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { checkEnv } from '../../src/env/check-env.ts'
import { goalsIn, rewardsOf } from '../../src/env/goals.ts'
import { makeGymnasiumEnvs } from '../../src/gymnasium/index.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { train } from '../../src/training/train.ts'

const here = import.meta.dirname
const python = join(here, '../../.venv/bin/python')
const FETCH = 'gymnasium_robotics:FetchReach-v4'

beforeAll(() => {
  process.env.SAC_PYTHON = python
  process.env.PYTHONPATH = here
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterAll(() => {
  delete process.env.SAC_PYTHON
  delete process.env.PYTHONPATH
  vi.restoreAllMocks()
})

interface Oracle {
  /** observation, achieved_goal and desired_goal, one after the other. */
  observations: number[][]
  rewards: number[]
  successes: number[]
  /** Of the achieved goals, every other one with itself and the rest with the desired goals in the reverse order. */
  others: number[]
}

test.each(['sparse', 'dense'])(
  'FetchReach-v4 with %s rewards is that of Python, rewards for other goals included',
  async reward_type => {
    const random = createRandom(0, 'actions')
    const actions = Array.from({ length: 60 }, () => random.fillUniform(new Float32Array(4), -1, 1))
    const input = JSON.stringify({ reward_type, actions: actions.map(action => Array.from(action)) })
    const oracle: Oracle = JSON.parse(
      execFileSync(python, [join(here, 'goals_oracle.py')], { input, encoding: 'utf8' }),
    )
    const [env] = await makeGymnasiumEnvs(FETCH, { options: { reward_type } })
    expect(env).toMatchObject({ observationSpace: { size: 16 }, goals: { size: 3 } })
    const observations = [Array.from((await env.reset({ seed: 3 })).observation)]
    const rewards: number[] = []
    const successes: unknown[] = []
    for (const action of actions) {
      const { observation, reward, truncated, info } = await env.step(action)
      observations.push(Array.from(observation))
      rewards.push(reward)
      successes.push(info?.is_success)
      if (truncated) observations.push(Array.from((await env.reset()).observation))
    }
    expect({ observations, rewards, successes }).toEqual({
      observations: oracle.observations,
      rewards: oracle.rewards,
      successes: oracle.successes,
    })
    const pairs = observations.map(observation => goalsIn(observation, 3))
    const achieved = Float32Array.from(pairs.flatMap(pair => [...pair.achieved]))
    // Every other goal is reached.
    const desired = Float32Array.from(
      pairs.flatMap((pair, i) => [...(i % 2 ? pair.achieved : pairs[pairs.length - 1 - i].desired)]),
    )
    const others = Array.from(await rewardsOf(env.goals!, achieved, desired, pairs.length))
    // They are of goals rounded to float32.
    for (const [i, reward] of others.entries()) expect(reward).toBeCloseTo(oracle.others[i], 5)
    expect(new Set(others).size).toBeGreaterThan(1)
    await env.close!()
  },
)

test('FetchReach-v4 has nothing wrong with it, and hindsight learns it', async () => {
  const [env, evaluationEnv] = await makeGymnasiumEnvs(FETCH, { count: 2 })
  expect(await checkEnv(evaluationEnv, { steps: 200 })).toEqual([])
  const small = { hiddenSizes: [64, 64], batchSize: 64, actorLearningRate: 1e-3, criticLearningRate: 1e-3 }
  const agent = await SAC.create(env, {
    ...small,
    gamma: 0.95,
    learningStarts: 500,
    hindsight: 'future',
    normalizeObservations: true,
  })
  for await (const _ of train(agent, env, { steps: 4000 }));
  const { successRate } = await evaluate(agent, evaluationEnv, { episodes: 20 })
  expect(successRate).toBeGreaterThanOrEqual(0.8)
  await Promise.all([env, evaluationEnv].map(each => each.close!()))
}, 300_000)

test.each([
  ['single', 'compute_reward returned float64 of shape () for 4 pairs of goals, not 4 numbers'],
  ['raises', 'ValueError: no goal of mine'],
])('rewards that Python fails to compute: %s', async (fault, message) => {
  const [env] = await makeGymnasiumEnvs('gymnasium_faults:Goals-v0', { options: { fault } })
  const agent = await SAC.create(env, {
    hiddenSizes: [8],
    batchSize: 4,
    learningStarts: 3,
    hindsight: 'future',
    hindsightGoals: 1000,
  })
  await expect(async () => {
    for await (const _ of train(agent, env, { steps: 10 }));
  }).rejects.toThrow(`The environment failed in goals.computeRewards: ${message}`)
  await env.close!()
})

test('without compute_reward, or without one of the goals, there are none', async () => {
  for (const fault of ['no reward', 'no desired goal']) {
    const [env] = await makeGymnasiumEnvs('gymnasium_faults:Goals-v0', { options: { fault } })
    expect(env.goals).toBeUndefined()
    await env.close!()
  }
})
