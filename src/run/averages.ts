import type { UpdateMetrics } from '../sac/metrics.ts'
import type { EpisodeEvent, TrainingEvent } from '../training/events.ts'

/** What happened since the last summary. */
export interface Period {
  /** Length in seconds, without the time that evaluations took. */
  seconds: number
  /** Processor time of the whole process, all threads together, in seconds; also without evaluations. */
  processorSeconds: number
  stepsPerSecond: number
  updatesPerSecond: number
  /** Gradient updates for each environment step; 0 without steps. */
  updatesPerStep: number
  /** Mean of each quantity that updates and ended episodes reported; empty if there were none. */
  means: Partial<UpdateMetrics & { return: number; length: number; successRate: number }>
}

/** All that was observed since the last summary, as a value that survives JSON. */
export interface AveragesState {
  /** Time since then, without evaluations. */
  milliseconds: number
  /** Processor time since then, also without evaluations; missing in checkpoints of earlier versions. */
  processorMilliseconds?: number
  steps: number
  updates: number
  sums: Record<string, { total: number; count: number }>
}

/** Clocks, in milliseconds. */
export interface Clocks {
  wall(): number
  /** Processor time of the process so far. */
  processor(): number
}

const clocksOfProcess: Clocks = {
  wall: () => performance.now(),
  processor() {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  },
}

/** Sums up training events: `observe` each, `take` a summary now and then. */
export function createAverages({ wall, processor }: Clocks = clocksOfProcess) {
  let start = wall()
  let lastEvent = start
  let processorStart = processor()
  /** As of `processorReadAt`: reading this clock on every event would take longer than summing it up. */
  let processorTime = processorStart
  let processorReadAt = start
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

  function addEpisode({ return: total, length, success }: EpisodeEvent): void {
    add({ return: total, length, ...(success !== undefined && { successRate: Number(success) }) })
  }

  function readProcessor(time: number): void {
    processorTime = processor()
    processorReadAt = time
  }

  /** Takes the time since the event before, which was an evaluation's, out of the sums. */
  function leaveOut(time: number): void {
    const before = processorTime
    readProcessor(time)
    start += time - lastEvent
    processorStart += processorTime - before
  }

  return {
    observe(event: TrainingEvent): void {
      const time = wall()
      if (event.type === 'step') steps++
      else if (event.type === 'evaluation') leaveOut(time)
      else if (event.type === 'episode') addEpisode(event)
      else if (event.type === 'update') {
        updates++
        add({ ...event.metrics })
      }
      if (time - processorReadAt > PROCESSOR_MS) readProcessor(time)
      lastEvent = time
    },

    take(): Period {
      const time = wall()
      readProcessor(time)
      const seconds = Math.max(time - start, 1e-3) / 1000
      const means = Object.entries(sums).map(([name, { total, count }]) => [name, total / count])
      const period = {
        seconds,
        processorSeconds: (processorTime - processorStart) / 1000,
        stepsPerSecond: steps / seconds,
        updatesPerSecond: updates / seconds,
        updatesPerStep: steps === 0 ? 0 : updates / steps,
        means: Object.fromEntries(means),
      }
      start = time
      processorStart = processorTime
      steps = 0
      updates = 0
      sums = {}
      return period
    },

    state: (): AveragesState => ({
      milliseconds: wall() - start,
      processorMilliseconds: processor() - processorStart,
      steps,
      updates,
      sums,
    }),

    restore(state: AveragesState): void {
      lastEvent = wall()
      start = lastEvent - state.milliseconds
      readProcessor(lastEvent)
      processorStart = processorTime - (state.processorMilliseconds ?? 0)
      steps = state.steps
      updates = state.updates
      sums = state.sums
    },
  }
}

/** How old the processor's time may be, in milliseconds, when an evaluation begins. */
const PROCESSOR_MS = 10
