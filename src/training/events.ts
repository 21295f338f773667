import type { UpdateMetrics } from '../sac/metrics.ts'
import type { Evaluation } from './evaluate.ts'

/** One environment step was taken. */
export interface StepEvent {
  type: 'step'
  /** Environment steps of this agent so far, this one included (counted over the agent's whole life). */
  step: number
  /** Episode this step belongs to, counted from 1. */
  episode: number
  reward: number
  terminated: boolean
  truncated: boolean
}

/** One gradient update was made. */
export interface UpdateEvent {
  type: 'update'
  step: number
  /** Gradient updates of this agent so far, this one included. */
  update: number
  metrics: UpdateMetrics
}

/** An episode ended. */
export interface EpisodeEvent {
  type: 'episode'
  step: number
  episode: number
  /** Undiscounted sum of the episode's rewards. */
  return: number
  /** Steps in the episode. */
  length: number
  terminated: boolean
  truncated: boolean
}

/** The deterministic policy was evaluated. */
export interface EvaluationEvent extends Evaluation {
  type: 'evaluation'
  step: number
}

/** A moment at which a consumer may want to save the agent (`checkpointEvery`). */
export interface CheckpointEvent {
  type: 'checkpoint'
  step: number
}

/** Training is over; the last event. */
export interface DoneEvent {
  type: 'done'
  step: number
  /** `steps`: all were taken; `aborted`: the `AbortSignal` fired. */
  reason: 'steps' | 'aborted'
}

export type TrainingEvent =
  | StepEvent
  | UpdateEvent
  | EpisodeEvent
  | EvaluationEvent
  | CheckpointEvent
  | DoneEvent
