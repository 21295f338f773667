import { describe, expect, test } from 'vitest'
import { cellsOf, nameOf, parseStudy, trainingsOf } from '../../../src/run/study/study-file.ts'

const small = {
  title: 'Two',
  seeds: 2,
  settings: { steps: 100, gamma: 0.9 },
  tasks: { 'Pendulum-v1': { steps: 50 }, Hills: { environment: './hills.ts' } },
  variants: { SAC: null, 'alpha 0': { temperature: 0, gamma: 0.8 } },
}

describe('the trainings of a study', () => {
  test('are every variant in every task, one seed after the other', () => {
    const trainings = trainingsOf(parseStudy(small))
    expect(trainings.map(training => `${nameOf(training)} ${training.seed}`)).toEqual([
      'SAC on Pendulum-v1 0',
      'alpha 0 on Pendulum-v1 0',
      'SAC on Hills 0',
      'alpha 0 on Hills 0',
      'SAC on Pendulum-v1 1',
      'alpha 0 on Pendulum-v1 1',
      'SAC on Hills 1',
      'alpha 0 on Hills 1',
    ])
  })

  test('take the settings of the variant before those of the task, and those before the ones of all', () => {
    const [, first, third] = trainingsOf(parseStudy(small))
    expect(first.settings).toEqual({
      environment: 'Pendulum-v1',
      steps: 50,
      gamma: 0.8,
      temperature: 0,
      seed: 0,
    })
    expect(third.settings).toEqual({ environment: './hills.ts', steps: 100, gamma: 0.9, seed: 0 })
    expect(first.directory).toBe('runs/Pendulum-v1/alpha-0/seed0')
  })

  test('of a sweep are every variant at every value', () => {
    const study = parseStudy({ ...small, sweeps: { tau: [0.1, 0.2], gamma: [0.5, 0.6, 0.7] } })
    expect(cellsOf(study)).toHaveLength(2 * 2 * 5)
    expect(trainingsOf(study)[7]).toMatchObject({
      settings: { gamma: 0.5, temperature: 0 },
      variant: 'alpha 0',
    })
    expect(trainingsOf(study)[7].directory).toBe('runs/Pendulum-v1/alpha-0/gamma=0.5/seed0')
  })
})

describe('what is wrong with a study is said', () => {
  test.each([
    [{ seeds: 0 }, 'Option seeds is 0; it must be a whole number of at least 1.'],
    [{ variant: {} }, 'There is no option variant; did you mean variants?'],
    [
      { published: { Dale: [{ score: 1, steps: 10, by: 'Somebody' }] } },
      "The study's published figures name Dale, which is not in it; it has Pendulum-v1, Hills.",
    ],
    [{ published: { Hills: [] } }, 'a list of { score, steps, by }'],
    [{ tasks: {} }, 'Option tasks is {}; it must be a table with at least one environment.'],
    [{ sweeps: { tau: [0.1] } }, 'a table of settings, each with at least two values'],
    [
      { charts: { One: ['SAC', 'TD4'] } },
      "The study's charts draw TD4, which is not in it; it has SAC, alpha 0.",
    ],
    [{ ranges: { Hopper: [0, 1] } }, "The study's ranges name Hopper"],
    [{ ranges: { Hills: [1, 0] } }, 'a lower and a higher return'],
    [{ variants: { 'a b': null, 'a-b': null } }, 'names too alike; rename one'],
  ])('%j', (change, message) => {
    expect(() => parseStudy({ ...small, ...change })).toThrow(message)
  })
})
