import type { Vector } from '../env/env.ts'
import type { Normalizer } from '../policy/normalizer.ts'

/** Running statistics as plain numbers that survive JSON. */
export interface RunningStatisticsState {
  /** Vectors seen. */
  count: number
  mean: number[]
  /** Sums of squared distances from the mean. */
  squares: number[]
}

/** Mean and variance of every element of the vectors seen so far. */
export interface RunningStatistics {
  /** The present ones, rounded to float32; until two vectors were seen, means of 0 and variances of 1. */
  readonly normalizer: Normalizer
  /** Vectors seen. */
  readonly count: number
  add(vector: Vector): void
  state(): RunningStatisticsState
  restore(state: RunningStatisticsState): void
}

/** Running mean and variance (over the population) of vectors of `size` numbers, one pass, in float64 (Welford 1962). */
export function createRunningStatistics(size: number): RunningStatistics {
  let count = 0
  const mean = new Float64Array(size)
  const squares = new Float64Array(size)
  const normalizer = { mean: new Float32Array(size), variance: new Float32Array(size).fill(1) }

  function round(): void {
    if (count < 2) return
    for (let i = 0; i < size; i++) {
      normalizer.mean[i] = mean[i]
      normalizer.variance[i] = squares[i] / count
    }
  }

  return {
    normalizer,
    get count() {
      return count
    },
    add(vector) {
      count++
      for (let i = 0; i < size; i++) {
        const before = vector[i] - mean[i]
        mean[i] += before / count
        squares[i] += before * (vector[i] - mean[i])
      }
      round()
    },
    state: () => ({ count, mean: [...mean], squares: [...squares] }),
    restore(state) {
      if (state.mean.length !== size || state.squares.length !== size) {
        throw new RangeError(`the statistics are of ${state.mean.length} numbers, not ${size}`)
      }
      count = state.count
      mean.set(state.mean)
      squares.set(state.squares)
      round()
    },
  }
}
