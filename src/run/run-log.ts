import { hostname } from 'node:os'
import type { Examination } from '../doctor/doctor.ts'
import { requireNumber } from '../env/require.ts'
import type { SAC } from '../sac/agent.ts'
import type { TrainingEvent } from '../training/events.ts'
import { type AveragesState, createAverages } from './averages.ts'
import {
  type EndReason,
  METRIC_TAGS,
  type MetricName,
  type MetricsLine,
  numbersOf,
  type TrainMetrics,
} from './metrics.ts'
import { appendMetrics, truncateMetrics } from './metrics-file.ts'
import { openEventFile } from './tensorboard.ts'

/** Keeps the record of a run, `metrics.jsonl` and TensorBoard's event files: a consumer of training events. */
export interface RunLog {
  observe(event: TrainingEvent): void
  /** What the doctor found. */
  examined(examination: Examination): void
  /**
   * Quantities of the user's own, at the present step.
   * @throws RangeError for one that is not a finite number
   */
  custom(metrics: Record<string, number>): void
  /** What the next lines depend on, for a checkpoint. */
  state(): RunLogState
  /** The last lines. */
  end(reason: EndReason, message?: string): void
}

/** What the next lines of a log depend on, as a value that survives JSON. */
export interface RunLogState {
  averages: AveragesState
  /** The step up to which training was logged. */
  told: number
  /** How many evaluations were logged. */
  evaluations: number
}

/** From where the log of a run resumes: its `state`, and the step of the doctor's last regular examination. */
export interface LogOrigin extends RunLogState {
  examined: number
}

/** What the log reads from an agent. */
export type LoggedAgent = Pick<SAC, 'steps' | 'episodes' | 'updates' | 'timings' | 'targetEntropy'>

/**
 * Begins the log of a run, or resumes it: lines of steps after those of the agent are removed.
 *
 * @param agent as it is before the first event
 * @param every steps from one line to the next, at multiples of it; there is one more at the end, which is taken back
 *   if the run resumes from a state
 * @param from the `state` of the moment from which the run resumes, so that its lines are as if it had never stopped
 */
export function openRunLog(directory: string, agent: LoggedAgent, every: number, from?: LogOrigin): RunLog {
  const counts = { episodes: agent.episodes, updates: agent.updates }
  const averages = createAverages()
  let step = agent.steps
  let told = from?.told ?? step
  let timings = { ...agent.timings }

  if (from) averages.restore(from.averages)
  let evaluations = truncateMetrics(directory, {
    step,
    training: told,
    evaluations: from?.evaluations ?? 0,
    examined: from?.examined ?? step,
  })
  const addScalars = openEventFile(directory, step)
  const line = ({ type, ...content }: Content) => {
    const time = new Date()
    const complete = { type, step, time: time.toISOString(), ...content } as MetricsLine
    appendMetrics(directory, complete)
    const scalars = Object.entries(numbersOf(complete)).map(([name, value]) => [
      METRIC_TAGS[name as MetricName],
      value,
    ])
    if (scalars.length > 0) addScalars(step, Object.fromEntries(scalars), time.getTime() / 1000)
  }
  line({ type: 'start', pid: process.pid, host: hostname() })

  function logTraining(): void {
    if (step === told) return
    const { means, ...speed } = averages.take()
    const goal =
      agent.targetEntropy !== undefined && means.entropy !== undefined
        ? { targetEntropy: agent.targetEntropy }
        : {}
    const parts = secondsSince(timings, agent.timings)
    line({ type: 'train', ...rounded({ ...counts, ...means, ...goal, ...speed, ...parts }) })
    told = step
    timings = { ...agent.timings }
  }
  const isDue = () => Math.floor(step / every) > Math.floor(told / every)

  return {
    observe(event) {
      const { type } = event
      // Updates and episodes still belong to the steps before them, so only the next round of steps ends a line.
      if (type === 'step' && event.environment === 0 && isDue()) logTraining()
      averages.observe(event)
      // Not those of other events: an episode's is the step of its own environment, not of the whole round.
      if (type === 'step') step = event.step
      if (type === 'update') counts.updates = event.update
      if (type === 'episode') counts.episodes = event.episode
      if (type === 'change') line({ type, changes: event.changes })
      if (type === 'evaluation') {
        line(event)
        evaluations++
      }
    },
    examined({ vitals, diagnoses }) {
      line({ type: 'examination', vitals, diagnoses })
    },
    custom(metrics) {
      for (const [name, value] of Object.entries(metrics)) requireNumber(`metric ${name}`, value)
      line({ type: 'custom', metrics: { ...metrics } })
      addScalars(step, metrics, Date.now() / 1000)
    },
    state: () => ({ averages: averages.state(), told, evaluations }),
    end(reason, message) {
      logTraining()
      line({ type: 'end', reason, message })
    },
  }
}

/** Whole numbers as they are, others to six digits: more are noise. */
function rounded(metrics: TrainMetrics): TrainMetrics {
  const round = (value: number) => (Number.isInteger(value) ? value : Number(value.toPrecision(6)))
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, round(value)]),
  ) as unknown as TrainMetrics
}

/** A line without what every line has. */
type Content = MetricsLine extends infer L
  ? L extends MetricsLine
    ? Omit<L, 'step' | 'time'>
    : never
  : never

/** `{ act: 5 }` and `{ act: 1005 }`, in milliseconds, make `{ actSeconds: 1 }`. */
const secondsSince = (before: SAC['timings'], now: SAC['timings']) => ({
  environmentSeconds: (now.environment - before.environment) / 1000,
  actSeconds: (now.act - before.act) / 1000,
  sampleSeconds: (now.sample - before.sample) / 1000,
  updateSeconds: (now.update - before.update) / 1000,
})
