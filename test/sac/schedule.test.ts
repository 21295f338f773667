import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { createLearner } from '../../src/sac/learner.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { scheduled } from '../../src/sac/schedule.ts'
import { SCHEDULE } from '../../src/sac/tensors.ts'

test('schedules go from one value to another, and stay there', () => {
  const along = (kind: 'constant' | 'linear' | 'cosine') =>
    [-1, 0, 0.25, 0.5, 1, 2].map(progress => scheduled(kind, 8, 4, progress))
  expect(along('constant')).toEqual([8, 8, 8, 8, 8, 8])
  expect(along('linear')).toEqual([8, 8, 7, 6, 4, 4])
  const cosine = along('cosine')
  expect(cosine[2]).toBeCloseTo(6 + Math.SQRT2, 12)
  expect(cosine[3]).toBeCloseTo(6, 12)
  expect([cosine[0], cosine[1], cosine[4], cosine[5]]).toEqual([8, 8, 4, 4])
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

  test('takes a fixed temperature along', async () => {
    const options = { temperature: 0.4, entropySchedule: 'linear', entropyScheduleEnd: 0 } as const
    const learner = await learnerWith(options)
    expect((await learner.update(0.5)).temperature).toBeCloseTo(0.2, 6)
    expect((await learner.update(1)).temperature).toBe(0)
  })
})
