/** Evaluations that would not end, and the seeds of episodes. */
import { describe, expect, test } from 'vitest'
import type { Env } from '../../src/env/env.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { train } from '../../src/training/train.ts'
import { endlessPoint } from './environments.ts'

const small = { hiddenSizes: [8], batchSize: 8, learningStarts: 10, bufferSize: 200 }
const policy = { act: () => Float32Array.of(0.5) }

describe('in an environment without end', () => {
  test('an evaluation ends all the same, and says how many episodes it cut off', async () => {
    const evaluation = await evaluate(policy, endlessPoint(), { episodes: 3 })
    expect(evaluation).toMatchObject({ lengths: [10_000, 10_000, 10_000], cutOff: 3 })
    expect(evaluation.mean).toBeLessThan(-10_000)
  })

  test('after as many steps as one likes', async () => {
    const evaluation = await evaluate(policy, endlessPoint(), { episodes: 2, maxSteps: 3 })
    expect(evaluation).toMatchObject({ lengths: [3, 3], cutOff: 2 })
    expect(evaluation.mean).toBeCloseTo(-(0.05 + 0.1 + 0.15), 9)
  })

  test('also while training', async () => {
    const agent = await SAC.create(endlessPoint(), small)
    const evaluationEnv = endlessPoint()
    const options = { steps: 20, evaluateEvery: 10, evaluationEnv, evaluationEpisodes: 2 }
    const evaluations: TrainingEvent[] = []
    for await (const event of train(agent, endlessPoint(), { ...options, evaluationSteps: 7 })) {
      if (event.type === 'evaluation') evaluations.push(event)
    }
    expect(evaluations).toMatchObject(Array(2).fill({ lengths: [7, 7], cutOff: 2 }))
  })
})

describe('episodes that end', () => {
  test.each([
    [4, 5],
    [5, 5],
    [20_000, Infinity],
  ])('after %d steps are whole within %d', async (length, maxSteps) => {
    const evaluation = await evaluate(policy, timeLimit(endlessPoint(), length), { episodes: 2, maxSteps })
    expect(evaluation.lengths).toEqual([length, length])
    expect(evaluation).not.toHaveProperty('cutOff')
  })
})

test.each([0, -1, 2.5, Number.NaN, '9' as unknown as number])('maxSteps: %s is refused', async maxSteps => {
  await expect(evaluate(policy, endlessPoint(), { maxSteps })).rejects.toThrow(`maxSteps is ${maxSteps};`)
})

/** An environment with short episodes that notes its seeds. */
function noting(seeds: (number | undefined)[], changes: Partial<Env> = {}): Env {
  const env = timeLimit({ ...endlessPoint(), ...changes }, 2)
  return {
    ...env,
    reset(options) {
      seeds.push(options?.seed)
      return env.reset(options)
    },
  }
}

describe('seeds of episodes', () => {
  /** What the agent draws for them. */
  const drawn = (seed: number, count: number) => {
    const random = createRandom(seed, 'environment')
    return Array.from({ length: count }, () => random.uint32())
  }

  test('stay below 2^31; those that were below stay the same', async () => {
    const seeds: number[] = []
    const agent = await SAC.create(endlessPoint(), { ...small, learningStarts: 1000 })
    for await (const _ of train(agent, noting(seeds), { steps: 100 }));
    expect(seeds).toEqual(drawn(0, 50).map(bits => (bits < 2 ** 31 ? bits : bits - 2 ** 31)))
    expect(drawn(0, 50).some(bits => bits >= 2 ** 31)).toBe(true)
  })

  test('are what they always were for environments that take 32 bits', async () => {
    const seeds: number[] = []
    const env = noting(seeds, { seedBits: 32 })
    const agent = await SAC.create(env, { ...small, learningStarts: 1000 })
    for await (const _ of train(agent, env, { steps: 100 }));
    expect(seeds).toEqual(drawn(0, 50))
    expect((await makeEnv('Pendulum-v1')).seedBits).toBe(32)
    expect((await makeEnv('InvertedPendulum-v5')).seedBits).toBe(32)
    expect((await makeEnv('LunarLanderContinuous-v3')).seedBits).toBe(32)
  })

  test("of a training's evaluations stay below 2^31, whatever the agent's seed", async () => {
    const seeds: (number | undefined)[] = []
    const agent = await SAC.create(endlessPoint(), { ...small, seed: 2 ** 31 + 5 })
    const options = { steps: 20, evaluateEvery: 10, evaluationEnv: noting(seeds), evaluationEpisodes: 2 }
    for await (const _ of train(agent, endlessPoint(), options));
    expect(seeds).toEqual([5, undefined, 5, undefined])
  })

  test.each([2 ** 31, -1, 0.5, Number.NaN])('that a user gives: %d is refused', async seed => {
    await expect(evaluate(policy, endlessPoint(), { seed })).rejects.toThrow(
      `seed is ${seed}; it must be a whole number from 0 to 2147483647`,
    )
  })

  test('2^31 - 1 passes, and 2^32 - 1 where there are 32 bits', async () => {
    for (const [seed, changes] of [
      [2 ** 31 - 1, {}],
      [2 ** 32 - 1, { seedBits: 32 as const }],
    ] as const) {
      const seeds: (number | undefined)[] = []
      await evaluate(policy, noting(seeds, changes), { seed, episodes: 2 })
      expect(seeds).toEqual([seed, undefined])
    }
  })
})

describe('success rates', () => {
  /** Episodes of three steps, each of which says `infos[episode][step]`. */
  function saying(infos: (object | undefined)[][]): Env {
    let episode = -1
    let step = 0
    return timeLimit(
      {
        ...endlessPoint(),
        reset() {
          episode++
          step = 0
          return { observation: [0] }
        },
        step: () => ({
          observation: [0],
          reward: 0,
          terminated: false,
          truncated: false,
          info: infos[episode][step++] as Record<string, unknown>,
        }),
      },
      3,
    )
  }
  const no = { is_success: false }
  const yes = { is_success: true }

  test.each<[string, (object | undefined)[][], number | undefined]>([
    [
      'the last step of each episode counts',
      [
        [no, yes, no],
        [no, no, yes],
        [yes, yes, yes],
      ],
      2 / 3,
    ],
    [
      'as Python says it',
      [
        [no, no, { is_success: 1 }],
        [no, no, { is_success: 0 }],
      ],
      1 / 2,
    ],
    ['under another name', [[no, no, { success: true }]], 1],
    [
      'what is neither does not count',
      [
        [no, no, { is_success: 'yes' }],
        [no, no, yes],
      ],
      1,
    ],
    [
      'without any there is none',
      [
        [yes, yes, {}],
        [no, no, undefined],
      ],
      undefined,
    ],
  ])('%s', async (_, infos, expected) => {
    const { successRate } = await evaluate({ act: () => Float32Array.of(0) }, saying(infos), {
      episodes: infos.length,
    })
    expect(successRate).toBe(expected)
  })
})

test('each episode is reported as it ends', async () => {
  const env = await makeEnv('Pendulum-v1')
  const seen: { return: number; length: number }[] = []
  const policy = { act: () => Float32Array.of(0) }
  const { returns, lengths } = await evaluate(policy, env, { episodes: 2, onEpisode: one => seen.push(one) })
  expect(seen).toEqual(returns.map((value, i) => ({ return: value, length: lengths[i] })))
})
