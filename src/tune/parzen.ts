/**
 * The Parzen estimator of TPE (Bergstra et al. 2011), in the form of Optuna 5: a mixture with one kernel for each point and
 * a wide one for the whole space. A kernel is a product over the settings, of normal distributions cut off at the ends
 * of the range, or of probabilities of choices.
 */
import { exp, log } from '../portable-math.ts'
import type { Random } from '../random.ts'
import { LOG_ROOT_TWO_PI, normalMass } from './normal.ts'
import {
  bounds,
  type Choices,
  fromCoordinate,
  isChoices,
  type Point,
  type Range,
  type Space,
  toCoordinate,
} from './space.ts'

/** The kernels as far as a range is concerned: means and deviations, on the axis on which the range is even. */
export interface NormalKernels {
  range: Range
  means: readonly number[]
  deviations: readonly number[]
}

/** The kernels as far as a choice is concerned: how likely each makes each of them. */
export interface ChoiceKernels {
  choices: Choices['choices']
  probabilities: readonly (readonly number[])[]
}

/** A density over a space. */
export interface ParzenEstimator {
  /** How much each kernel counts; their sum is 1. The last one is that of the whole space. */
  weights: readonly number[]
  kernels: Readonly<Record<string, NormalKernels | ChoiceKernels>>
}

/** The last 25 points count in full; those before less, the older the less. */
const FULL = 25
/** The narrowest kernels, as parts of the range, with many points. */
const NARROWEST = 100

/** The density of points that are like the given ones, oldest first. */
export function parzenEstimator(space: Space, points: readonly Point[]): ParzenEstimator {
  const ages = pointWeights(points.length)
  const sum = ages.reduce((a, b) => a + b, 0) + 1
  return {
    weights: [...ages, 1].map(weight => weight / sum),
    kernels: Object.fromEntries(
      Object.entries(space).map(([name, part]) => {
        const values = points.map(point => point[name])
        return [name, isChoices(part) ? choiceKernels(part, values) : normalKernels(part, values as number[])]
      }),
    ),
  }
}

function pointWeights(count: number): number[] {
  const old = Math.max(0, count - FULL)
  return Array.from({ length: count }, (_, i) =>
    i < old && old > 1 ? 1 / count + (i / (old - 1)) * (1 - 1 / count) : i < old ? 1 / count : 1,
  )
}

/** As wide as the larger gap to a neighbour; those at the ends as the gap to the only one. */
function normalKernels(range: Range, values: readonly number[]): NormalKernels {
  const [low, high] = bounds(range)
  const means = values.map(value => toCoordinate(range, value))
  const order = means.map((_, i) => i).sort((i, j) => means[i] - means[j])
  const width = high - low
  const narrowest = width / Math.min(NARROWEST, means.length + 2)
  const deviations: number[] = []
  for (const [place, i] of order.entries()) {
    const before = order.length > 1 && place === 0 ? undefined : (means[order[place - 1]] ?? low)
    const after =
      order.length > 1 && place === order.length - 1 ? undefined : (means[order[place + 1]] ?? high)
    const gaps = [before, after].flatMap(mean => (mean === undefined ? [] : [Math.abs(mean - means[i])]))
    deviations[i] = Math.min(width, Math.max(narrowest, ...gaps))
  }
  return { range, means: [...means, (low + high) / 2], deviations: [...deviations, width] }
}

/** The choice of the point itself, and a little of each other one, less with more points. */
export function choiceKernels({ choices }: Choices, values: readonly unknown[]): ChoiceKernels {
  const little = 1 / (values.length + 1)
  const probabilities = values.map(value =>
    choices.map(choice => (little + (choice === value ? 1 : 0)) / (1 + choices.length * little)),
  )
  return { choices, probabilities: [...probabilities, choices.map(() => 1 / choices.length)] }
}

/** A point from the density. */
export function samplePoint({ weights, kernels }: ParzenEstimator, random: Random): Point {
  const kernel = drawIndex(weights, random)
  return Object.fromEntries(
    Object.entries(kernels).map(([name, part]) => {
      if ('choices' in part) return [name, part.choices[drawIndex(part.probabilities[kernel], random)]]
      const [low, high] = bounds(part.range)
      // Ends within a third of all tries, because means are in the range and deviations at most as wide as it.
      for (;;) {
        const coordinate = part.means[kernel] + part.deviations[kernel] * random.normal()
        if (coordinate >= low && coordinate <= high) return [name, fromCoordinate(part.range, coordinate)]
      }
    }),
  )
}

function drawIndex(probabilities: readonly number[], random: Random): number {
  let left = random.uniform()
  const index = probabilities.findIndex(probability => {
    left -= probability
    return left < 0
  })
  // Rounding may leave a little.
  return index < 0 ? probabilities.length - 1 : index
}

/** The logarithm of the density at a point, for each unit of the axes on which ranges are even. */
export function logDensity({ weights, kernels }: ParzenEstimator, point: Point): number {
  const parts = Object.entries(kernels)
  const logs = weights.map((weight, kernel) =>
    parts.reduce((sum, [name, part]) => sum + logOfKernel(part, kernel, point[name]), log(weight)),
  )
  return logSum(logs)
}

function logOfKernel(part: NormalKernels | ChoiceKernels, kernel: number, value: unknown): number {
  if ('choices' in part) return log(part.probabilities[kernel][part.choices.indexOf(value as never)])
  const { range, means, deviations } = part
  const mean = means[kernel]
  const deviation = deviations[kernel]
  const standard = (coordinate: number) => (coordinate - mean) / deviation
  const [low, high] = bounds(range)
  const inside = log(normalMass(standard(low), standard(high)))
  const { step } = range
  if (step === undefined) {
    const z = standard(toCoordinate(range, value as number))
    return -(z * z) / 2 - LOG_ROOT_TWO_PI - log(deviation) - inside
  }
  const [left, right] = [-step / 2, step / 2].map(half => toCoordinate(range, (value as number) + half))
  // Far away it is 0; the wide kernel is not.
  return log(normalMass(standard(left), standard(right))) - inside
}

/** The logarithm of a sum of numbers, of their logarithms. */
function logSum(logs: readonly number[]): number {
  const largest = logs.reduce((a, b) => Math.max(a, b))
  return largest + log(logs.reduce((sum, value) => sum + exp(value - largest), 0))
}
