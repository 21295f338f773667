import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mean } from 'simple-statistics'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { bestTrial, openSearch } from '../../src/run/tune/search.ts'
import { isToBeStopped } from '../../src/tune/asha.ts'
import { importances } from '../../src/tune/importance.ts'
import { logDensity, parzenEstimator } from '../../src/tune/parzen.ts'
import { type Point, randomPoint, type Space } from '../../src/tune/space.ts'
import { suggestByTpe } from '../../src/tune/tpe.ts'
import type { Trial } from '../../src/tune/trial.ts'
import { runPython } from './python.ts'
import { compareMeans } from './statistics.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tune-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function askOptuna<T>(cases: readonly ({ what: string } & Record<string, unknown>)[]): Promise<T[]> {
  const path = join(folder, 'cases.json')
  writeFileSync(path, JSON.stringify(cases))
  return runPython<T[]>('tune_oracle.py', path)
}

/** One of each kind. */
const space: Space = {
  rate: { low: 1e-5, high: 1e-1, log: true },
  gamma: { low: 0.9, high: 1 },
  share: { low: 0, high: 1, step: 0.005 },
  units: { low: 16, high: 512, step: 4 },
  starts: { low: 10, high: 10_000, log: true, step: 1 },
  kind: { choices: ['relu', 'tanh', true, 3] },
}

const randomPoints = (space: Space, count: number, seed: number): Point[] => {
  const random = createRandom(seed, 'points')
  return Array.from({ length: count }, () => randomPoint(space, random))
}

/** NumPy sorts equal numbers in any order, so that widths of their kernels may be exchanged. */
const withoutTies = (points: readonly Point[]): Point[] =>
  points.filter(
    (point, i) =>
      !points
        .slice(0, i)
        .some(other => Object.keys(space).some(name => name !== 'kind' && other[name] === point[name])),
  )

/** Optuna's densities are those of values, ours those of places on the axis: where that is the logarithm, both take it. */
describe('the density of TPE is that of Optuna', () => {
  const counts = [0, 1, 2, 3, 7, 24, 25, 26, 27, 60]
  const cases = counts.map(count => {
    const points = withoutTies(randomPoints(space, 10 * count, count)).slice(0, count)
    return { what: 'density', space, points, probes: randomPoints(space, 20, 99) }
  })

  test('in its weights, its kernels and its values', async () => {
    const answers = await askOptuna<{
      weights: number[]
      kernels: Record<string, Record<string, number[] | number[][]>>
      logDensities: number[]
    }>(cases)
    for (const [i, { points, probes }] of cases.entries()) {
      expect(points).toHaveLength(counts[i])
      const estimator = parzenEstimator(space, points)
      closeTo(estimator.weights, answers[i].weights, 1e-14)
      for (const [name, kernels] of Object.entries(answers[i].kernels)) {
        for (const [part, values] of Object.entries(kernels)) {
          const own = (estimator.kernels[name] as unknown as Record<string, number[]>)[part]
          closeTo(own.flat(), values.flat(), 1e-12)
        }
      }
      closeTo(
        probes.map(point => logDensity(estimator, point)),
        answers[i].logDensities,
        1e-8,
      )
    }
  })
})

