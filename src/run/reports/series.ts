import type { MetricName } from '../metrics.ts'
import { numbersOf } from '../metrics.ts'
import type { Metrics } from '../metrics-file.ts'

/** A value that a run logged, and after how many environment steps. */
export interface Point {
  step: number
  value: number
}

/** Everything that a run logged of one quantity, by steps. */
export const seriesOf = ({ train, evaluations }: Metrics, name: MetricName): Point[] =>
  [...train, ...evaluations].flatMap(line => {
    const value = numbersOf(line)[name]
    return value === undefined ? [] : [{ step: line.step, value }]
  })

/**
 * Means of a series over `count` equal parts of the steps from 0 to `end`, each given at the end of its part, because a
 * line of metrics too covers the steps up to its own.
 * A part without a point, but with some before and after it, lies on the line between its neighbours; outside of the
 * series there is nothing.
 */
export function binSeries(points: readonly Point[], end: number, count: number): Point[] {
  const width = end / count
  const sums = Array.from({ length: count }, () => ({ total: 0, count: 0 }))
  for (const { step, value } of points) {
    const bin = sums[Math.min(count - 1, Math.max(0, Math.ceil(step / width) - 1))]
    bin.total += value
    bin.count++
  }
  const filled = sums.flatMap(({ total, count }, i) => (count > 0 ? [{ i, value: total / count }] : []))
  return filled.flatMap(({ i, value }, position) => {
    const next = filled[position + 1] ?? { i: i + 1, value }
    return Array.from({ length: next.i - i }, (_, k) => ({
      step: (i + k + 1) * width,
      value: value + ((next.value - value) * k) / (next.i - i),
    }))
  })
}
