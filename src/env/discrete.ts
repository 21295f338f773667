import { describe } from './require.ts'

/** Finitely many actions: each is one whole number, or several such numbers at once. */
export interface Discrete {
  /** Tells it from a `Box`. */
  readonly kind: 'discrete'
  /** How many different actions there are, the product of `nvec`. */
  readonly n: number
  /** How many values each number of an action has. */
  readonly nvec: readonly number[]
  /** The smallest value of each number. */
  readonly start: readonly number[]
  /** Numbers in an action, as many as `nvec` has. */
  readonly size: number
}

/**
 * A space of `n` actions, the numbers from `start` to `start + n - 1`. An action is a vector of this one number.
 *
 * @throws RangeError if `n` is not a whole number of at least 1, or `start` not a whole number
 * @example
 * discrete(4) // 0, 1, 2 or 3
 */
export const discrete = (n: number, { start = 0 }: DiscreteOptions = {}): Discrete =>
  multiDiscrete([n], { start: [start] })

/** What `multiDiscrete` takes beside the numbers of values. */
export interface MultiDiscreteOptions {
  /** The smallest value of each number, whole numbers below 2^24 in magnitude. Default: 0 for each. */
  start?: readonly number[]
}

/** What `discrete` takes beside the number of actions. */
export interface DiscreteOptions {
  /** The smallest action, a whole number below 2^24 in magnitude. Default 0. */
  start?: number
}

/**
 * A space of several choices at once: an action is a vector of as many whole numbers as `nvec` has, number i from
 * `start[i]` to `start[i] + nvec[i] - 1`. An agent takes each combination for an action of its own.
 *
 * @throws RangeError if `nvec` is empty or has something else than whole numbers of at least 1, or `start` is not as many
 * whole numbers
 * @example
 * multiDiscrete([3, 2]) // left, straight on or right; and brake or not: 6 actions
 */
export function multiDiscrete(
  nvec: readonly number[],
  { start = nvec.map(() => 0) }: MultiDiscreteOptions = {},
): Discrete {
  if (nvec.length === 0) throw new RangeError('nvec is empty: an action needs at least one number')
  for (const [i, n] of nvec.entries()) {
    const where = nvec.length === 1 ? 'n' : `nvec[${i}]`
    if (Number.isSafeInteger(n) && n >= 1) continue
    throw new RangeError(`${where} is ${describe(n)}: it must be a whole number of at least 1`)
  }
  if (start.length !== nvec.length || !start.every(isExact)) {
    throw new RangeError(
      `start is ${start.length === 1 ? describe(start[0]) : `[${start}]`}: it must be a whole number below 2^24 in magnitude for each number of an action`,
    )
  }
  return {
    kind: 'discrete',
    n: nvec.reduce((product, n) => product * n, 1),
    nvec: [...nvec],
    start: [...start],
    size: nvec.length,
  }
}

/** Whether float32, in which actions are passed, holds a whole number and its neighbours. */
const isExact = (value: unknown): boolean => Number.isInteger(value) && Math.abs(value as number) < 2 ** 24

/** Index of the first number of an action that is none of its choices, -1 if there is none. */
export function firstOfNoChoice({ nvec, start, size }: Discrete, action: ArrayLike<number>): number {
  for (let i = 0; i < size; i++) {
    const choice = action[i] - start[i]
    if (!(typeof action[i] === 'number' && Number.isInteger(choice) && choice >= 0 && choice < nvec[i]))
      return i
  }
  return -1
}

/**
 * The number of an action among all, from 0 to n - 1: its first number counts most.
 * @param action `size` elements
 * @throws RangeError for an action that is not of the space
 */
export function indexOfAction(space: Discrete, action: ArrayLike<number>): number {
  const { nvec, start, size } = space
  const wrong = firstOfNoChoice(space, action)
  if (wrong !== -1) {
    throw new RangeError(
      `action[${wrong}] is ${describe(action[wrong])}: it must be a whole number from ${start[wrong]} to ` +
        `${start[wrong] + nvec[wrong] - 1}`,
    )
  }
  let index = 0
  for (let i = 0; i < size; i++) index = index * nvec[i] + action[i] - start[i]
  return index
}

/** The action with a number from 0 to n - 1, into `out`: the inverse of `indexOfAction`. */
export function actionAt({ nvec, start, size }: Discrete, index: number, out: Float32Array): Float32Array {
  let rest = index
  for (let i = size - 1; i >= 0; i--) {
    out[i] = start[i] + (rest % nvec[i])
    rest = Math.floor(rest / nvec[i])
  }
  return out
}
