/** Early stopping by asynchronous successive halving, ASHA (Li et al. 2020), in the form that never waits. */
import type { Trial } from './trial.ts'

/** When trials are stopped. */
export interface Stopping {
  /** Steps after which a trial is first compared with others; then after `reduction` times as many, and so on. */
  firstRung: number
  /** One of so many trials passes a rung. A number of at least 2. */
  reduction: number
}

/**
 * The steps at which trials are compared, below all steps of a trial.
 * @example
 * rungsBelow(9000, { firstRung: 1000, reduction: 3 }) // [1000, 3000]
 */
export function rungsBelow(steps: number, { firstRung, reduction }: Stopping): number[] {
  const rungs: number[] = []
  for (let rung = firstRung; rung < steps; rung *= reduction) rungs.push(rung)
  return rungs
}

/**
 * Whether a trial is to be stopped after its last report: if that reaches a rung, and its value there is not among the best
 * 1 / reduction of all that have reached it. Until there are that many, only the best goes on.
 * @param trials all of them; those that were stopped count at the rungs that they reached
 */
export function isToBeStopped(trial: Trial, trials: readonly Trial[], stopping: Stopping): boolean {
  const last = trial.reports.at(-1)
  if (!last) return false
  const before = trial.reports.at(-2)?.step ?? 0
  const others = trials.filter(({ number }) => number !== trial.number)
  const reached = rungsBelow(last.step + 1, stopping).filter(rung => rung > before)
  return reached.some(rung => !isAmongBest(last.value, others.flatMap(valueAt(rung)), stopping.reduction))
}

/** What a trial had reached when it came to a rung, if it did. */
const valueAt =
  (rung: number) =>
  ({ reports }: Trial): number[] =>
    reports
      .filter(({ step }) => step >= rung)
      .slice(0, 1)
      .map(({ value }) => value)

function isAmongBest(value: number, others: readonly number[], reduction: number): boolean {
  const places = Math.max(1, Math.floor((others.length + 1) / reduction))
  return others.filter(other => other > value).length < places
}
