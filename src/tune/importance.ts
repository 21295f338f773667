/**
 * How much each setting decides whether a trial is a good one: PED-ANOVA (Watanabe et al. 2023), as in Optuna 5. For each
 * setting, it compares the density of the good trials' values with that of all.
 */
import { exp, log } from '../portable-math.ts'
import { choiceKernels, logDensity, type NormalKernels, type ParzenEstimator } from './parzen.ts'
import { bounds, isChoices, type Point, type Range, type Space, toCoordinate } from './space.ts'

/** Places along a range at which densities are compared. */
const GRID = 50
/** Of the deviation of normal kernels: those of a place have nine tenths of their mass in it. */
const NARROWEST = 0.5 / 1.64

/**
 * The importance of each setting of a space, at least 0; their sum is 1. Equal ones if nothing tells the good from the rest.
 * @param good points of the best trials, which are among `all`
 * @param all points of all trials, at least one
 */
export function importances(
  space: Space,
  good: readonly Point[],
  all: readonly Point[],
): Record<string, number> {
  const names = Object.keys(space)
  const divergences = names.map(name => {
    const onGrid = placesOf(space[name])
    const [ofGood, ofAll] = [good, all].map(points =>
      densityOnGrid(
        onGrid,
        points.map(point => point[name]),
      ),
    )
    // Pearson's divergence.
    return ofAll.reduce((sum, density, i) => sum + density * (ofGood[i] / density - 1) ** 2, 0)
  })
  const sum = divergences.reduce((a, b) => a + b, 0)
  return Object.fromEntries(names.map((name, i) => [name, sum > 0 ? divergences[i] / sum : 1 / names.length]))
}

/** The values of a setting as whole numbers from 0 on. */
interface Places {
  count: number
  ordered: boolean
  placeOf(value: unknown): number
}

function placesOf(part: Space[string]): Places {
  if (isChoices(part)) {
    const { choices } = part
    return { count: choices.length, ordered: false, placeOf: value => choices.indexOf(value as never) }
  }
  const count = placesIn(part)
  const [low, high] = bounds({ ...part, step: undefined })
  const width = (high - low) / (count - 1)
  return {
    count,
    ordered: true,
    placeOf(value) {
      const place = Math.ceil((toCoordinate(part, value as number) - low) / width - 0.5)
      return Math.min(count - 1, Math.max(0, place))
    },
  }
}

/** Whole numbers by their logarithms are few at the low end: no more places than powers of two. */
function placesIn({ low, high, log: isLog, step }: Range): number {
  if (step === undefined) return GRID
  if (!isLog) return Math.min(GRID, Math.round((high - low) / step) + 1)
  return Math.min(GRID, Math.ceil(log(high - low + 1) / Math.LN2) + 1)
}

/** The density of values at each place, where none is 0. */
function densityOnGrid(places: Places, values: readonly unknown[]): number[] {
  const counts = Array<number>(places.count).fill(0)
  for (const value of values) counts[places.placeOf(value)]++
  const estimator = estimatorOf(counts, places.ordered)
  return counts.map((_, place) => exp(logDensity(estimator, { place })) + 1e-12)
}

/** A kernel for each place that has values, which counts as often as it has, and a wide one. */
function estimatorOf(counts: readonly number[], ordered: boolean): ParzenEstimator {
  const taken = counts.flatMap((count, place) => (count > 0 ? [{ place, count }] : []))
  const sum = taken.reduce((sum, { count }) => sum + count, 0)
  const weights = [...taken.map(({ count }) => count / (sum + 1)), 1 / (sum + 1)]
  const place = ordered
    ? onRange(taken, counts.length)
    : choiceKernels(
        { choices: [...counts.keys()] },
        taken.map(({ place }) => place),
      )
  return { weights, kernels: { place } }
}

interface Taken {
  place: number
  count: number
}

/** Of a width by Scott's rule (1992). */
function onRange(taken: readonly Taken[], size: number): NormalKernels {
  const deviation = Math.max(NARROWEST, scottsWidth(taken))
  return {
    range: { low: 0, high: size - 1, step: 1 },
    means: [...taken.map(({ place }) => place), (size - 1) / 2],
    deviations: [...taken.map(() => deviation), size],
  }
}

function scottsWidth(taken: readonly Taken[]): number {
  const total = taken.reduce((sum, { count }) => sum + count, 0)
  const mean = taken.reduce((sum, { place, count }) => sum + place * count, 0) / total
  const squares = taken.reduce((sum, { place, count }) => sum + count * (place - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / Math.max(1, total - 1))
  const range =
    quartile(taken, Math.floor((3 * total) / 4), true) - quartile(taken, Math.floor(total / 4), false)
  return 1.059 * Math.min(range / 1.34, deviation) * exp(-0.2 * log(total))
}

/** The first place up to which there are at least so many values, or more. */
function quartile(taken: readonly Taken[], enough: number, more: boolean): number {
  let sum = 0
  const found = taken.find(({ count }) => {
    sum += count
    return more ? sum > enough : sum >= enough
  })
  return (found ?? taken[taken.length - 1]).place
}
