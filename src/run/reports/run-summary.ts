import { join } from 'node:path'
import type { Evaluation } from '../../training/evaluate.ts'
import { loadSettings } from '../load-run.ts'
import { type Metrics, readMetrics } from '../metrics-file.ts'
import { RUN_FILES } from '../run-directory.ts'
import { isTraining } from '../run-lock.ts'
import type { RunSettings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

/**
 * `finished`: all steps taken and evaluated. `stopped`: by somebody. `crashed`: by an error, or without a word.
 * `unknown`: neither ended nor on this machine, so that nobody can say whether it still trains.
 */
export type RunStatus = 'running' | 'finished' | 'stopped' | 'crashed' | 'unknown'

/** A run in short. */
export interface RunSummary {
  /** Where it is. */
  directory: string
  /** What it was trained with. */
  settings: RunSettings
  /** All that it logged. */
  metrics: Metrics
  /** How it is doing. */
  status: RunStatus
  /** Why it stopped or crashed, as far as it could say. */
  message?: string
  /** Environment steps up to the last line of metrics. */
  steps: number
  /** Highest of the mean returns in the lines of metrics; missing before the first episode ended. */
  bestReturn?: number
  /** The last of them, likewise. */
  lastReturn?: number
  /** The last evaluation. */
  evaluation?: Evaluation & { step: number }
  /** When it began; an invalid date if no line says so. */
  startedAt: Date
  /** How long it was at work, evaluations included. */
  seconds: number
}

/**
 * Summarises a run, whether it still trains, has ended or has crashed.
 * @throws UsageError if there is no run, or one of its files is damaged beyond use
 * @example
 * const { status, steps, evaluation } = summarizeRun('runs/Pendulum-v1-seed1')
 */
export function summarizeRun(directory: string): RunSummary {
  const settings = loadSettings(directory)
  const metrics = readMetrics(directory)
  const { sessions, train, evaluations, end } = metrics
  const returns = train.map(line => line.return).filter(value => value !== undefined)
  const status = statusOf(directory, metrics)
  const now = Date.now()
  const spans = sessions.map(({ start, seconds }, i) =>
    status === 'running' && i === sessions.length - 1 ? (now - Date.parse(start.time)) / 1000 : seconds,
  )
  return {
    directory,
    settings,
    metrics,
    status,
    message: end?.message,
    steps: Math.max(
      0,
      ...[...train.slice(-1), ...evaluations.slice(-1), ...(end ? [end] : [])].map(({ step }) => step),
    ),
    bestReturn: returns.length > 0 ? returns.reduce((a, b) => Math.max(a, b)) : undefined,
    lastReturn: returns.at(-1),
    evaluation: evaluations.at(-1),
    startedAt: new Date(sessions[0]?.start.time ?? Number.NaN),
    seconds: spans.reduce((a, b) => a + b, 0),
  }
}

function statusOf(directory: string, { end }: Metrics): RunStatus {
  if (end) return ({ steps: 'finished', aborted: 'stopped', error: 'crashed' } as const)[end.reason]
  const training = isTraining(directory)
  if (training === undefined) return 'unknown'
  return training ? 'running' : 'crashed'
}

/**
 * The runs that can be read, and a sentence for each file or line that cannot: one damaged run does not hide the others.
 * @example
 * const { runs, faults } = summarizeRuns(findRuns('runs'))
 */
export function summarizeRuns(directories: readonly string[]): { runs: RunSummary[]; faults: string[] } {
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
