import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrainingEvent } from '../training/events.ts'
import { createAverages } from './averages.ts'
import { RUN_FILES } from './run-directory.ts'

/** Why a run ended: its steps were taken, somebody stopped it, or an error did. */
export type EndReason = 'steps' | 'aborted' | 'error'

/** Writes `metrics.jsonl` of a run, a consumer of its training events. */
export interface MetricsWriter {
  /** Adds a line for every episode, with means over the updates since the line before, and for every evaluation. */
  write(event: TrainingEvent): void
  /** Adds the last line. */
  end(reason: EndReason, message?: string): void
}

/**
 * Begins `metrics.jsonl` in a run's directory. Every line is a JSON object with a `type`: `start` first, then
 * `episode` and `evaluation`, at last `end`.
 */
export function metricsWriter(directory: string): MetricsWriter {
  const path = join(directory, RUN_FILES.metrics)
  const averages = createAverages()
  const counts = { step: 0, updates: 0 }
  const line = (content: { type: string } & Record<string, unknown>) =>
    appendFileSync(path, `${JSON.stringify(content)}\n`)

  line({ type: 'start', time: new Date().toISOString() })
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
    end(reason, message) {
      line({ type: 'end', ...counts, reason, message, time: new Date().toISOString() })
    },
  }
}
