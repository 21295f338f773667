import { METRIC_TAGS, type MetricName, numbersOf } from '../metrics.ts'
import type { Metrics } from '../metrics-file.ts'

/**
 * Everything that a run has logged about its training as a table in CSV, a row for each step that it logged. Every cell
 * is a number or, where a line has none, empty.
 * @example
 * writeFileSync('metrics.csv', metricsToCsv(readMetrics('runs/Pendulum-v1-seed1')))
 */
export function metricsToCsv({ train, evaluations }: Pick<Metrics, 'train' | 'evaluations'>): string {
  const rows = new Map<number, Partial<Record<MetricName, number>>>()
  for (const line of [...train, ...evaluations]) {
    rows.set(line.step, { ...rows.get(line.step), ...numbersOf(line) })
  }
  const names = Object.keys(METRIC_TAGS) as MetricName[]
  const lines = [...rows]
    .sort(([a], [b]) => a - b)
    .map(([step, numbers]) => [step, ...names.map(name => numbers[name] ?? '')])
  return [['step', ...names], ...lines].map(cells => `${cells.join()}\n`).join('')
}
