import { plot } from 'asciichart'
import { binSeries, type Point } from '../../run/reports/series.ts'
import { formatCount } from './format.ts'

/** Columns for the numbers of the vertical axis. */
const LABEL = 11

/** A series as a chart of characters, at most `columns` columns wide; at least two points. */
export function terminalChart(points: readonly Point[], { columns = 80, rows = 12 } = {}): string {
  const end = points.at(-1)!.step
  const width = Math.max(20, columns - LABEL - 2)
  const bins = binSeries(points, end, width)
  const values = bins.map(({ value }) => value)
  // A flat line has no range of its own to fill the rows with.
  const flat = values.every(value => value === values[0])
  const range = flat ? { min: values[0] - 1, max: values[0] + 1, height: 2 } : { height: rows - 1 }
  const format = (value: number) => formatAxis(value).padStart(LABEL - 1)
  const chart = plot(values, { format, ...range }).replace(/ +$/gm, '')
  const [from, to] = [formatCount(Math.floor(bins[0].step)), `${formatCount(end)} steps`]
  const gap = Math.max(2, values.length - from.length - to.length)
  return `${chart}\n${' '.repeat(LABEL + 1)}${from}${' '.repeat(gap)}${to}`
}

const formatAxis = (value: number) =>
  Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 0.01)
    ? value.toPrecision(3)
    : value.toFixed(Math.abs(value) < 10 ? 2 : 1)
