/** `metrics.jsonl` of a run: one JSON object a line, readable while it grows and after any crash. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { HOW_TO_FIND } from './load-run.ts'
import type {
  EndLine,
  EndReason,
  EvaluationLine,
  ExaminationLine,
  MetricsLine,
  StartLine,
  TrainLine,
} from './metrics.ts'
import { parseMetrics } from './parse-metrics.ts'
import { RUN_FILES } from './run-directory.ts'
import { UsageError } from './usage-error.ts'
import { appendToFile, writeFileAtomically } from './write-file.ts'

/** What `metrics.jsonl` says. */
export interface Metrics {
  /** Each time the run began or was resumed, and the seconds from then to its last line. */
  sessions: { start: StartLine; seconds: number }[]
  /** In order of steps; where a step has several lines, the last one. */
  train: TrainLine[]
  /** In order of steps, likewise. */
  evaluations: EvaluationLine[]
  /** In order of steps, likewise. */
  examinations: ExaminationLine[]
  /** How the last session ended; missing while the run trains, and after a crash. */
  end?: EndLine
  /** Numbers, from 1, of the lines that cannot be read; one that is only half written as yet is not among them. */
  damaged: number[]
}

/** Adds a line. */
export function appendMetrics(directory: string, line: MetricsLine): void {
  appendToFile(pathIn(directory), `${JSON.stringify(line)}\n`)
}

/**
 * Reads what a run has logged so far, whether it still trains, has ended or has crashed.
 * @throws UsageError if there is no such file
 * @example
 * for (const { step, mean } of readMetrics('runs/Pendulum-v1-seed1').evaluations) console.log(step, mean)
 */
export function readMetrics(directory: string): Metrics {
  const text = textOf(directory)
  if (text === undefined) {
    throw new UsageError(`There is no run in ${directory}: it has no ${RUN_FILES.metrics}. ${HOW_TO_FIND}`)
  }
  const { lines, damaged } = parseMetrics(text)
  const sessions: Metrics['sessions'] = []
  const train = new Map<number, TrainLine>()
  const evaluations = new Map<number, EvaluationLine>()
  const examinations = new Map<number, ExaminationLine>()
  let end: EndLine | undefined
  for (const { line } of lines) {
    end = line.type === 'end' ? line : undefined
    if (line.type === 'start') sessions.push({ start: line, seconds: 0 })
    if (line.type === 'train') train.set(line.step, line)
    if (line.type === 'evaluation') evaluations.set(line.step, line)
    if (line.type === 'examination') examinations.set(line.step, line)
    const session = sessions.at(-1)
    if (session) session.seconds = (Date.parse(line.time) - Date.parse(session.start.time)) / 1000
  }
  return {
    sessions,
    train: byStep(train),
    evaluations: byStep(evaluations),
    examinations: byStep(examinations),
    end,
    damaged,
  }
}

/** Up to where a run had logged at the moment from which it resumes. What comes after will be logged again. */
export interface Told {
  step: number
  /** The last step of a `train` line of a whole interval. */
  training: number
  /** How many evaluations there were. */
  evaluations: number
  /** The step of the last examination of a whole interval. */
  examined: number
}

/**
 * Removes the lines after the moment from which a run resumes, and a line that a crash left half written.
 * Does nothing where no `metrics.jsonl` is.
 * @returns how many evaluations are left
 */
export function truncateMetrics(directory: string, told: Told): number {
  const text = textOf(directory)
  if (text === undefined) return 0
  const { lines } = parseMetrics(text)
  // The evaluation after training comes after the last checkpoint. It stays if it was the end: then it is not made again.
  const ended = lines.at(-1)?.line.type === 'end'
  let evaluations = 0
  const kept = lines.filter(({ line }) => {
    if (line.type === 'train') return line.step <= told.training
    if (line.type === 'examination') return line.step <= told.examined
    if (line.type === 'evaluation' && ++evaluations > told.evaluations && !ended) return false
    return line.step <= told.step
  })
  writeFileAtomically(pathIn(directory), kept.map(({ text }) => `${text}\n`).join(''))
  return kept.filter(({ line }) => line.type === 'evaluation').length
}

/**
 * How a run last ended or was stopped; undefined while it trains, after a crash, and if there is none.
 * @example
 * if (endOf('runs/Pendulum-v1-seed1') === 'steps') console.log('it has taken all of its steps')
 */
export function endOf(directory: string): EndReason | undefined {
  const last = parseMetrics(textOf(directory) ?? '').lines.at(-1)?.line
  return last?.type === 'end' ? last.reason : undefined
}

const pathIn = (directory: string) => join(directory, RUN_FILES.metrics)

function textOf(directory: string): string | undefined {
  try {
    // Reading a pipe could block for ever.
    if (!statSync(pathIn(directory)).isFile()) throw new Error('it is not a file')
    return readFileSync(pathIn(directory), 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw new UsageError(`${pathIn(directory)} cannot be read: ${(error as Error).message}.`, {
      cause: error,
    })
  }
}

const byStep = <T>(lines: Map<number, T>): T[] => [...lines].sort(([a], [b]) => a - b).map(([, line]) => line)
