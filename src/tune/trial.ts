import type { Point } from './space.ts'

/** An evaluation of a trial on its way. */
export interface Report {
  /** Environment steps, or any other measure of how much the trial has taken by then. */
  step: number
  /** The larger, the better. */
  value: number
}

/** Settings that are tried. */
export interface Trial {
  /** From 0, in the order in which they were begun. */
  number: number
  /** The settings. */
  point: Point
  /** `running` until it ends; `stopped` early, because others did better; `failed` for an error, such as divergence. */
  state: 'running' | 'complete' | 'stopped' | 'failed'
  /** Its evaluations, in order of steps. */
  reports: readonly Report[]
  /** The result: of a trial that is complete, its last evaluation; of one that was stopped, the one at which it was. */
  value?: number
}

/**
 * The trials that have ended, best first: complete ones by value; then those that were stopped, by how far they came, and
 * at the same step by value; then those that failed.
 */
export const bestFirst = <T extends Trial>(trials: readonly T[]): T[] =>
  trials.filter(({ state }) => state !== 'running').sort(compare)

const ORDER = ['complete', 'stopped', 'failed']

function compare(a: Trial, b: Trial): number {
  const [first, second] = [a, b].map(({ state, value = -Infinity, reports }) => ({
    group: ORDER.indexOf(state),
    step: state === 'stopped' ? (reports.at(-1)?.step ?? 0) : 0,
    value: state === 'failed' ? 0 : value,
  }))
  return (
    first.group - second.group ||
    second.step - first.step ||
    second.value - first.value ||
    a.number - b.number
  )
}
