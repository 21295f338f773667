import { plot } from 'asciichart'
import { binSeries, type Point } from '../run/series.ts'
import { formatCount } from './format.ts'

/** Columns for the numbers of the vertical axis. */
const LABEL = 11

/** A series as a chart of characters, at most so many columns wide; at least one point. */
export function terminalChart(points: readonly Point[], { columns = 80, rows = 12 } = {}): string {
  const end = points.at(-1)!.step
  const width = Math.max(20, columns - LABEL - 2)
  const bins = binSeries(points, end, width)
  const values = bins.map(({ value }) => value)
  // Of one value alone the library makes no line, and where all are the same it labels them wrongly.
  const line = values.length === 1 ? [values[0], values[0]] : values
  const flat = values.every(value => value === values[0])
  const range = flat ? { min: values[0] - 1, max: values[0] + 1 } : {}
  const format = (value: number) => formatAxis(value).padStart(LABEL - 1)
  const chart = plot(line, { height: rows - 1, format, ...range }).replace(/ +$/gm, '')
  const [from, to] = [formatCount(Math.floor(bins[0].step)), `${formatCount(end)} steps`]
  const gap = Math.max(2, line.length - from.length - to.length)
  return `${chart}\n${' '.repeat(LABEL + 1)}${from}${' '.repeat(gap)}${to}`
}

const formatAxis = (value: number) =>
  Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 0.01)
    ? value.toPrecision(3)
    : value.toFixed(Math.abs(value) < 10 ? 2 : 1)
