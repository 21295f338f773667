/** Curves as a page can draw them: smoothed, gathered over seeds, and no more points than a screen has columns. */
import { setImmediate } from 'node:timers/promises'
import { mean } from 'simple-statistics'
import type { MetricName } from '../metrics.ts'
import { binSeries } from '../reports/series.ts'
import { bootstrapInterval, interquartileMean } from '../reports/statistics.ts'
import type { RunColumns } from './columns.ts'
import type { Curve, Curves, CurvesQuery, Estimate, GatheredRow, Gathering, RunRow } from './messages.ts'

/** A run with its columns. */
export interface DrawnRun {
  row: RunRow
  columns: RunColumns
}

interface Series {
  x: number[]
  y: number[]
}

/** Parts of the x axis in which gathered runs are averaged. */
const PARTS = 100
/** Enough for the edge of a band a pixel or two wide; results in tables have more. */
const RESAMPLES = 400

/** The curves of each metric, run by run or gathered. Gives way to others between two of them. */
export async function curvesOf(runs: readonly DrawnRun[], query: CurvesQuery): Promise<Curves> {
  const curves: Curves = {}
  for (const metric of query.metrics) {
    const drawn = runs.flatMap(run => {
      const series = seriesIn(run.columns, metric, query)
      return series.x.length > 0 ? [{ ...run, series }] : []
    })
    if (drawn.length === 0) continue
    curves[metric] =
      query.gather === 'none'
        ? drawn.map(({ row, series }) => singleCurve(row.id, series, query))
        : groupsOf(drawn).map(group => gatheredCurve(group, query))
    await setImmediate()
  }
  return curves
}

/** What a run has logged of a metric, within the range that is to be drawn and one point on either side. */
function seriesIn({ train, evaluation }: RunColumns, metric: MetricName, { x, range }: CurvesQuery): Series {
  const columns = train.values[metric] ? train : evaluation
  const values = columns.values[metric] ?? []
  const xs = columns.x[x]
  const series: Series = { x: [], y: [] }
  let before: number | undefined
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue
    if (range && xs[i] < range[0]) {
      before = i
      continue
    }
    if (before !== undefined) add(before)
    before = undefined
    add(i)
    if (range && xs[i] > range[1]) break
  }
  return series

  function add(i: number): void {
    series.x.push(xs[i])
    series.y.push(values[i])
  }
}

function singleCurve(id: string, series: Series, { smoothing, points }: CurvesQuery): Curve {
  const smooth = smoothing > 0 ? smoothed(series.y, smoothing) : undefined
  const shown = thinned(series, points)
  const at = (values: number[]) => shown.map(i => values[i])
  const curve = { id, runs: [id], x: at(series.x) }
  return smooth ? { ...curve, y: at(smooth), raw: at(series.y) } : { ...curve, y: at(series.y) }
}

/** Runs of the same experiment, in the order of their first. */
function groupsOf<T extends { row: RunRow }>(runs: readonly T[]): T[][] {
  const groups = new Map<string, T[]>()
  for (const run of runs) groups.set(run.row.experiment, [...(groups.get(run.row.experiment) ?? []), run])
  return [...groups.values()]
}

function gatheredCurve(
  group: readonly { row: RunRow; series: Series }[],
  { gather, smoothing, range }: CurvesQuery,
): Curve {
  const from = range?.[0] ?? 0
  const to = Math.min(range?.[1] ?? Infinity, Math.max(...group.map(({ series }) => series.x.at(-1)!)))
  const raw = binned(
    group.map(({ series }) => series),
    from,
    to,
  )
  const own =
    smoothing > 0
      ? binned(
          group.map(({ series: { x, y } }) => ({ x, y: smoothed(y, smoothing) })),
          from,
          to,
        )
      : raw
  const steps = [...own.keys()].sort((a, b) => a - b)
  const statistic = statisticOf(gather)
  const bounds = steps.map(step => intervalOf(own.get(step)!, statistic, RESAMPLES))
  return {
    id: group[0].row.id,
    runs: group.map(({ row }) => row.id),
    x: steps,
    y: steps.map(step => statistic(own.get(step)!)),
    ...(smoothing > 0 && { raw: steps.map(step => statistic(raw.get(step)!)) }),
    ...(group.length > 1 && {
      low: bounds.map(bound => bound?.[0] ?? null),
      high: bounds.map(bound => bound?.[1] ?? null),
    }),
  }
}

/** The values of all series in each part of the x axis, by the end of the part. */
function binned(all: readonly Series[], from: number, to: number): Map<number, number[]> {
  const values = new Map<number, number[]>()
  for (const { x, y } of all) {
    const points = x.flatMap((at, i) => (at >= from && at <= to ? [{ step: at - from, value: y[i] }] : []))
    for (const { step, value } of binSeries(points, to - from || 1, PARTS)) {
      values.set(from + step, [...(values.get(from + step) ?? []), value])
    }
  }
  return values
}

const statisticOf = (gather: Gathering) => (gather === 'iqm' ? interquartileMean : mean)

const intervalOf = (values: number[], statistic: (values: number[]) => number, resamples?: number) =>
  values.length > 1 ? bootstrapInterval(values, statistic, { resamples }) : undefined

/** Exponential mean, corrected at its start, where little has come before. */
export function smoothed(values: readonly number[], weight: number): number[] {
  let sum = 0
  let share = 0
  return values.map(value => {
    sum = weight * sum + (1 - weight) * value
    share = weight * share + (1 - weight)
    return sum / share
  })
}

/** Which points to draw: of each part of the x axis the first, the lowest, the highest and the last. */
export function thinned({ x, y }: Series, most: number): number[] {
  if (x.length <= most) return x.map((_, i) => i)
  const parts = Math.max(1, Math.floor(most / 4))
  const [first, last] = [x[0], x[x.length - 1]]
  const kept: number[] = []
  for (let i = 0; i < x.length; ) {
    const part = partOf(i)
    let [low, high, end] = [i, i, i]
    for (; end < x.length && partOf(end) === part; end++) {
      if (y[end] < y[low]) low = end
      if (y[end] > y[high]) high = end
    }
    kept.push(...new Set([i, Math.min(low, high), Math.max(low, high), end - 1]))
    i = end
  }
  return kept

  function partOf(i: number): number {
    return Math.min(parts - 1, Math.floor(((x[i] - first) / (last - first || 1)) * parts))
  }
}

/** Results over the seeds of each experiment. */
export function gatheredRows(rows: readonly RunRow[], gather: Gathering): GatheredRow[] {
  const statistic = statisticOf(gather)
  return groupsOf(rows.map(row => ({ row }))).map(group => {
    const over = (value: (row: RunRow) => number | undefined) =>
      estimate(
        group.flatMap(({ row }) => value(row) ?? []),
        statistic,
      )
    return {
      experiment: group[0].row.experiment,
      runs: group.map(({ row }) => row.id),
      results: {
        bestReturn: over(row => row.bestReturn),
        lastReturn: over(row => row.lastReturn),
        evaluation: over(row => row.evaluation?.mean),
      },
    }
  })
}

function estimate(values: number[], statistic: (values: number[]) => number): Estimate | undefined {
  if (values.length === 0) return undefined
  const bounds = intervalOf(values, statistic)
  return {
    value: statistic(values),
    ...(bounds && { low: bounds[0], high: bounds[1] }),
    count: values.length,
  }
}
