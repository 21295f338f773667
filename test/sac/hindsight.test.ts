import { describe, expect, test } from 'vitest'
import type { Env, Goals } from '../../src/env/env.ts'
import { box } from '../../src/env/spaces.ts'
import { scaleReward, stackFrames, timeLimit } from '../../src/env/wrappers.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { EnvironmentError } from '../../src/training/guarded-env.ts'
import { train } from '../../src/training/train.ts'

const options: SacOptionsInput = {
  hiddenSizes: [8],
  batchSize: 16,
  learningStarts: 20,
  bufferSize: 300,
  hindsight: 'future',
}

async function trained(env: Env, more: SacOptionsInput = {}, steps = 150): Promise<SAC> {
  const agent = await SAC.create(env, { ...options, ...more })
  for await (const _ of train(agent, env, { steps }));
  return agent
}

/** The same environment with other goals. */
const withGoals = async (change: (goals: Goals) => unknown): Promise<Env> => {
  const env = await makeEnv('PlanarReach-v0')
  return { ...env, goals: change(env.goals!) as Goals }
}

describe('refused with a sentence', () => {
  test('where there are no goals', async () => {
    await expect(SAC.create(await makeEnv('Pendulum-v1'), options)).rejects.toThrow(
      'Option hindsight is "future"; Pendulum-v1 has no goals (Env.goals), so it must be "none".',
    )
    const stacked = stackFrames(await makeEnv('PlanarReach-v0'), 2)
    await expect(SAC.create(stacked, options)).rejects.toThrow('Stacked frames have none either.')
  })

  test.each([
    [{ nStep: 3 }, 'Option nStep is 3; with hindsight it must be 1'],
    [{ hindsight: 'final' }, "Option hindsight is \"final\"; it must be 'none' or 'future'."],
    [{ hindsightGoals: 0 }, 'Option hindsightGoals is 0; it must be a whole number of at least 1.'],
  ])('%o', async (wrong, message) => {
    const env = await makeEnv('PlanarReach-v0')
    await expect(SAC.create(env, { ...options, ...wrong } as SacOptionsInput)).rejects.toThrow(message)
  })

  test.each<[(goals: Goals) => unknown, string]>([
    [goals => ({ ...goals, size: 0 }), 'goals.size is 0; it must be a positive whole number'],
    [goals => ({ ...goals, size: 6 }), 'goals have 6 numbers, and an observation 10'],
    [({ size }) => ({ size }), 'goals has no function computeReward()'],
    [
      goals => ({ ...goals, computeRewards: 1 }),
      'goals.computeRewards is 1; it must be a function, or left out',
    ],
  ])('goals of no use', async (change, message) => {
    await expect(SAC.create(await withGoals(change), options)).rejects.toThrow(
      `the goals of PlanarReach-v0 cannot be used: ${message}`,
    )
  })
})

test('hindsight is an option of every member, and changes what is learned', async () => {
  const env = await makeEnv('PlanarReach-v0')
  const [plain, hind, td3] = await Promise.all([
    trained(env, { hindsight: 'none' }),
    trained(await makeEnv('PlanarReach-v0')),
    trained(await makeEnv('PlanarReach-v0'), { algorithm: 'td3' }),
  ])
  expect(hind.parameters()).not.toEqual(plain.parameters())
  expect(td3.updates).toBe(130)
})

test('rewards that come one by one, all at once, or later make the same agent, bit for bit', async () => {
  const direct = await trained(await makeEnv('PlanarReach-v0'))
  for (const change of [
    ({ size, computeReward }: Goals) => ({
      size,
      computeReward: async (...goals: Parameters<typeof computeReward>) => computeReward(...goals),
    }),
    ({ size, computeReward }: Goals): Goals => ({
      size,
      computeReward: () => Number.NaN,
      computeRewards: (achieved, desired, count) =>
        Array.from({ length: count }, (_, i) =>
          Number(computeReward(achieved.slice(2 * i, 2 * i + 2), desired.slice(2 * i, 2 * i + 2))),
        ),
    }),
  ]) {
    expect((await trained(await withGoals(change))).state()).toEqual(direct.state())
  }
})

test('updates that are not awaited wait for the rewards of those before', async () => {
  const env = await withGoals(({ size, computeReward }) => ({
    size,
    computeReward: async (...goals: Parameters<typeof computeReward>) => computeReward(...goals),
  }))
  const [awaited, hurried] = await Promise.all([
    trained(env, {}, 30),
    trained(await makeEnv('PlanarReach-v0'), {}, 30),
  ])
  for (let i = 0; i < 5; i++) await awaited.update()
  await Promise.all(Array.from({ length: 5 }, () => hurried.update()))
  expect(hurried.state()).toEqual(awaited.state())
})

test('rewards are scaled as those of steps are', async () => {
  const scaled = await trained(await makeEnv('PlanarReach-v0'), { rewardScale: 0.5 })
  const half = await trained(scaleReward(await makeEnv('PlanarReach-v0'), 0.5))
  expect(scaled.parameters()).toEqual(half.parameters())
  expect(scaled.parameters()).not.toEqual((await trained(await makeEnv('PlanarReach-v0'))).parameters())
})

test('with normalised observations, goals are compared as they are', async () => {
  const compared: number[][] = []
  const env: Env = timeLimit(
    {
      observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
      actionSpace: box({ low: -1, high: 1 }),
      goals: {
        size: 1,
        computeReward(achieved, desired) {
          compared.push([achieved[0], desired[0]])
          return -Math.abs(achieved[0] - desired[0])
        },
      },
      reset: () => ({ observation: [1e6, 40, 77] }),
      step: () => ({ observation: [1e6, 41, 77], reward: -36, terminated: false, truncated: false }),
    },
    5,
  )
  await trained(env, { normalizeObservations: true }, 40)
  expect(compared.length).toBeGreaterThan(100)
  expect(new Set(compared.flat())).toEqual(new Set([41]))
})

test.each<[() => unknown, string]>([
  [() => Number.NaN, 'result[0] is NaN'],
  [() => '-1', "result[0] is '-1', not a number"],
  [() => Promise.reject(new Error('out of reach')), 'out of reach'],
  [
    () => {
      throw new Error('out of order')
    },
    'out of order',
  ],
])('a reward that is none ends training with an error that says where', async (computeReward, message) => {
  const env = await withGoals(({ size }) => ({ size, computeReward }))
  const failed = trained(env)
  await expect(failed).rejects.toThrow(`The environment failed in goals.computeReward: ${message}`)
  await expect(failed).rejects.toThrow(EnvironmentError)
})
