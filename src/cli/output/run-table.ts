import type { RunSummary } from '../../run/reports/run-summary.ts'
import { formatCount, formatDuration } from './format.ts'

/** A column of a table of runs. */
export type Column = [heading: string, cell: (run: RunSummary) => string]

/** How runs went: the columns that every table of runs has. */
export const RESULTS: Column[] = [
  ['steps', ({ steps, settings }) => formatSteps(steps, settings.steps)],
  ['best', run => formatNumber(run.bestReturn)],
  ['last', run => formatNumber(run.lastReturn)],
  ['evaluation', run => formatNumber(run.evaluation?.mean)],
  ['status', run => run.status],
  ['time', run => formatDuration(run.seconds)],
]

/** What the columns of `RESULTS` mean. */
export const RESULTS_LEGEND =
  'best, last: mean return of the episodes between two lines of metrics; evaluation: mean return of the last one'

/** Headings and rows for `formatTable`. */
export const tableOf = (columns: readonly Column[], runs: readonly RunSummary[]) =>
  [columns.map(([heading]) => heading), runs.map(run => columns.map(([, cell]) => cell(run)))] as const

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** `1 Mar 14:05` in local time or, if it was in another year, `1 Mar 2025`; empty if the time is not known. */
export function formatTime(date: Date, now = new Date()): string {
  if (Number.isNaN(date.getTime())) return ''
  const two = (value: number) => String(value).padStart(2, '0')
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`
  const end = date.getFullYear() === now.getFullYear() ? time : date.getFullYear()
  return `${date.getDate()} ${MONTHS[date.getMonth()]} ${end}`
}

/** `5,000`, or `1,200 of 5,000`. */
const formatSteps = (taken: number, all: number) =>
  taken >= all ? formatCount(taken) : `${formatCount(taken)} of ${formatCount(all)}`

const formatNumber = (value: number | undefined) => value?.toFixed(1) ?? ''
