import { mean } from 'simple-statistics'
import type { MetricName } from '../metrics.ts'
import { experimentOf } from '../settings.ts'
import type { RunSummary } from './run-summary.ts'
import { binSeries, seriesOf } from './series.ts'
import { bootstrapInterval } from './statistics.ts'

/** One quantity over the training of the same experiment, with one seed or several. */
export interface LearningCurve {
  /** The settings that its runs have in common. */
  experiment: Record<string, unknown>
  /** How many there are. */
  runs: number
  /** By steps. */
  points: CurvePoint[]
}

/** A point of a curve. */
export interface CurvePoint {
  /** Environment steps. */
  step: number
  /** Over those of the runs that have got so far. */
  mean: number
  /** Lower bound of its 95 % bootstrap interval over the runs; missing where there is only one. */
  low?: number
  /** Upper bound, likewise. */
  high?: number
}

const PARTS = 100

/**
 * A curve for each group of runs of one environment that differ in their seeds alone, all of them over the same hundred
 * parts of the longest run's steps.
 * @example
 * for (const { runs, points } of learningCurves(summaries, 'evaluationMean')) draw(points)
 */
export function learningCurves(runs: readonly RunSummary[], metric: MetricName): LearningCurve[] {
  const end = Math.max(...runs.map(run => run.steps))
  return groupRuns(runs).map(([experiment, group]) => {
    const values = new Map<number, number[]>()
    for (const { metrics } of group) {
      for (const { step, value } of binSeries(seriesOf(metrics, metric), end, PARTS)) {
        values.set(step, [...(values.get(step) ?? []), value])
      }
    }
    const points = [...values]
      .sort(([a], [b]) => a - b)
      .map(([step, all]) => {
        if (all.length === 1) return { step, mean: all[0] }
        const [low, high] = bootstrapInterval(all, mean)
        return { step, mean: mean(all), low, high }
      })
    return { experiment, runs: group.length, points }
  })
}

/** Runs of the same experiment, in groups. */
function groupRuns(runs: readonly RunSummary[]): [experiment: Record<string, unknown>, runs: RunSummary[]][] {
  const groups = new Map<string, RunSummary[]>()
  for (const run of runs) {
    const key = JSON.stringify(experimentOf(run.settings))
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups.values()].map(group => [experimentOf(group[0].settings), group])
}
