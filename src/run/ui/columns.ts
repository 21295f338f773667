/** What a run has logged, as columns of numbers: those of the runs looked at last are kept, and added to as they grow. */
import { join } from 'node:path'
import {
  EVALUATION_METRICS,
  METRIC_TAGS,
  type MetricName,
  type MetricsLine,
  numbersOf,
  TRAIN_METRICS,
} from '../metrics.ts'
import { parseLine } from '../parse-metrics.ts'
import { RUN_FILES } from '../run-directory.ts'
import { readPart, withRegularFile } from './inside.ts'
import type { XAxis } from './messages.ts'

/** Lines of one kind. All columns have the same length; NaN where a line has no such number. */
export interface Columns {
  x: Record<XAxis, number[]>
  values: Partial<Record<MetricName, number[]>>
}

/** All columns of a run. */
export interface RunColumns {
  inode: number
  read: number
  train: Columns
  evaluation: Columns
  examinations: Extract<MetricsLine, { type: 'examination' }>[]
  evaluations: Extract<MetricsLine, { type: 'evaluation' }>[]
  /** Seconds at work up to the last line, and what they are counted from. */
  seconds: number
  earlier: number
  sessionStart: number
  updates: number
}

const TRAIN_NAMES = Object.keys(TRAIN_METRICS) as MetricName[]
const EVALUATION_NAMES = Object.keys(EVALUATION_METRICS) as MetricName[]

/** Numbers kept in all, of 8 bytes each. */
const MOST_NUMBERS = 3_000_000
/** Metrics of a run larger than this are not drawn. */
const MOST_BYTES = 1 << 28

export function createColumnCache(): { read(directory: string): RunColumns | undefined } {
  const cache = new Map<string, RunColumns>()
  return {
    /** @returns undefined if there is no `metrics.jsonl`, or one of over 256 MB */
    read(directory) {
      const columns = readColumns(directory, cache.get(directory))
      cache.delete(directory)
      if (!columns) return undefined
      cache.set(directory, columns)
      let numbers = [...cache.values()].reduce((sum, each) => sum + sizeOf(each), 0)
      for (const [oldest, each] of cache) {
        if (numbers <= MOST_NUMBERS || oldest === directory) break
        numbers -= sizeOf(each)
        cache.delete(oldest)
      }
      return columns
    },
  }
}

const sizeOf = ({ train, evaluation }: RunColumns) =>
  [train, evaluation].reduce(
    (sum, { x, values }) => sum + x.steps.length * (3 + Object.keys(values).length),
    0,
  )

function readColumns(directory: string, before: RunColumns | undefined): RunColumns | undefined {
  return withRegularFile(join(directory, RUN_FILES.metrics), (file, { ino, size }) => {
    if (size > MOST_BYTES) return undefined
    const continues = before?.inode === ino && before.read <= size
    const columns = continues ? before : emptyColumns(ino)
    const text = readPart(file, columns.read, size)
    const length = text.lastIndexOf(10)
    if (length < 0) return columns
    columns.read += length + 1
    for (const line of text.toString('utf8', 0, length).split('\n')) addLine(columns, line)
    return columns
  })
}

const emptyColumns = (inode: number): RunColumns => ({
  inode,
  read: 0,
  train: { x: { steps: [], updates: [], time: [] }, values: {} },
  evaluation: { x: { steps: [], updates: [], time: [] }, values: {} },
  examinations: [],
  evaluations: [],
  seconds: 0,
  earlier: 0,
  sessionStart: Number.NaN,
  updates: 0,
})

function addLine(columns: RunColumns, text: string): void {
  const line = quickLine(text) ?? parseLine(text)
  if (typeof line === 'string') return
  const time = Date.parse(line.time) / 1000
  if (line.type === 'start') {
    columns.earlier = columns.seconds
    columns.sessionStart = time
  }
  if (time >= columns.sessionStart) columns.seconds = columns.earlier + time - columns.sessionStart
  if (line.type === 'examination') columns.examinations.push(line)
  if (line.type === 'evaluation') {
    if (columns.evaluations.at(-1)?.step === line.step) columns.evaluations.pop()
    columns.evaluations.push(line)
    addNumbers(columns, columns.evaluation, line)
  }
  if (line.type === 'train') {
    columns.updates = line.updates ?? columns.updates
    addNumbers(columns, columns.train, line)
  }
}

/** A `train` line with nothing but numbers, which most lines are, without the checks that others need. */
function quickLine(text: string): MetricsLine | undefined {
  if (!text.startsWith('{"type":"train"')) return undefined
  try {
    const line = JSON.parse(text) as Record<string, unknown>
    const { type: _, time, ...numbers } = line
    const sound =
      Number.isInteger(numbers.step) &&
      typeof time === 'string' &&
      Object.values(numbers).every(value => typeof value === 'number' && Math.abs(value) <= 1e100)
    return sound ? (line as unknown as MetricsLine) : undefined
  } catch {
    return undefined
  }
}

function addNumbers({ seconds, updates }: RunColumns, { x, values }: Columns, line: MetricsLine): void {
  // Where a step has several lines, the last one counts.
  if (x.steps.at(-1) === line.step)
    for (const column of [...Object.values(x), ...Object.values(values)]) column.pop()
  const length = x.steps.length
  x.steps.push(line.step)
  x.updates.push(updates)
  x.time.push(seconds)
  const numbers: Partial<Record<MetricName, number>> = line.type === 'train' ? line : numbersOf(line)
  for (const name of line.type === 'train' ? TRAIN_NAMES : EVALUATION_NAMES) {
    if (values[name] === undefined && numbers[name] === undefined) continue
    values[name] ??= Array(length).fill(Number.NaN)
    values[name].push(numbers[name] ?? Number.NaN)
  }
}

/** Names of everything that a run has logged, in the order in which people read them. */
export const metricsOf = ({ train, evaluation }: RunColumns): MetricName[] =>
  (Object.keys(METRIC_TAGS) as MetricName[]).filter(name => train.values[name] ?? evaluation.values[name])
