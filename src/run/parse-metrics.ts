/** Reads lines of `metrics.jsonl`, which may come from anywhere: a line with values of other types counts as damaged. */
import * as z from 'zod'
import { type MetricsLine, TRAIN_METRICS } from './metrics.ts'

/** More than any sum of squares of float32 numbers; ranges of larger numbers could not be drawn. */
const LARGEST = 1e100
const finite = z.number().min(-LARGEST).max(LARGEST)
// JSON has no NaN and no infinity; JSON.stringify writes null for them, which counts as missing.
const number = finite.nullish().transform(value => value ?? undefined)
const numbers = z.array(finite)
const step = z.int().min(0)
const time = z.string().refine(text => !Number.isNaN(Date.parse(text)))

const schemas = {
  start: z.looseObject({ step, time, pid: z.int().min(1), host: z.string() }),
  train: z.looseObject({
    step,
    time,
    ...Object.fromEntries(Object.keys(TRAIN_METRICS).map(name => [name, number])),
  }),
  evaluation: z.looseObject({
    step,
    time,
    mean: finite,
    standardDeviation: finite,
    returns: numbers.min(1),
    lengths: numbers.min(1),
    successRate: number,
  }),
  examination: z.looseObject({
    step,
    time,
    diagnoses: z.array(z.looseObject({ kind: z.string(), problem: z.string(), remedy: z.string() })),
  }),
  change: z.looseObject({ step, time, changes: z.record(z.string(), z.union([finite, z.literal('auto')])) }),
  custom: z.looseObject({ step, time, metrics: z.record(z.string(), finite) }),
  end: z.looseObject({
    step,
    time,
    reason: z.enum(['steps', 'aborted', 'error']),
    message: z.string().optional(),
  }),
}

/** A file of metrics, line by line. */
export interface ParsedMetrics {
  /** Those of a known type, each with its text. */
  lines: { line: MetricsLine; text: string }[]
  /** Numbers of the lines that cannot be read, counted from 1. */
  damaged: number[]
}

/** Reads the text of a file; what follows the last line break is not yet a line. */
export function parseMetrics(text: string): ParsedMetrics {
  const parsed: ParsedMetrics = { lines: [], damaged: [] }
  for (const [i, text_] of text.split('\n').slice(0, -1).entries()) {
    const line = parseLine(text_)
    if (line === 'damaged') parsed.damaged.push(i + 1)
    else if (line !== 'unknown') parsed.lines.push({ line, text: text_ })
  }
  return parsed
}

/** One line. Lines of an unknown type may be those of a later version. */
export function parseLine(text: string): MetricsLine | 'unknown' | 'damaged' {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'damaged'
  }
  const type = (value as { type?: unknown } | null)?.type
  if (typeof type !== 'string') return 'damaged'
  if (!Object.hasOwn(schemas, type)) return 'unknown'
  const result = schemas[type as keyof typeof schemas].safeParse(value)
  return result.success ? (result.data as unknown as MetricsLine) : 'damaged'
}
