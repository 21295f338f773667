import type { GatheredRow, RunRow } from '../../../src/run/ui/messages.ts'
import { formatCount, formatDuration, formatNumber, formatTime, formatValue, plain } from '../format.ts'
import type { Column } from './column.ts'

const STATUS_WORDS: Record<RunRow['status'], string> = {
  running: 'training now',
  finished: 'finished',
  stopped: 'stopped',
  crashed: 'crashed',
  unknown: 'unknown',
}

export const Status = ({ status }: { status: RunRow['status'] }) => (
  <span class={`status ${status}`}>{STATUS_WORDS[status]}</span>
)

const Steps = ({ row: { steps, totalSteps } }: { row: RunRow }) => (
  <span class="progress">
    {formatCount(steps)}
    {steps < totalSteps && (
      <svg viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="3" class="whole" />
        <rect width={(100 * steps) / totalSteps} height="3" />
      </svg>
    )}
  </span>
)

const Tags = ({ tags }: { tags: readonly string[] }) => (
  <>
    {tags.map(tag => (
      <span class="tag" key={tag}>
        {plain(tag)}
      </span>
    ))}
  </>
)

const number = (name: 'bestReturn' | 'lastReturn', title: string): Column<RunRow> => ({
  name,
  title,
  width: 124,
  number: true,
  text: row => formatNumber(row[name]),
})

/** The columns that every run has. */
export const COLUMNS: readonly Column<RunRow>[] = [
  { name: 'environment', title: 'environment', width: 180, text: row => plain(row.environment) },
  { name: 'algorithm', title: 'algorithm', width: 112, text: row => row.algorithm },
  { name: 'seed', title: 'seed', width: 70, number: true, text: row => String(row.seed) },
  {
    name: 'status',
    title: 'status',
    width: 126,
    text: row => STATUS_WORDS[row.status],
    cell: row => <Status status={row.status} />,
  },
  {
    name: 'steps',
    title: 'steps',
    width: 110,
    number: true,
    text: row => formatCount(row.steps),
    cell: row => <Steps row={row} />,
  },
  number('bestReturn', 'best return'),
  number('lastReturn', 'last return'),
  {
    name: 'evaluation',
    title: 'evaluation',
    width: 124,
    number: true,
    text: row => formatNumber(row.evaluation?.mean),
  },
  { name: 'seconds', title: 'time', width: 110, number: true, text: row => formatDuration(row.seconds) },
  { name: 'started', title: 'started', width: 128, text: row => formatTime(row.startedAt) },
  {
    name: 'tags',
    title: 'tags',
    width: 140,
    text: row => plain(row.tags.join(', ')),
    cell: row => <Tags tags={row.tags} />,
  },
  { name: 'note', title: 'note', width: 220, text: row => plain(row.note) },
]

/** All columns that can be chosen: those, and settings in which some run differs from the defaults. */
export function possibleColumns(rows: Iterable<RunRow>): Column<RunRow>[] {
  const settings = new Set<string>()
  for (const { changed } of rows) for (const name of Object.keys(changed)) settings.add(name)
  const own = [...settings].sort().map(
    (name): Column<RunRow> => ({
      name,
      title: name,
      width: 120,
      text: row => (Object.hasOwn(row.changed, name) ? formatValue(row.changed[name]) : ''),
    }),
  )
  return [...COLUMNS, ...own.filter(({ name }) => !COLUMNS.some(column => column.name === name))]
}

/** Runs of one experiment in one row. */
export interface Group extends GatheredRow {
  first: RunRow
  title: string
}

const result = (name: keyof GatheredRow['results'], title: string): Column<Group> => ({
  name,
  title,
  width: 240,
  number: true,
  text({ results }) {
    const found = results[name]
    if (!found) return ''
    const { value, low, high } = found
    return low === undefined
      ? formatNumber(value)
      : `${formatNumber(value)} (${formatNumber(low)} to ${formatNumber(high)})`
  },
})

export const GROUP_COLUMNS: readonly Column<Group>[] = [
  { name: 'environment', title: 'environment', width: 180, text: ({ first }) => plain(first.environment) },
  { name: 'algorithm', title: 'algorithm', width: 112, text: ({ first }) => first.algorithm },
  { name: 'seeds', title: 'seeds', width: 80, number: true, text: ({ runs }) => String(runs.length) },
  result('evaluation', 'evaluation'),
  result('bestReturn', 'best return'),
  result('lastReturn', 'last return'),
]
