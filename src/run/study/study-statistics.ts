/** The figures of a study: interquartile means with intervals, and how likely one variant beats another. */
import { mean } from 'simple-statistics'
import {
  bootstrapInterval,
  interquartileMean,
  probabilityOfImprovement,
  stratifiedInterval,
} from '../reports/statistics.ts'
import type { Cell } from './study-file.ts'
import type { ScorePoint, StudyResults, TrainingResult } from './study-results.ts'

/** A value and its 95 % bootstrap interval. */
export interface Estimate {
  value: number
  low: number
  high: number
}

/** The trainings of a cell that have a score: those that finished, and those that failed after an evaluation. */
export const ended = (results: readonly TrainingResult[], cell: Cell): TrainingResult[] =>
  results.filter(result => result.status !== 'open' && result.points.length > 0 && isOf(result, cell))

/** How many trainings of a cell failed. */
export const failures = (results: readonly TrainingResult[], cell: Cell): number =>
  results.filter(result => result.status === 'failed' && isOf(result, cell)).length

const isOf = (result: TrainingResult, { task, variant, sweep }: Cell) =>
  result.task === task &&
  result.variant === variant &&
  result.sweep?.setting === sweep?.setting &&
  result.sweep?.value === sweep?.value

/** The score of a training: its last evaluation or, if it failed, the last one before that. */
export const finalScore = ({ points }: TrainingResult): number => points[points.length - 1].score

/** Interquartile mean of scores; undefined where there is none. */
export function estimate(scores: readonly number[]): Estimate | undefined {
  if (scores.length === 0) return undefined
  const [low, high] = bootstrapInterval(scores, interquartileMean)
  return { value: interquartileMean(scores), low, high }
}

/** Interquartile mean over the seeds of a cell at each step that was evaluated. */
export function curveOf(results: readonly TrainingResult[]): (Estimate & { step: number })[] {
  const steps = [...new Set(results.flatMap(({ points }) => points.map(({ step }) => step)))].sort(
    (a, b) => a - b,
  )
  return steps.flatMap(step => {
    const scores = results
      .flatMap(({ points }) => points.filter(point => point.step === step))
      .map(({ score }) => score)
    return { step, ...estimate(scores)! }
  })
}

/**
 * Scores at a point of training, on the straight line between the evaluations around it; those of runs that have not
 * come so far are missing.
 */
export function scoresAt(
  results: readonly TrainingResult[],
  axis: 'step' | 'processorSeconds',
  at: number,
): number[] {
  return results.flatMap(({ points }) => {
    const next = points.findIndex(point => point[axis] >= at)
    if (next < 0) return []
    return next === 0 ? points[0].score : interpolate(points[next - 1], points[next], axis, at)
  })
}

function interpolate(a: ScorePoint, b: ScorePoint, axis: 'step' | 'processorSeconds', at: number): number {
  const share = b[axis] > a[axis] ? (at - a[axis]) / (b[axis] - a[axis]) : 1
  return a.score + share * (b.score - a.score)
}

/** The figures of one variant over all tasks. */
export interface Overall {
  /** Interquartile mean of normalised scores over tasks and seeds, 0 and 1 as `ranges` say. */
  normalised: Estimate
  /** How likely it beats the first variant; missing for the first itself. */
  beatsFirst?: Estimate
}

/** Undefined where a task has no score of the variant, or of the first one. */
export function overallOf({ study, results }: StudyResults, variant: string): Overall | undefined {
  const tasks = Object.keys(study.tasks)
  const [first] = Object.keys(study.variants)
  const scores = (name: string) =>
    tasks.map(task =>
      ended(results, { task, variant: name }).map(result => normalise(study, results, result)),
    )
  const [own, firsts] = [scores(variant), scores(first)]
  if ([...own, ...firsts].some(group => group.length === 0)) return undefined
  const pooled = (groups: number[][]) => interquartileMean(groups.flat())
  const [low, high] = stratifiedInterval(own, pooled)
  const normalised = { value: pooled(own), low, high }
  return variant === first ? { normalised } : { normalised, beatsFirst: improvement(own, firsts) }
}

function improvement(own: number[][], firsts: number[][]): Estimate {
  const statistic = (groups: number[][]) =>
    probabilityOfImprovement(groups.slice(0, own.length), groups.slice(own.length))
  const [low, high] = stratifiedInterval([...own, ...firsts], statistic)
  return { value: probabilityOfImprovement(own, firsts), low, high }
}

function normalise(
  { ranges }: StudyResults['study'],
  results: readonly TrainingResult[],
  result: TrainingResult,
): number {
  const all = results.filter(({ task, points }) => task === result.task && points.length > 0).map(finalScore)
  const [low, high] = ranges[result.task] ?? [Math.min(...all), Math.max(...all)]
  return high > low ? (finalScore(result) - low) / (high - low) : 0
}

/** Mean processor seconds that 1,000 environment steps of a cell took. */
export function processorSecondsPerThousandSteps(results: readonly TrainingResult[]): number | undefined {
  const costs = results
    .map(({ points }) => points[points.length - 1])
    .map(p => (1000 * p.processorSeconds) / p.step)
  return costs.length > 0 ? mean(costs) : undefined
}
