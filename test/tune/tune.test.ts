import fc from 'fast-check'
import { mean } from 'simple-statistics'
import { describe, expect, test } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { isToBeStopped, rungsBelow } from '../../src/tune/asha.ts'
import { importances } from '../../src/tune/importance.ts'
import { normalMass } from '../../src/tune/normal.ts'
import { logDensity, parzenEstimator, samplePoint } from '../../src/tune/parzen.ts'
import {
  bounds,
  fromCoordinate,
  isIn,
  type Point,
  type Range,
  randomPoint,
  requireSpace,
  type Space,
  toCoordinate,
} from '../../src/tune/space.ts'
import { goodOnes, suggestByTpe } from '../../src/tune/tpe.ts'
import { bestFirst, type Trial } from '../../src/tune/trial.ts'

const finite = (min: number, max: number) => fc.double({ min, max, noNaN: true, noDefaultInfinity: true })
const ranges: fc.Arbitrary<Range> = fc.oneof(
  fc.tuple(finite(-1e6, 1e6), finite(1e-3, 1e6)).map(([low, width]) => ({ low, high: low + width })),
  fc
    .tuple(finite(1e-9, 10), finite(1.01, 1e6))
    .map(([low, factor]) => ({ low, high: low * factor, log: true })),
  fc
    .tuple(
      fc.integer({ min: -1000, max: 1000 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 1, max: 100 }),
    )
    .map(([low, step, steps]) => ({ low, high: low + step * steps, step })),
  fc
    .tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 10_000 }))
    .map(([low, width]) => ({ low, high: low + width, log: true, step: 1 })),
  fc
    .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 20 }))
    .map(([low, steps]) => ({ low, high: low + steps / 10, step: 0.1 })),
)
const choices = fc
  .uniqueArray(fc.oneof(fc.string(), fc.boolean(), fc.integer()), { minLength: 1, maxLength: 5 })
  .map(choices => ({ choices }))
const spaces: fc.Arbitrary<Space> = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(ranges, choices),
  { minKeys: 1, maxKeys: 4 },
)

