import type { UpdateMetrics } from '../sac/metrics.ts'
import type { TrainingEvent } from '../training/events.ts'

/** What happened since the last time somebody looked. */
export interface Period {
  /** Length in seconds, without the time that evaluations took. */
  seconds: number
  stepsPerSecond: number
  updatesPerSecond: number
  /** Gradient updates for each environment step; 0 without steps. */
  updatesPerStep: number
  /** Mean of each quantity that updates and ended episodes reported; empty if there were none. */
  means: Partial<UpdateMetrics & { return: number; length: number }>
}

/** All that was observed since the last summary, as a value that survives JSON. */
export interface AveragesState {
  /** Time since then, without evaluations. */
  milliseconds: number
  steps: number
  updates: number
  sums: Record<string, { total: number; count: number }>
}

/** Sums up training events: `observe` each, `take` a summary now and then. `now` is in milliseconds. */
export function createAverages(now: () => number = () => performance.now()) {
  let start = now()
  let lastEvent = start
  let steps = 0
  let updates = 0
  let sums: AveragesState['sums'] = {}

  function add(quantities: { [name: string]: number }): void {
    for (const name in quantities) {
      sums[name] ??= { total: 0, count: 0 }
      sums[name].total += quantities[name]
      sums[name].count++
    }
  }

  return {
    observe(event: TrainingEvent): void {
      const time = now()
      if (event.type === 'step') steps++
      else if (event.type === 'evaluation') start += time - lastEvent
      else if (event.type === 'episode') add({ return: event.return, length: event.length })
      else if (event.type === 'update') {
        updates++
        add({ ...event.metrics })
      }
      lastEvent = time
    },

    take(): Period {
      const time = now()
      const seconds = Math.max(time - start, 1e-3) / 1000
      const means = Object.entries(sums).map(([name, { total, count }]) => [name, total / count])
      const period = {
        seconds,
        stepsPerSecond: steps / seconds,
        updatesPerSecond: updates / seconds,
        updatesPerStep: steps === 0 ? 0 : updates / steps,
        means: Object.fromEntries(means),
      }
      start = time
      steps = 0
      updates = 0
      sums = {}
      return period
    },

    state: (): AveragesState => ({ milliseconds: now() - start, steps, updates, sums }),

    restore(state: AveragesState): void {
      lastEvent = now()
      start = lastEvent - state.milliseconds
      steps = state.steps
      updates = state.updates
      sums = state.sums
    },
  }
}
