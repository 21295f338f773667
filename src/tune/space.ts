/** Spaces of settings to search: ranges of numbers, and choices. */
import { OptionError } from '../options.ts'
import { exp, log } from '../portable-math.ts'
import type { Random } from '../random.ts'

/** What a setting may be. */
export type Choice = number | string | boolean

/** All numbers from `low` to `high`, both included. */
export interface Range {
  /** The smallest. */
  low: number
  /** The largest. */
  high: number
  /** Whether each factor counts the same, as from 0.001 to 0.01 and from 0.01 to 0.1; `low` is then above 0. Default false. */
  log?: boolean
  /** Distance of the numbers that are allowed, counted from `low`; with `log` it can only be 1. Default: any number. */
  step?: number
}

/** One of several values, in no order. */
export interface Choices {
  /** At least one, all different. */
  choices: readonly Choice[]
}

/** What is searched: names of settings, each with the values that it may take. */
export type Space = Readonly<Record<string, Range | Choices>>

/** A value for each setting of a space. */
export type Point = Readonly<Record<string, Choice>>

/** Whether a part of a space is a list of choices. */
export const isChoices = (part: Range | Choices): part is Choices => 'choices' in part

/**
 * Throws unless a space is one that can be searched.
 * @throws OptionError that names each faulty setting, what it is and what is allowed, a sentence each
 */
export function requireSpace(space: Space): void {
  const entries = Object.entries(space)
  if (entries.length === 0) throw new OptionError('There is nothing to search: the space has no setting.')
  const faults = entries.flatMap(([name, part]) => {
    const fault = isChoices(part) ? faultOfChoices(part) : faultOfRange(part)
    return fault ? [`The space of ${name} is ${JSON.stringify(part)}; ${fault}.`] : []
  })
  if (faults.length > 0) throw new OptionError(faults.join('\n'))
}

function faultOfChoices({ choices }: Choices): string | undefined {
  if (!Array.isArray(choices) || choices.length === 0) return 'it must have a list with at least one choice'
  return new Set(choices).size < choices.length ? 'its choices must all be different' : undefined
}

function faultOfRange({ low, high, log = false, step }: Range): string | undefined {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high)) {
    return 'low and high must be numbers, low below high'
  }
  if (log && low <= 0) return 'with log, low must be above 0'
  if (step === undefined) return undefined
  if (!(Number.isFinite(step) && step > 0)) return 'step must be a number above 0'
  if (log && !(step === 1 && Number.isInteger(low)))
    return 'with log, step can only be 1, for whole numbers; leave it out'
  const steps = (high - low) / step
  if (Math.abs(steps - Math.round(steps)) > 1e-9 * steps)
    return 'high must be low and a number of whole steps'
  return undefined
}

/** A point drawn at random: each choice, number or, with `log`, factor is as likely as another. */
export const randomPoint = (space: Space, random: Random): Point =>
  Object.fromEntries(
    Object.entries(space).map(([name, part]) => {
      if (isChoices(part)) return [name, part.choices[random.integer(part.choices.length)]]
      const [low, high] = bounds(part)
      return [name, fromCoordinate(part, random.uniform(low, high))]
    }),
  )

/** Where a number lies on the axis on which a range is even: itself, or its logarithm. */
export const toCoordinate = (range: Range, value: number): number => (range.log ? log(value) : value)

/** The ends of that axis; numbers at a distance have half a step beyond them, so that each has as much room. */
export function bounds(range: Range): readonly [low: number, high: number] {
  const half = (range.step ?? 0) / 2
  return [toCoordinate(range, range.low - half), toCoordinate(range, range.high + half)]
}

const DIGITS = 4

/** The number of a range nearest to a place on the axis; any number is rounded to four digits, for people. */
export function fromCoordinate(range: Range, coordinate: number): number {
  const { low, high, step } = range
  const value = range.log ? exp(coordinate) : coordinate
  // Sums of steps such as 0.1 would end in noise.
  const near = step
    ? Number((low + Math.round((value - low) / step) * step).toPrecision(12))
    : Number(value.toPrecision(DIGITS))
  return Math.min(high, Math.max(low, near))
}

/** Whether a point has a value of the space for each setting; it may have more. */
export const isIn = (space: Space, point: Point): boolean =>
  Object.entries(space).every(([name, part]) => {
    const value = point[name]
    if (isChoices(part)) return part.choices.includes(value)
    return typeof value === 'number' && value >= part.low && value <= part.high
  })
