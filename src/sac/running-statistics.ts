import type { Vector } from '../env/env.ts'
import type { Normalizer } from '../policy/normalizer.ts'

/** Running statistics as plain numbers that survive JSON. */
export interface RunningStatisticsState {
  /** Vectors seen. */
  count: number
  /** Mean of the vectors less their origin. */
  mean: number[]
  /** Sums of squared distances from the mean. */
  squares: number[]
  /** Missing before the first vector; 0 where it is missing after that, as in states of earlier versions. */
  origin?: number[]
}

/** Mean and variance of the vectors themselves, and how many were seen. */
export interface Moments extends Normalizer {
  /** Vectors seen. */
  readonly count: number
}

/**
 * Largest magnitude of an origin. Float32 still holds its own largest numbers less such an origin: rounding covers
 * 1e31. For anything larger, 0 is just as near.
 */
const LARGEST_ORIGIN = 1e30

/**
 * Mean and variance of every element of the vectors seen so far, each less an origin near them. What is left is small
 * enough for float32 to hold it exactly enough, however large the vectors are compared with their spread.
 */
export interface RunningStatistics {
  /** Those of centred vectors; until two vectors were seen such that vectors are left as they are. */
  readonly normalizer: Normalizer
  /** Vectors seen. */
  readonly count: number
  /** Takes a vector as the origin, rounded to float32, if it is the first; 0 for elements beyond 1e30. */
  begin(vector: Vector): void
  /** A vector less the origin, rounded to float32, into `out`, which is returned. */
  centre(vector: Vector, out: Float32Array): Float32Array
  /** Adds a centred vector to the statistics. */
  add(centred: Float32Array): void
  /** Those of the vectors themselves, at present. */
  moments(): Moments
  /** Continues from given moments. The origin stays, if there is one. */
  takeOver(moments: Moments): void
  /** Everything that decides how they continue. */
  state(): RunningStatisticsState
  /**
   * Checks a state.
   * @throws RangeError unless `restore` would take the state over
   */
  requireState(state: RunningStatisticsState): void
  /**
   * Takes over what `state` returned.
   * @throws RangeError if it is of vectors of another size or damaged; nothing is changed then
   */
  restore(state: RunningStatisticsState): void
}

/**
 * Running mean and variance (over the population) of vectors of `size` numbers, one pass, in float64 (Welford 1962).
 * @param centred how many of them have an origin; that of those behind stays 0
 */
export function createRunningStatistics(size: number, centred = size): RunningStatistics {
  let count = 0
  let begun = false
  const origin = new Float32Array(size)
  const mean = new Float64Array(size)
  const squares = new Float64Array(size)
  const normalizer = { mean: new Float64Array(size), variance: new Float64Array(size).fill(1) }

  function refresh(): void {
    for (let i = 0; i < size; i++) {
      normalizer.mean[i] = count < 2 ? -origin[i] : mean[i]
      normalizer.variance[i] = count < 2 ? 1 : squares[i] / count
    }
  }

  function begin(vector: Vector): void {
    if (begun) return
    begun = true
    for (let i = 0; i < centred; i++) origin[i] = Math.abs(vector[i]) <= LARGEST_ORIGIN ? vector[i] : 0
    refresh()
  }

  function requireState({ count, mean, squares, origin = [] }: RunningStatisticsState): void {
    for (const numbers of [mean, squares, ...(origin.length > 0 ? [origin] : [])]) {
      if (numbers?.length === size) continue
      throw new RangeError(`the statistics are of ${numbers?.length ?? 'no'} numbers, not ${size}`)
    }
    if (!(Number.isFinite(count) && count >= 0)) {
      throw new RangeError(`the statistics are of ${count} vectors; it must be a number of at least 0`)
    }
    for (let i = 0; i < size; i++) {
      const sound = [mean[i], squares[i], origin[i] ?? 0].every(Number.isFinite) && squares[i] >= 0
      if (sound) continue
      throw new RangeError(
        `the statistics of element ${i} are damaged: mean ${mean[i]}, sum of squared distances ${squares[i]}, ` +
          `origin ${origin[i] ?? 0}`,
      )
    }
  }

  return {
    normalizer,
    get count() {
      return count
    },
    begin,
    centre(vector, out) {
      for (let i = 0; i < size; i++) out[i] = vector[i] - origin[i]
      return out
    },
    add(centred) {
      count++
      for (let i = 0; i < size; i++) {
        const before = centred[i] - mean[i]
        mean[i] += before / count
        squares[i] += before * (centred[i] - mean[i])
      }
      refresh()
    },
    moments: () => ({
      mean: normalizer.mean.map((value, i) => value + origin[i]),
      variance: normalizer.variance.slice(),
      count,
    }),
    takeOver(moments) {
      begin(moments.mean)
      count = moments.count
      for (let i = 0; i < size; i++) {
        mean[i] = moments.mean[i] - origin[i]
        squares[i] = moments.variance[i] * count
      }
      refresh()
    },
    state: () => ({ count, mean: [...mean], squares: [...squares], ...(begun && { origin: [...origin] }) }),
    requireState,
    restore(state) {
      requireState(state)
      count = state.count
      begun = state.origin !== undefined || count > 0
      mean.set(state.mean)
      squares.set(state.squares)
      origin.set(state.origin ?? new Float32Array(size))
      refresh()
    },
  }
}
