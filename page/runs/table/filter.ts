import type { RunRow } from '../../../src/run/ui/messages.ts'
import { formatValue } from '../format.ts'

/**
 * Whether a run matches every word of a filter: `pendulum`, `status:running`, `batchSize:64`, `bestReturn>-200`.
 * A word without a column is looked for in the run's name, environment, algorithm, status, tags and note.
 */
export function matches(row: RunRow, filter: string): boolean {
  return filter.split(/\s+/).every(word => matchesWord(row, word.toLowerCase()))
}

const COMPARISON = /^([a-z]\w*)(:|>=|<=|>|<|=)(.+)$/i

function matchesWord(row: RunRow, word: string): boolean {
  const [, name, sign, wanted] = COMPARISON.exec(word) ?? []
  if (name === undefined) return textOf(row).includes(word)
  const column =
    [...Object.keys(row), ...Object.keys(row.changed)].find(key => key.toLowerCase() === name) ?? name
  const value = valueIn(row, column)
  const number = Number(wanted)
  if (sign === ':' || sign === '=') {
    return (
      String(value ?? '').toLowerCase() === wanted ||
      (sign === ':' &&
        String(value ?? '')
          .toLowerCase()
          .includes(wanted))
    )
  }
  if (typeof value !== 'number' || Number.isNaN(number)) return false
  return { '>': value > number, '<': value < number, '>=': value >= number, '<=': value <= number }[sign]!
}

const textOf = ({ id, environment, algorithm, status, tags, note }: RunRow) =>
  [id, environment, algorithm, status, ...tags, note].join('\n').toLowerCase()

/** Runs by a column; a minus before its name means highest first. Those without a value come last. */
export function sorted(rows: readonly RunRow[], sort: string): RunRow[] {
  const [name, sign] = sort.startsWith('-') ? [sort.slice(1), -1] : [sort, 1]
  const keyed = rows.map(row => ({ row, value: valueIn(row, name) }))
  keyed.sort((a, b) => {
    if (a.value === undefined || a.value === '') return b.value === undefined || b.value === '' ? 0 : 1
    if (b.value === undefined || b.value === '') return -1
    if (typeof a.value === 'number' && typeof b.value === 'number') return sign * (a.value - b.value)
    return sign * collator.compare(String(a.value), String(b.value))
  })
  return keyed.map(({ row }) => row)
}

const collator = new Intl.Collator('en', { numeric: true })

/** The value by which a run is sorted and filtered; settings have their own names. */
function valueIn(row: RunRow, name: string): string | number | undefined {
  if (name === 'started') return row.startedAt
  // The table has other words for it.
  if (name === 'status') return row.status === 'running' ? 'running, training now' : row.status
  if (name === 'evaluation') return row.evaluation?.mean
  if (name === 'tags') return row.tags.join(', ')
  const value = Object.hasOwn(row, name) ? row[name as keyof RunRow] : row.changed[name]
  return typeof value === 'number' || typeof value === 'string'
    ? value
    : value === undefined
      ? undefined
      : formatValue(value)
}
