import type { Vector } from '../env/env.ts'

/** One step of an environment. */
export interface Transition {
  /** [observationSize] before the step. */
  observation: Vector
  /** [actionSize], in the units in which the learner reads it. */
  action: Vector
  /** What the step earned, in the environment's units; finite. */
  reward: number
  /** [observationSize], what the step returned, also on the last step of an episode; never that of a `reset`. */
  nextObservation: Vector
  /** The task itself ended, so that learning must not bootstrap from `nextObservation`. */
  terminated: boolean
  /** Time ran out: the episode ends here, but such a transition bootstraps like any other. Default false. */
  truncated?: boolean
}

/** Where `sample` puts what it reads: row-major arrays with room for at least `batchSize` rows. */
export interface Batch {
  /** [batchSize, observationSize] */
  observation: Float32Array
  /** [batchSize, actionSize] */
  action: Float32Array
  /** [batchSize], the sum of the next k rewards, the i-th times gamma^i. */
  reward: Float32Array
  /** [batchSize, observationSize], after these k steps. */
  nextObservation: Float32Array
  /** [batchSize], gamma^k, or 0 where the task itself ended within them; a truncated episode counts as continuing. */
  discount: Float32Array
  /** [batchSize], how much each row counts, at most 1; written where rows are drawn by priority. */
  weight?: Float32Array
  /** [batchSize], 1 for rows from demonstrations, 0 for others; written where there is room for it. */
  imitated?: Float32Array
}
