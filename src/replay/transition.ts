import type { Vector } from '../env/env.ts'

/** One step of an environment. */
export interface Transition {
  /** [observationSize] before the step. */
  observation: Vector
  /** [actionSize], in whatever units the learner wants it back. */
  action: Vector
  reward: number
  /** [observationSize]: what the step returned, also on the last step of an episode; never that of a `reset`. */
  nextObservation: Vector
  /** The task itself ended, so that learning must not bootstrap from `nextObservation`. */
  terminated: boolean
  /** Time ran out. Such a transition bootstraps like any other, so this is not stored. */
  truncated?: boolean
}

/** Where `sample` puts transitions: row-major arrays with room for at least `batchSize` rows. */
export interface Batch {
  /** [batchSize, observationSize] */
  observation: Float32Array
  /** [batchSize, actionSize] */
  action: Float32Array
  /** [batchSize] */
  reward: Float32Array
  /** [batchSize, observationSize] */
  nextObservation: Float32Array
  /** [batchSize]: 1 where the task itself ended, 0 otherwise, truncated or not. */
  terminated: Float32Array
}
