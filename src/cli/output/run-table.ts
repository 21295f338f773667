import { join } from 'node:path'
import { type RunSummary, summarizeRun } from '../../run/reports/run-summary.ts'
import { RUN_FILES } from '../../run/run-directory.ts'
import { UsageError } from '../../run/usage-error.ts'
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

/** The runs that can be read, and a sentence for each file or line that cannot: one damaged run does not hide the others. */
export function summarizeAll(directories: readonly string[]): { runs: RunSummary[]; faults: string[] } {
  const runs: RunSummary[] = []
  const faults: string[] = []
  for (const directory of directories) {
    try {
      const run = summarizeRun(directory)
      runs.push(run)
      faults.push(...damageOf(run))
    } catch (error) {
      // Any error but a UsageError is a bug of ours, which must not hide the other runs either.
      faults.push(error instanceof UsageError ? error.message : `${directory} cannot be read: ${error}`)
    }
  }
  return { runs, faults }
}

const MOST_NAMED = 3

/** A sentence about the lines of a run's metrics that cannot be read, if there are any. */
export function damageOf({
  directory,
  metrics: { damaged },
}: Pick<RunSummary, 'directory' | 'metrics'>): string[] {
  if (damaged.length === 0) return []
  const named = damaged.slice(0, MOST_NAMED).join(', ')
  const others = damaged.length > MOST_NAMED ? ` and ${damaged.length - MOST_NAMED} more` : ''
  const lines = damaged.length === 1 ? `line ${named}` : `lines ${named}${others}`
  return [
    `${join(directory, RUN_FILES.metrics)}: ${lines} cannot be read and ${damaged.length === 1 ? 'is' : 'are'} left out`,
  ]
}