function closeTo(own: readonly number[], theirs: readonly number[], tolerance: number): void {
  expect(own).toHaveLength(theirs.length)
  for (const [i, value] of own.entries()) {
    expect(Math.abs(value - theirs[i]), `${value} and ${theirs[i]}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(theirs[i])),
    )
  }
}

describe('importances are those of Optuna', () => {
  const scoreOf = ({ rate, gamma, kind }: Point) =>
    -((Math.log10(Number(rate)) + 3) ** 2) + 5 * Number(gamma) + (kind === 'tanh' ? 1 : 0)
  const cases = [
    { count: 12, quantile: 0.1 },
    { count: 40, quantile: 0.25 },
    { count: 100, quantile: 0.1 },
    { count: 200, quantile: 0.25 },
    // Few places, with narrow kernels.
    { count: 200, quantile: 0.02 },
  ].map(({ count, quantile }) => {
    const points = randomPoints(space, count, count)
    return { what: 'importance', space, quantile, points, values: points.map(scoreOf) }
  })

  test('for the best of random points', async () => {
    const answers = await askOptuna<Record<string, number>>(cases)
    for (const [i, { points, values, quantile }] of cases.entries()) {
      const order = points.map((_, i) => i).sort((i, j) => values[j] - values[i])
      const good = order.slice(0, Math.ceil(quantile * points.length)).map(i => points[i])
      const own = importances(space, good, points)
      for (const [name, theirs] of Object.entries(answers[i])) expect(own[name]).toBeCloseTo(theirs, 9)
      expect(Object.keys(own).sort()).toEqual(Object.keys(answers[i]).sort())
    }
  })
})

describe('ASHA stops the trials that Optuna stops', () => {
  const cases = [2, 3, 4].map(reduction => {
    const random = createRandom(reduction, 'curves')
    const curves = Array.from({ length: 40 }, () => random.normal())
    // Four at once, each as fast as chance has it.
    const reports: [number, number, number][] = []
    const steps = curves.map(() => 0)
    for (let first = 0; first < curves.length; first += 4) {
      for (let left = 4 * 27; left > 0; left--) {
        const number = first + random.integer(4)
        if (steps[number] === 27) continue
        steps[number]++
        reports.push([number, 100 * steps[number], curves[number] + 0.3 * random.normal()])
      }
    }
    return { what: 'stops', firstRung: 100, reduction, curves, reports }
  })

  test('and when it does', async () => {
    const answers = await askOptuna<Record<string, number>>(cases)
    for (const [i, { curves, reports, ...stopping }] of cases.entries()) {
      const trials: Trial[] = curves.map((_, number) => ({
        number,
        point: {},
        state: 'running',
        reports: [],
      }))
      const stopped: Record<string, number> = {}
      for (const [number, step, value] of reports) {
        if (number in stopped) continue
        trials[number] = { ...trials[number], reports: [...trials[number].reports, { step, value }] }
        if (isToBeStopped(trials[number], trials, stopping)) stopped[number] = step
      }
      expect(stopped).toEqual(answers[i])
      expect(Object.keys(stopped).length).toBeGreaterThan(10)
      expect(Object.keys(stopped).length).toBeLessThan(40)
    }
  })
})

/** As in the other program. */
const functions: Record<string, { space: Space; value(point: Point): number }> = {
  sphere: {
    space: Object.fromEntries([0, 1, 2].map(i => [`x${i}`, { low: -5, high: 5 }])),
    value: point => -Object.values(point).reduce<number>((sum, x) => sum + Number(x) ** 2, 0),
  },
  rates: {
    space: {
      rate: { low: 1e-5, high: 1e-1, log: true },
      gamma: { low: 0.9, high: 1 },
      size: { low: 16, high: 512, log: true, step: 1 },
      way: { choices: ['a', 'b', 'c'] },
    },
    value: ({ rate, gamma, size, way }) =>
      -(Math.log10(Number(rate) / 3e-3) ** 2) -
      (20 * (Number(gamma) - 0.99)) ** 2 -
      Math.log2(Number(size) / 128) ** 2 / 4 -
      { a: 0, b: 0.5, c: 1 }[way as 'a' | 'b' | 'c'],
  },
  valley: {
    space: { x: { low: -2, high: 2 }, y: { low: -1, high: 3 } },
    value: ({ x, y }) => -((1 - Number(x)) ** 2) - 100 * (Number(y) - Number(x) ** 2) ** 2,
  },
}

function search(name: string, seed: number, count: number, suggest: typeof suggestByTpe): number {
  const { space, value } = functions[name]
  const trials: Trial[] = []
  for (let number = 0; number < count; number++) {
    const point = suggest(space, trials, createRandom(seed, `trial ${number}`))
    trials.push({ number, point, state: 'complete', reports: [], value: value(point) })
  }
  return Math.max(...trials.map(({ value }) => value!))
}

test('TPE finds what that of Optuna finds, on average, and more than chance', async () => {
  const [seeds, count] = [30, 60]
  const [theirs] = await askOptuna<Record<string, number[]>>([{ what: 'search', seeds, trials: count }])
  for (const name of Object.keys(functions)) {
    // Logarithms, because the regret of lucky seeds is a hundredth of that of others.
    const regrets = (values: readonly number[]) => values.map(value => Math.log10(1e-6 - value))
    const bestOf = (suggest: typeof suggestByTpe) =>
      regrets(Array.from({ length: seeds }, (_, seed) => search(name, seed, count, suggest)))
    const [own, chance] = [bestOf(suggestByTpe), bestOf((space, _, random) => randomPoint(space, random))]
    expect(compareMeans(own, regrets(theirs[name])), name).toBeGreaterThan(0.001)
    expect(mean(own), name).toBeLessThan(mean(chance) - 0.1)
  }
})

test('Optuna opens the journal of a search, and sees what it did', async () => {
  const path = join(folder, 'journal.log')
  const stopping = { firstRung: 10, reduction: 2 }
  const search = openSearch(path, {
    name: 'Pendulum-v1',
    space,
    stopping,
    about: { settings: { steps: 100 } },
  })
  for (let i = 0; i < 14; i++) {
    const { number } = search.next()
    if (number === 3) search.fail(number, 'Update 7 diverged.')
    else if (!search.report(number, { step: 10, value: Math.sin(number) }) && number < 13)
      search.complete(number, { step: 100, value: 2 * Math.sin(number) })
  }
  const [read] = await askOptuna<{
    direction: string
    userAttributes: Record<string, unknown>
    best: number
    trials: {
      state: string
      value: number | null
      params: Point
      distributions: Record<string, string>
      reports: [number, number][]
      attributes: Record<string, unknown>
      began: number
      seconds: number | null
    }[]
  }>([{ what: 'journal', path, study: 'Pendulum-v1' }])
  const trials = search.trials()
  expect(read.direction).toBe('MAXIMIZE')
  expect(read.userAttributes).toMatchObject({
    search: { sampler: 'tpe', stopping, settings: { steps: 100 } },
  })
  expect(read.best).toBe(bestTrial(trials)!.number)
  const names = { running: 'RUNNING', complete: 'COMPLETE', stopped: 'PRUNED', failed: 'FAIL' }
  expect(new Set(read.trials.map(({ state }) => state))).toEqual(new Set(Object.values(names)))
  for (const [i, trial] of trials.entries()) {
    const { state, value, params, reports, attributes, began, seconds } = read.trials[i]
    expect(state).toBe(names[trial.state])
    expect(value).toBe(trial.value ?? null)
    expect(params).toEqual(trial.point)
    expect(reports).toEqual(trial.reports.map(({ step, value }) => [step, value]))
    expect(attributes).toEqual(trial.message === undefined ? {} : { message: trial.message })
    expect(Math.abs(Date.now() / 1000 - began)).toBeLessThan(600)
    expect(seconds === null).toBe(trial.state === 'running')
  }
  expect(read.trials[0].distributions).toEqual({
    rate: 'FloatDistribution(high=0.1, log=True, low=1e-05, step=None)',
    gamma: 'FloatDistribution(high=1.0, log=False, low=0.9, step=None)',
    share: 'FloatDistribution(high=1.0, log=False, low=0.0, step=0.005)',
    units: 'IntDistribution(high=512, log=False, low=16, step=4)',
    starts: 'IntDistribution(high=10000, log=True, low=10, step=1)',
    kind: "CategoricalDistribution(choices=('relu', 'tanh', True, 3))",
  })
})

test('a search goes on in a journal in which Optuna has made trials of its own', async () => {
  const path = join(folder, 'shared.log')
  const options = { name: 'shared', space }
  for (let i = 0; i < 3; i++) {
    const search = openSearch(path, options)
    search.complete(search.next().number, { step: 1, value: i })
  }
  const [{ added }] = await askOptuna<{ added: { params: Point; value: number }[] }>([
    { what: 'add', path, study: 'shared', space, count: 12 },
  ])
  const search = openSearch(path, options)
  const { number } = search.next()
  expect(number).toBe(15)
  search.complete(number, { step: 1, value: 5 })
  const trials = search.trials()
  expect(trials.slice(3, 15).map(({ point, value }) => ({ params: point, value }))).toEqual(added)
  const [read] = await askOptuna<{ trials: { value: number }[] }>([
    { what: 'journal', path, study: 'shared' },
  ])
  expect(read.trials.map(({ value }) => value)).toEqual(trials.map(({ value }) => value))
})
