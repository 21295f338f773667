/** What a run logs about itself, line by line; `docs/runs.md` is the reference for readers in other languages. */
import type { Examination } from '../doctor/doctor.ts'
import type { Timings } from '../sac/agent.ts'
import type { LiveOptions } from '../sac/live-options.ts'
import type { UpdateMetrics } from '../sac/metrics.ts'
import type { Evaluation } from '../training/evaluate.ts'

/** Every quantity of a `train` line: its name in TensorBoard, which is Stable-Baselines3's where it has one. */
export const TRAIN_METRICS = {
  return: 'rollout/ep_rew_mean',
  length: 'rollout/ep_len_mean',
  successRate: 'rollout/success_rate',
  episodes: 'time/episodes',
  updates: 'train/n_updates',
  updatesPerStep: 'train/updates_per_step',
  criticLoss: 'train/critic_loss',
  actorLoss: 'train/actor_loss',
  temperature: 'train/ent_coef',
  temperatureLoss: 'train/ent_coef_loss',
  learningRate: 'train/learning_rate',
  explorationNoise: 'train/exploration_noise',
  priorityBeta: 'train/priority_beta',
  entropy: 'train/entropy',
  targetEntropy: 'train/target_entropy',
  logProb: 'train/log_prob',
  q1: 'train/q1',
  q2: 'train/q2',
  target: 'train/target_q',
  actionMean: 'train/action_mean',
  actionSpread: 'train/action_std',
  actionSaturation: 'train/action_saturation',
  criticsGradientNorm: 'train/critic_grad_norm',
  actorGradientNorm: 'train/actor_grad_norm',
  seconds: 'time/seconds',
  processorSeconds: 'time/processor_seconds',
  stepsPerSecond: 'time/fps',
  updatesPerSecond: 'time/updates_per_second',
  environmentSeconds: 'time/environment',
  actSeconds: 'time/act',
  sampleSeconds: 'time/sample',
  updateSeconds: 'time/update',
} as const satisfies Record<keyof TrainMetrics, string>

/** The quantities of an `evaluation` line that are one number, likewise. */
export const EVALUATION_METRICS = {
  evaluationMean: 'eval/mean_reward',
  evaluationStandardDeviation: 'eval/std_reward',
  evaluationLength: 'eval/mean_ep_length',
  evaluationSuccessRate: 'eval/success_rate',
} as const

/** Means over the steps, updates and episodes since the line before; quantities that none of them reported are missing. */
export interface TrainMetrics extends Partial<UpdateMetrics>, Seconds {
  /** Undiscounted return of the episodes that ended. */
  return?: number
  /** Their length in steps. */
  length?: number
  /** Share of them that reached their goal; missing if the environment does not say. */
  successRate?: number
  /** Episodes that have ended in the whole run so far. */
  episodes: number
  /** Gradient updates in the whole run so far. */
  updates: number
  /** Gradient updates for each environment step. */
  updatesPerStep: number
  /** The value that `entropy` is driven to; missing if the temperature does not tune itself. */
  targetEntropy?: number
  /** How long it took, without evaluations. */
  seconds: number
  /** Processor time of the whole process, all threads together; also without evaluations. */
  processorSeconds: number
  /** Environment steps per second of `seconds`. */
  stepsPerSecond: number
  /** Gradient updates per second of `seconds`. */
  updatesPerSecond: number
}

/** The agent's timings since the line before: `environment` becomes `environmentSeconds`. */
export type Seconds = { [part in keyof Timings as `${part}Seconds`]: number }

/** What every line has. */
export interface Line {
  /** Environment steps so far. */
  step: number
  /** When it was written, ISO 8601 in UTC. */
  time: string
}

/** The first line, and the first one after each time that a stopped run was resumed. */
export interface StartLine extends Line {
  /** Which line it is. */
  type: 'start'
  /** The process that trains, and its machine, where one can see whether it still does. */
  pid: number
  /** Name of that machine. */
  host: string
}

/** Written every `logEvery` steps. */
export interface TrainLine extends Line, TrainMetrics {
  /** Which line it is. */
  type: 'train'
}

/** Written after each evaluation of the deterministic policy. */
export interface EvaluationLine extends Line, Evaluation {
  /** Which line it is. */
  type: 'evaluation'
}

/** Written every `examinationInterval` steps and when training is done: whether something goes wrong. */
export interface ExaminationLine extends Line, Omit<Examination, 'fresh'> {
  /** Which line it is. */
  type: 'examination'
}

/** Options were changed while the run trained (`agent.change`). */
export interface ChangeLine extends Line {
  /** Which line it is. */
  type: 'change'
  /** All that differ from `config.json`, with the values in force from here on. */
  changes: LiveOptions
}

/** Quantities of the user's own. */
export interface CustomLine extends Line {
  /** Which line it is. */
  type: 'custom'
  /** By names that are also those in TensorBoard. */
  metrics: Record<string, number>
}

/** Why a run ended: its steps were taken, somebody stopped it, or an error did. */
export type EndReason = 'steps' | 'aborted' | 'error'

/** Written when a session of the run ends, unless it is killed. */
export interface EndLine extends Line {
  /** Which line it is. */
  type: 'end'
  /** Why it ended. */
  reason: EndReason
  /** Who stopped it, or the error. */
  message?: string
}

/** A line of `metrics.jsonl`. */
export type MetricsLine =
  | StartLine
  | TrainLine
  | EvaluationLine
  | ExaminationLine
  | ChangeLine
  | CustomLine
  | EndLine

/**
 * The numbers of a line by their names in `TRAIN_METRICS` and `EVALUATION_METRICS`; none of other lines.
 * @example
 * for (const line of readMetrics(directory).train) console.log(numbersOf(line).return)
 */
export function numbersOf(line: MetricsLine): Partial<Record<MetricName, number>> {
  if (line.type === 'train') {
    const names = Object.keys(TRAIN_METRICS) as (keyof TrainMetrics)[]
    return Object.fromEntries(
      names.map(name => [name, line[name]]).filter(([, value]) => value !== undefined),
    )
  }
  if (line.type !== 'evaluation') return {}
  const { mean, standardDeviation, lengths, successRate } = line
  return {
    evaluationMean: mean,
    evaluationStandardDeviation: standardDeviation,
    evaluationLength: lengths.reduce((a, b) => a + b, 0) / lengths.length,
    ...(successRate !== undefined && { evaluationSuccessRate: successRate }),
  }
}

/** A quantity of `train` and `evaluation` lines. */
export type MetricName = keyof typeof TRAIN_METRICS | keyof typeof EVALUATION_METRICS

/** All names, in the order in which people read them. */
export const METRIC_TAGS: Record<MetricName, string> = { ...TRAIN_METRICS, ...EVALUATION_METRICS }
