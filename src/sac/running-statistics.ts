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
  /** @throws RangeError unless `restore` would take the state over */
  requireState(state: RunningStatisticsState): void
  /** @throws RangeError if it is of vectors of another size or damaged; nothing is changed then */
  restore(state: RunningStatisticsState): void
}

/** Running mean and variance (over the population) of vectors of `size` numbers, one pass, in float64 (Welford 1962). */
export function createRunningStatistics(size: number): RunningStatistics {
  let count = 0
  const mean = new Float64Array(size)
  const squares = new Float64Array(size)
  const normalizer = { mean: new Float32Array(size), variance: new Float32Array(size).fill(1) }

  function round(): void {
    if (count < 2) {
      normalizer.mean.fill(0)
      normalizer.variance.fill(1)
      return
    }
    for (let i = 0; i < size; i++) {
      normalizer.mean[i] = mean[i]
      normalizer.variance[i] = squares[i] / count
    }
  }

  function requireState(state: RunningStatisticsState): void {
    const { count, mean, squares } = state
    if (mean?.length !== size || squares?.length !== size) {
      throw new RangeError(`the statistics are of ${mean?.length ?? 'no'} numbers, not ${size}`)
    }
    if (!(count >= 0 && count < Infinity)) {
      throw new RangeError(`the statistics are of ${count} vectors; it must be a number of at least 0`)
    }
    const fault = mean.findIndex(
      (value, i) => !(Number.isFinite(value) && squares[i] >= 0 && squares[i] < Infinity),
    )
    if (fault !== -1) {
      throw new RangeError(
        `the statistics of element ${fault} are damaged: mean ${mean[fault]}, sum of squared distances ${squares[fault]}`,
      )
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
    requireState,
    restore(state) {
      requireState(state)
      count = state.count
      mean.set(state.mean)
      squares.set(state.squares)
      round()
    },
  }
}
