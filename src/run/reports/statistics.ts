import { mean, quantileSorted } from 'simple-statistics'
import { createRandom } from '../../random.ts'

/**
 * Mean of the values without the lowest and the highest quarter of them, each rounded down to whole values
 * (Agarwal et al. 2021, and SciPy's `trim_mean`): less noisy than the mean, more informative than the median.
 * @example
 * interquartileMean([1, 2, 3, 100]) // 2.5
 */
export function interquartileMean(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const cut = Math.floor(sorted.length / 4)
  return mean(sorted.slice(cut, sorted.length - cut))
}

/** How an interval is made. */
export interface BootstrapOptions {
  /** Default 2000. */
  resamples?: number
  /** Seed of the resampling. Default 0: the same values have the same interval. */
  seed?: number
  /** Share of the resamples within the interval. Default 0.95. */
  level?: number
}

/**
 * Percentile bootstrap: the bounds between which a statistic lies in most samples drawn, with replacement, from these
 * values. With few values it is too narrow rather than too wide.
 * @example
 * const [low, high] = bootstrapInterval(scores, interquartileMean)
 */
export const bootstrapInterval = (
  values: readonly number[],
  statistic: (values: number[]) => number,
  options?: BootstrapOptions,
): [low: number, high: number] => stratifiedInterval([values], ([sample]) => statistic(sample), options)

/**
 * The same for values in groups (the seeds of each task, say): every resample draws as many values from each group as
 * it has (the stratified bootstrap of Agarwal et al. 2021).
 */
export function stratifiedInterval(
  groups: readonly (readonly number[])[],
  statistic: (groups: number[][]) => number,
  { resamples = 2000, seed = 0, level = 0.95 }: BootstrapOptions = {},
): [low: number, high: number] {
  const random = createRandom(seed, 'bootstrap')
  const statistics = Array.from({ length: resamples }, () =>
    statistic(groups.map(values => values.map(() => values[random.integer(values.length)]))),
  ).sort((a, b) => a - b)
  return [quantileSorted(statistics, (1 - level) / 2), quantileSorted(statistics, (1 + level) / 2)]
}

/**
 * How likely a run of X scores higher than a run of Y on the same task, averaged over tasks; ties count half
 * (Agarwal et al. 2021, the Mann-Whitney statistic).
 * @param x scores of X's runs, a list for each task; `y` likewise, tasks in the same order
 * @returns 0 to 1; 0.5 where neither is better
 */
export const probabilityOfImprovement = (
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
): number => mean(x.map((scores, task) => shareOfWins(scores, y[task])))

function shareOfWins(x: readonly number[], y: readonly number[]): number {
  let wins = 0
  for (const a of x) for (const b of y) wins += a > b ? 1 : a === b ? 0.5 : 0
  return wins / (x.length * y.length)
}
