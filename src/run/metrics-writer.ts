import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainingEvent } from '../training/events.ts'
import { type AveragesState, createAverages } from './averages.ts'
import { RUN_FILES, writeFileAtomically } from './run-directory.ts'

/** Why a run ended: its steps were taken, somebody stopped it, or an error did. */
export type EndReason = 'steps' | 'aborted' | 'error'

/** Writes `metrics.jsonl` of a run, a consumer of its training events. */
export interface MetricsWriter {
  /** Adds a line for every episode, with means over the updates since the line before, and for every evaluation. */
  write(event: TrainingEvent): void
  /** What the next lines depend on, for a checkpoint. */
  state(): MetricsState
  /** Adds the last line. */
  end(reason: EndReason, message?: string): void
}

/** What the next lines depend on, as a value that survives JSON. */
export interface MetricsState {
  averages: AveragesState
  counts: { step: number; updates: number }
}

/**
 * Begins `metrics.jsonl` in a run's directory, or goes on with it from a state: the lines of later steps are dropped,
 * for they come again. Every line is a JSON object with a `type`: `start` first, then `episode` and `evaluation`, at
 * last `end`; each time the run goes on there is another `start`.
 */
export function metricsWriter(directory: string, from?: MetricsState): MetricsWriter {
  const path = join(directory, RUN_FILES.metrics)
  const averages = createAverages()
  const counts = { step: 0, updates: 0 }
  if (from) {
    averages.restore(from.averages)
    Object.assign(counts, from.counts)
  }
  const line = (content: { type: string } & Record<string, unknown>) =>
    appendFileSync(path, `${JSON.stringify(content)}\n`)

  dropLinesAfter(directory, counts.step)
  line({ type: 'start', step: counts.step, time: new Date().toISOString() })
  return {
    write(event) {
      averages.observe(event)
      if (event.type === 'step') counts.step = event.step
      if (event.type === 'update') counts.updates = event.update
      if (event.type === 'evaluation') line({ ...event })
      if (event.type === 'episode') {
        const { means, ...speed } = averages.take()
        line({ ...event, updates: counts.updates, ...speed, ...means })
      }
    },
    state: () => ({ averages: averages.state(), counts: { ...counts } }),
    end(reason, message) {
      line({ type: 'end', ...counts, reason, message, time: new Date().toISOString() })
    },
  }
}

/** How a run ended, or was stopped, last; undefined while it goes on, and after a crash. */
export function endOf(directory: string): EndReason | undefined {
  const last = linesOf(directory).at(-1)
  return last?.type === 'end' ? last.reason : undefined
}

/** Drops the lines of steps after `step`, and what a crash left half written. */
function dropLinesAfter(directory: string, step: number): void {
  const lines = linesOf(directory)
  if (lines.length === 0) return
  const kept = lines.filter(line => line.step <= step)
  const text = kept.map(line => `${JSON.stringify(line)}\n`).join('')
  writeFileAtomically(join(directory, RUN_FILES.metrics), text)
}

interface Line {
  type: string
  step: number
  reason?: EndReason
}

function linesOf(directory: string): Line[] {
  let text: string
  try {
    text = readFileSync(join(directory, RUN_FILES.metrics), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  // What stands behind the last line break is empty, or half a line.
  const texts = text.split('\n').slice(0, -1)
  return texts.flatMap(text => {
    try {
      return [JSON.parse(text)]
    } catch {
      return []
    }
  })
}
