import type { LiveOptions } from '../sac/live-options.ts'
import type { UpdateMetrics } from '../sac/metrics.ts'
import type { Evaluation } from './evaluate.ts'
import type { TrainingState } from './lanes.ts'

/** One environment took a step. */
export interface StepEvent {
  /** Which event it is. */
  type: 'step'
  /** Environment steps of this agent so far, this one included (counted over the agent's whole life). */
  step: number
  /** Which of the environments side by side, counted from 0. */
  environment: number
  /** What the step earned, in the environment's units. */
  reward: number
  /** The task itself ended with it. */
  terminated: boolean
  /** The episode was cut off after it. */
  truncated: boolean
}

/** One gradient update was made. */
export interface UpdateEvent {
  /** Which event it is. */
  type: 'update'
  /** Environment steps of this agent so far. */
  step: number
  /** Gradient updates of this agent so far, this one included. */
  update: number
  /** What the update reports. */
  metrics: UpdateMetrics
}

/** An episode ended. */
export interface EpisodeEvent {
  /** Which event it is. */
  type: 'episode'
  /** Environment steps of this agent so far. */
  step: number
  /** Which of the environments side by side, counted from 0. */
  environment: number
  /** Episodes of this agent that have ended so far, this one included. */
  episode: number
  /** Undiscounted sum of the episode's rewards. */
  return: number
  /** Steps in the episode. */
  length: number
  /** Whether its last step said that the goal is reached (`info.is_success`); missing if it did not say. */
  success?: boolean
  /** The task itself ended. */
  terminated: boolean
  /** It was cut off. */
  truncated: boolean
}

/** The deterministic policy was evaluated. */
export interface EvaluationEvent extends Evaluation {
  /** Which event it is. */
  type: 'evaluation'
  /** Environment steps of this agent so far. */
  step: number
}

/** Options of the agent were changed (`agent.change`). */
export interface ChangeEvent {
  /** Which event it is. */
  type: 'change'
  /** Environment steps of this agent so far. */
  step: number
  /** All that differ from those it was made with, with the values in force. */
  changes: LiveOptions
}

/** A moment at which a consumer may want to save (`checkpointEvery`). */
export interface CheckpointEvent {
  /** Which event it is. */
  type: 'checkpoint'
  /** Environment steps of this agent so far. */
  step: number
  /** What the loop needs to resume exactly from here, together with `agent.state()`. */
  state: TrainingState
}

/** Training is over; the last event. */
export interface DoneEvent {
  /** Which event it is. */
  type: 'done'
  /** Environment steps of this agent so far. */
  step: number
  /** `steps`: all were taken; `aborted`: the `AbortSignal` fired. */
  reason: 'steps' | 'aborted'
  /** What the loop needs to resume exactly from here, together with `agent.state()`. */
  state: TrainingState
}

/** What `train` yields. */
export type TrainingEvent =
  | StepEvent
  | UpdateEvent
  | EpisodeEvent
  | EvaluationEvent
  | ChangeEvent
  | CheckpointEvent
  | DoneEvent