describe('a space', () => {
  test('is one that can be searched, whatever it is made of, and every point drawn is in it', () => {
    fc.assert(
      fc.property(spaces, fc.nat(), (space, seed) => {
        requireSpace(space)
        const point = randomPoint(space, createRandom(seed, 'points'))
        expect(Object.keys(point)).toEqual(Object.keys(space))
        expect(isIn(space, point)).toBe(true)
      }),
    )
  })

  test('has numbers at whole steps from its low end, each as likely as another', () => {
    fc.assert(
      fc.property(ranges, finite(0, 1), (range, share) => {
        const [low, high] = bounds(range)
        const value = fromCoordinate(range, low + share * (high - low))
        expect(value).toBeGreaterThanOrEqual(range.low)
        expect(value).toBeLessThanOrEqual(range.high)
        if (!range.step) return
        const steps = (value - range.low) / range.step
        expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6)
        expect(fromCoordinate(range, toCoordinate(range, value))).toBe(value)
      }),
    )
    const random = createRandom(3, 'steps')
    const counts = new Map<unknown, number>()
    for (let i = 0; i < 4000; i++) {
      const { x } = randomPoint({ x: { low: 0, high: 0.3, step: 0.1 } }, random)
      counts.set(x, (counts.get(x) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual([0, 0.1, 0.2, 0.3])
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  test('by logarithms has as many numbers from 0.001 to 0.01 as from 0.01 to 0.1', () => {
    const space = { rate: { low: 1e-3, high: 1e-1, log: true } }
    const rates = Array.from(
      { length: 2000 },
      (_, number) => randomPoint(space, createRandom(100, `trial ${number}`)).rate as number,
    )
    expect(Math.abs(rates.filter(rate => rate < 1e-2).length - 1000)).toBeLessThan(100)
    expect(mean(rates.map(Math.log10))).toBeCloseTo(-2, 1)
  })

  test.each([
    [{}, 'There is nothing to search: the space has no setting.'],
    [
      { gamma: { low: 1, high: 0.9 } },
      'The space of gamma is {"low":1,"high":0.9}; low and high must be numbers, low below high.',
    ],
    [{ tau: { low: 0, high: 1, log: true } }, 'with log, low must be above 0.'],
    [{ tau: { low: 0, high: 1, step: 0 } }, 'step must be a number above 0.'],
    [{ tau: { low: 0, high: 1, step: 0.3 } }, 'high must be low and a number of whole steps.'],
    [{ tau: { low: 0.1, high: 1, step: 0.1, log: true } }, 'with log, step can only be 1, for whole numbers'],
    [{ nStep: { choices: [] } }, 'it must have a list with at least one choice.'],
    [{ nStep: { choices: [1, 1] } }, 'its choices must all be different.'],
  ])('is refused if it is %j', (space: Space, message) => {
    expect(() => requireSpace(space)).toThrow(message)
  })
})

describe('probabilities of the normal distribution', () => {
  test.each([
    [-1, 1, 0.6826894921370859],
    [0, 0.001, 3.9894221391033785e-4],
    [-9, 2.4, 0.9918024640754038],
    [-9, 2.6, 0.9953388119762813],
    [6, 7, 9.85307829e-10],
    [-38, -37, 5.725571222524e-300],
    [40, 41, 0],
  ])('between %d and %d', (a, b, expected) => {
    expect(Math.abs(normalMass(a, b) - expected)).toBeLessThanOrEqual(1e-8 * expected)
    expect(normalMass(-b, -a)).toBe(normalMass(a, b))
  })
})

describe('a density', () => {
  const space: Space = {
    x: { low: 0, high: 10 },
    n: { low: 1, high: 3, step: 1 },
    c: { choices: ['a', 'b'] },
  }

  test('has the integral 1', () => {
    const random = createRandom(1, 'points')
    const estimator = parzenEstimator(
      space,
      Array.from({ length: 6 }, () => randomPoint(space, random)),
    )
    let integral = 0
    for (let x = 0.005; x < 10; x += 0.01) {
      for (const n of [1, 2, 3])
        for (const c of ['a', 'b']) integral += 0.01 * Math.exp(logDensity(estimator, { x, n, c }))
    }
    expect(integral).toBeCloseTo(1, 4)
  })

  test('is that of the points drawn from it', () => {
    const points: Point[] = [
      { x: 2, n: 1, c: 'a' },
      { x: 3, n: 1, c: 'a' },
    ]
    const estimator = parzenEstimator(space, points)
    const random = createRandom(1, 'sample')
    const drawn = Array.from({ length: 4000 }, () => samplePoint(estimator, random))
    expect(drawn.every(point => isIn(space, point))).toBe(true)
    const likely = (n: number, c: string) => {
      let sum = 0
      for (let x = 0.025; x < 10; x += 0.05) sum += 0.05 * Math.exp(logDensity(estimator, { x, n, c }))
      return sum
    }
    for (const n of [1, 2, 3])
      for (const c of ['a', 'b']) {
        const share = drawn.filter(point => point.n === n && point.c === c).length / drawn.length
        expect(Math.abs(share - likely(n, c))).toBeLessThan(0.03)
      }
  })
})

/** Trials that have ended with the value of a function. */
const completed = (points: readonly Point[], value: (point: Point) => number): Trial[] =>
  points.map((point, number) => ({ number, point, state: 'complete', reports: [], value: value(point) }))

describe('TPE', () => {
  const space: Space = { x: { low: 0, high: 1 }, way: { choices: ['a', 'b', 'c'] } }
  const value = ({ x, way }: Point) => (way === 'b' ? 1 : 0) - (Number(x) - 0.7) ** 2
  const random = createRandom(1, 'points')
  const points = Array.from({ length: 30 }, () => randomPoint(space, random))

  test('draws at random until enough trials have ended', () => {
    const few = completed(points.slice(0, 9), value)
    const of = (trials: Trial[]) => suggestByTpe(space, trials, createRandom(1, 'next'))
    expect(of(few)).toEqual(randomPoint(space, createRandom(1, 'next')))
    expect(of([...few, { ...few[0], number: 9, state: 'running' }])).toEqual(of(few))
    expect(of(completed(points.slice(0, 10), value))).not.toEqual(of(few))
  })

  test('then tries where the best are', () => {
    const trials = completed(points, value)
    const next = Array.from({ length: 40 }, (_, i) => suggestByTpe(space, trials, createRandom(i, 'next')))
    expect(next.filter(({ way }) => way === 'b').length).toBeGreaterThan(25)
    expect(mean(next.map(({ x }) => Math.abs(Number(x) - 0.7)))).toBeLessThan(0.2)
  })

  test('and, several at once, not where others try', () => {
    const trials = completed(points, value)
    const alone = suggestByTpe(space, trials, createRandom(5, 'next'))
    const crowd = Array.from({ length: 30 }, (_, i): Trial => {
      return { number: 30 + i, point: alone, state: 'running', reports: [] }
    })
    const distance = (others: Trial[]) =>
      mean(
        Array.from({ length: 40 }, (_, i) => {
          const { x } = suggestByTpe(space, [...trials, ...others], createRandom(i, 'next'))
          return Math.abs(Number(x) - Number(alone.x))
        }),
      )
    expect(distance(crowd)).toBeGreaterThan(distance([]) * 1.5)
  })

  test('counts the best tenth as good, at most 25', () => {
    expect([10, 11, 60, 1000].map(goodOnes)).toEqual([1, 2, 6, 25])
  })
})

test('of trials, complete ones come before those that were stopped, by how far they came, and those before failures', () => {
  const trial = (number: number, state: Trial['state'], value?: number, step?: number): Trial => {
    const reports = step === undefined ? [] : [{ step, value: value! }]
    return { number, point: {}, state, reports, value }
  }
  const trials = [
    trial(0, 'failed'),
    trial(1, 'stopped', 99, 100),
    trial(2, 'complete', 1, 900),
    trial(3, 'running'),
    trial(4, 'stopped', 5, 300),
    trial(5, 'complete', 2, 900),
    trial(6, 'stopped', 6, 300),
    trial(7, 'stopped'),
  ]
  expect(bestFirst(trials).map(({ number }) => number)).toEqual([5, 2, 6, 4, 1, 7, 0])
})

describe('successive halving', () => {
  const stopping = { firstRung: 100, reduction: 3 }

  test('compares after so many times the steps, below the end', () => {
    expect(rungsBelow(900, stopping)).toEqual([100, 300])
    expect(rungsBelow(901, stopping)).toEqual([100, 300, 900])
    expect(rungsBelow(100, stopping)).toEqual([])
  })

  const at = (number: number, ...values: [step: number, value: number][]): Trial => {
    const reports = values.map(([step, value]) => ({ step, value }))
    return { number, point: {}, state: 'running', reports }
  }

  test('stops who is not among the best third at a rung, and nobody between rungs', () => {
    const others = [1, 2, 3, 4, 5].map(value => at(value, [100, value]))
    const stops = (...values: [number, number][]) => isToBeStopped(at(0, ...values), others, stopping)
    // Of six, two pass.
    expect(stops([100, 4.5])).toBe(false)
    expect(stops([100, 3.5])).toBe(true)
    expect(stops([100, 9], [200, -9])).toBe(false)
    expect(stops([99, -9])).toBe(false)
    // A report that is late is compared at the rung that it passes.
    expect(stops([150, 3.5])).toBe(true)
    expect(isToBeStopped(at(0), others, stopping)).toBe(false)
  })

  test('lets the best go on, whenever it comes, and about a third in all', () => {
    const value = fc.integer({ min: -1000, max: 1000 })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 2, max: 5 }),
        (values, reduction) => {
          const trials: Trial[] = []
          const passed: number[] = []
          for (const [number, value] of values.entries()) {
            const trial = at(number, [100, value])
            trials.push(trial)
            if (!isToBeStopped(trial, trials, { firstRung: 100, reduction })) passed.push(number)
          }
          let best = -Infinity
          for (const [number, value] of values.entries()) {
            if (value > best) expect(passed).toContain(number)
            best = Math.max(best, value)
          }
          const last = at(values.length, [100, best + 1])
          expect(isToBeStopped(last, trials, { firstRung: 100, reduction })).toBe(false)
          const worst = at(values.length, [100, Math.min(...values) - 1])
          expect(isToBeStopped(worst, trials, { firstRung: 100, reduction })).toBe(true)
        },
      ),
    )
    const random = createRandom(1, 'values')
    const trials: Trial[] = []
    const stopped = Array.from({ length: 900 }, (_, number) => {
      const trial = at(number, [100, random.normal()])
      trials.push(trial)
      return isToBeStopped(trial, trials, stopping)
    })
    const passed = stopped.filter(stops => !stops).length
    expect(passed).toBeGreaterThan(250)
    expect(passed).toBeLessThan(350)
  })
})

describe('importances', () => {
  const space: Space = {
    much: { low: 0, high: 1 },
    some: { choices: ['a', 'b', 'c'] },
    none: { low: 1, high: 1000, log: true, step: 1 },
  }
  const random = createRandom(1, 'points')
  const points = Array.from({ length: 200 }, () => randomPoint(space, random))
  const best = (value: (point: Point) => number) =>
    [...points].sort((a, b) => value(b) - value(a)).slice(0, 50)

  test('are those of what the values depend on', () => {
    const good = best(({ much, some }) => Number(much) + (some === 'a' ? 0.3 : 0))
    const { much, some, none } = importances(space, good, points)
    expect(much + some + none).toBeCloseTo(1, 12)
    expect(much).toBeGreaterThan(2 * some)
    expect(some).toBeGreaterThan(3 * none)
  })

  test('are equal where nothing tells the good from the rest', () => {
    expect(importances(space, points, points)).toEqual({ much: 1 / 3, some: 1 / 3, none: 1 / 3 })
  })
})
