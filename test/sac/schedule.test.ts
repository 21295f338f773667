import { describe, expect, test } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { createLearner } from '../../src/sac/learner.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { type ScheduleKind, scheduled } from '../../src/sac/schedule.ts'
import { SCHEDULE } from '../../src/sac/tensors.ts'

test('schedules go from one value to another, and stay there', () => {
  const along = (kind: ScheduleKind) =>
    [-1, 0, 0.25, 0.5, 1, 2].map(progress => scheduled(kind, 8, 4, progress))
  expect(along('constant')).toEqual([8, 8, 8, 8, 8, 8])
  expect(along('linear')).toEqual([8, 8, 7, 6, 4, 4])
  const cosine = along('cosine')
  expect(cosine[2]).toBeCloseTo(6 + Math.SQRT2, 12)
  expect(cosine[3]).toBeCloseTo(6, 12)
  expect([cosine[0], cosine[1], cosine[4], cosine[5]]).toEqual([8, 8, 4, 4])
  const exponential = along('exponential')
  // Half the way in logarithms is the geometric mean.
  expect(exponential[3]).toBeCloseTo(Math.sqrt(32), 12)
  expect(exponential[2]).toBeCloseTo(8 * 0.5 ** 0.25, 12)
  expect([exponential[0], exponential[1]]).toEqual([8, 8])
  expect([exponential[4], exponential[5]].map(value => value.toFixed(12))).toEqual([
    '4.000000000000',
    '4.000000000000',
  ])
  expect(scheduled('exponential', -1, -4, 0.5)).toBeCloseTo(-2, 12)
})

describe('an exponential schedule that leads nowhere is refused', () => {
  test.each<[SacOptionsInput, RegExp]>([
    [
      { learningRateSchedule: 'exponential' },
      /learningRateSchedule: .* from 1 to 0, .* set learningRateScheduleEnd/,
    ],
    [
      { algorithm: 'td3', explorationNoiseSchedule: 'exponential' },
      /explorationNoiseSchedule: .* from 0.1 to 0, .* set explorationNoiseScheduleEnd/,
    ],
    [
      {
        algorithm: 'ddpg',
        explorationNoise: 0,
        explorationNoiseSchedule: 'exponential',
        explorationNoiseScheduleEnd: 0.1,
      },
      /from 0 to 0.1/,
    ],
    [
      { entropySchedule: 'exponential', entropyScheduleEnd: 1 },
      /entropySchedule: .* from -2 to 1, .* of one sign/,
    ],
    [{ entropySchedule: 'exponential', entropyScheduleEnd: 0, temperature: 0.5 }, /from 0.5 to 0/],
  ])('%o', async (options, message) => {
    const spaces = {
      observationSpace: box({ low: 0, high: 1 }),
      actionSpace: box({ low: -1, high: 1, shape: [2] }),
    }
    await expect(SAC.create(spaces, { ...options, scheduleSteps: 10 })).rejects.toThrow(message)
  })
})

test('exploration noise takes its schedule along, and updates report where it is', async () => {
  const spaces = {
    observationSpace: box({ low: 0, high: 1 }),
    actionSpace: box({ low: -1, high: 1, shape: [2] }),
  }
  const options: SacOptionsInput = {
    ...{ algorithm: 'td3', hiddenSizes: [4], batchSize: 4, learningStarts: 0 },
    ...{ explorationNoise: 0.8, explorationNoiseSchedule: 'linear', scheduleSteps: 100 },
  }
  const agent = await SAC.create(spaces, options)
  const observation = [0.5]
  const reported: (number | undefined)[] = []
  const distances: number[] = []
  for (let step = 0; step < 100; step++) {
    const action = agent.explore(observation)
    const centre = agent.act(observation)
    distances.push(Math.hypot(action[0] - centre[0], action[1] - centre[1]))
    agent.observe({ observation, action, reward: 0, nextObservation: observation, terminated: false })
    if (step % 50 === 49) reported.push((await agent.update()).explorationNoise)
  }
  expect(reported[0]).toBeCloseTo(0.4, 12)
  expect(reported[1]).toBe(0)
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
  expect(mean(distances.slice(0, 25))).toBeGreaterThan(3 * mean(distances.slice(75)))
  expect(agent.explore(observation)).toEqual(agent.act(observation))
  const without = await SAC.create(spaces, { ...options, explorationNoise: 0 })
  expect(without.explorationNoise).toBeUndefined()
})

describe('an update at some progress', () => {
  async function learnerWith(options: SacOptionsInput) {
    const sizes = { observationSize: 2, actionSize: 3 }
    const config = { ...parseSacOptions({ hiddenSizes: [4], batchSize: 4, ...options }), ...sizes }
    return createLearner(config, { kind: 'wasm', threads: 1 }, createRandom(0, 'initial weights'))
  }
  type Learner = Awaited<ReturnType<typeof learnerWith>>
  const column = ({ program }: Learner, name: (typeof SCHEDULE)[number]) =>
    program.inputs.schedule[SCHEDULE.indexOf(name)]

  test('takes learning rates and the target entropy along', async () => {
    const options = {
      learningRateSchedule: 'linear',
      entropySchedule: 'linear',
      entropyScheduleEnd: -1,
    } as const
    const [whole, half] = [await learnerWith(options), await learnerWith(options)]
    await whole.update(0)
    await half.update(0.5)
    for (const name of ['criticsStepSize', 'actorStepSize', 'logAlphaStepSize'] as const) {
      expect(column(half, name)).toBeCloseTo(column(whole, name) / 2, 8)
    }
    expect([column(whole, 'targetEntropy'), column(half, 'targetEntropy')]).toEqual([-3, -2])
  })

  test('ends at the share of the learning rates that is to be left', async () => {
    const options = { learningRateSchedule: 'exponential', learningRateScheduleEnd: 0.04 } as const
    const [whole, half, end] = await Promise.all([0, 0.5, 1].map(() => learnerWith(options)))
    const [atStart, atHalf, atEnd] = [await whole.update(0), await half.update(0.5), await end.update(1)]
    expect(atHalf.learningRate / atStart.learningRate).toBeCloseTo(0.2, 10)
    expect(atEnd.learningRate / atStart.learningRate).toBeCloseTo(0.04, 10)
    expect(column(half, 'actorStepSize')).toBeCloseTo(0.2 * column(whole, 'actorStepSize'), 8)
  })

  test('takes a fixed temperature along', async () => {
    const options = { temperature: 0.4, entropySchedule: 'linear', entropyScheduleEnd: 0 } as const
    const learner = await learnerWith(options)
    expect((await learner.update(0.5)).temperature).toBeCloseTo(0.2, 6)
    expect((await learner.update(1)).temperature).toBe(0)
  })
})
