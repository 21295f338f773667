import { type Discrete, firstOfNoChoice } from './discrete.ts'
import { faultOf, isFiniteFloat32 } from './require.ts'

/** A box in R^n: a vector of `size` numbers, each between its own bounds. */
export interface Box {
  /** Tells it from a `Discrete` space. */
  readonly kind: 'box'
  /** Extent of each axis; observations and actions themselves are always passed flat. */
  readonly shape: readonly number[]
  /** Number of elements, the product of `shape`. */
  readonly size: number
  /** Smallest allowed value of each element, `-Infinity` allowed. */
  readonly low: Float32Array
  /** Largest allowed value of each element, `Infinity` allowed. */
  readonly high: Float32Array
}

/** What `box` takes. */
export interface BoxOptions {
  /** Smallest allowed value: one for all elements, or one for each. */
  low: number | ArrayLike<number>
  /** Largest allowed value: one for all elements, or one for each. */
  high: number | ArrayLike<number>
  /** Extent of each axis. By default one axis as long as the bounds; `[1]` if both are single numbers. */
  shape?: readonly number[]
}

/**
 * A box with the given bounds, which are rounded to float32.
 *
 * @throws RangeError if shape and bounds do not fit, a bound is no number, NaN or finite but beyond float32 (3.4e38), or
 * one of `low` is above that of `high`
 * @example
 * box({ low: -2, high: 2 })
 * box({ low: [-1, -1, -8], high: [1, 1, 8] })
 * box({ low: -Infinity, high: Infinity, shape: [17] })
 */
export function box({ low, high, shape = [lengthOf(low) ?? lengthOf(high) ?? 1] }: BoxOptions): Box {
  if (shape.length === 0 || !shape.every(extent => Number.isInteger(extent) && extent > 0)) {
    throw new RangeError(`shape is [${shape}]: it must be one or more positive whole numbers`)
  }
  const size = shape.reduce((product, extent) => product * extent, 1)
  const bounds = { low: expand('low', low, size), high: expand('high', high, size) }
  for (let i = 0; i < size; i++) {
    // Written so that NaN fails.
    if (!(bounds.low[i] <= bounds.high[i])) {
      throw new RangeError(
        `low[${i}] is ${bounds.low[i]} and high[${i}] is ${bounds.high[i]}: low must not be above high, and neither NaN`,
      )
    }
  }
  return { kind: 'box', shape: [...shape], size, ...bounds }
}

/**
 * Whether `vector` has the length of the space, and every element is within its bounds or one of its choices.
 * @example
 * contains(env.actionSpace, [0.5]) // true
 */
export function contains(space: ActionSpace, vector: ArrayLike<number>): boolean {
  return vector.length === space.size && firstOutside(space, vector) === -1
}

/**
 * Index of the first element that is NaN, no number at all, outside its bounds or none of its choices, -1 if there is none.
 *
 * Compares in float32, as bounds are: 0.7 lies within an upper bound of 0.7, whose float32 is less.
 */
export function firstOutside(space: ActionSpace, vector: ArrayLike<number>): number {
  if (space.kind === 'discrete') return firstOfNoChoice(space, vector)
  for (let i = 0; i < space.size; i++) {
    const given: unknown = vector[i]
    const value = typeof given === 'number' ? Math.fround(given) : Number.NaN
    if (!(value >= space.low[i] && value <= space.high[i])) return i
  }
  return -1
}

function lengthOf(bound: number | ArrayLike<number>): number | undefined {
  return typeof bound === 'number' ? undefined : bound?.length
}

function expand(name: string, bound: number | ArrayLike<number>, size: number): Float32Array {
  if (typeof bound === 'number') {
    requireBound(name, bound)
    return new Float32Array(size).fill(bound)
  }
  if (bound?.length !== size) {
    throw new RangeError(
      `${name} has ${bound?.length ?? 'no'} elements: it must be one number, or as many as the shape has (${size})`,
    )
  }
  for (let i = 0; i < size; i++) requireBound(`${name}[${i}]`, bound[i])
  return Float32Array.from(bound)
}

/** Bounds may be infinite, but none becomes so by rounding. NaN is found where the two are compared. */
function requireBound(where: string, bound: unknown): void {
  if (typeof bound !== 'number' || (Number.isFinite(bound) && !isFiniteFloat32(bound))) {
    throw new RangeError(`${where} is ${faultOf(bound)}`)
  }
}

/** The actions there are: real numbers within bounds, or finitely many choices. */
export type ActionSpace = Box | Discrete

/** The spaces an agent or policy lives between; every `Env` has them. */
export interface Spaces {
  /** Id of the environment, if it has one. */
  readonly id?: string
  /** What is observed; always a box. */
  readonly observationSpace: Box
  /** What can be done. */
  readonly actionSpace: ActionSpace
}
