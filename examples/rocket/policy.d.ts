/** What the policy was made for. */
export declare const policy: {
  readonly environment?: string
  readonly observationSize: number
  readonly actionSize: number
  readonly actionLow: readonly number[]
  readonly actionHigh: readonly number[]
  /** Of soft-actor-critic. */
  readonly version: string
}

/**
 * The action for an observation, both in the environment's units: the same one each time, or with noise a sample. Noise is
 * one standard normal number per action, or one uniform number in [0, 1) in all if actions are discrete. Throws a
 * RangeError for wrong lengths and numbers that are not finite.
 */
export declare function act(observation: ArrayLike<number>, noise?: ArrayLike<number>): Float32Array
