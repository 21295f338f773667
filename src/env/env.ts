import type { Point2, Point3, Scene } from './scene.ts'
import type { ActionSpace, Box } from './spaces.ts'

/** A value, or a promise of it: environments may answer either way. */
export type Awaitable<T> = T | Promise<T>

/** Numbers in an indexable sequence: `number[]`, `Float32Array`, `Float64Array`, ... */
export type Vector = ArrayLike<number>

/** What `reset` takes. */
export interface ResetOptions {
  /**
   * Restarts the environment's own random stream: a whole number in [0, 2^31), or more if `seedBits` says so. Without it
   * the stream continues.
   */
  seed?: number
  /** Options that the environment documents. */
  options?: Record<string, unknown>
}

/** What `reset` returns. */
export interface ResetResult {
  /** What the environment shows at the start of the episode: as many finite numbers as its observation space has. */
  observation: Vector
  /** What else the environment reports; not learned from. */
  info?: Record<string, unknown>
}

/** What `step` returns. */
export interface StepResult {
  /** The observation *after* the action, also on the last step of an episode. */
  observation: Vector
  /** A finite number. */
  reward: number
  /** The task itself ended (fallen, reached, crashed): nothing can be earned afterwards. */
  terminated: boolean
  /** The episode was cut off from outside (time limit): the task would have continued. */
  truncated: boolean
  /** What else the environment reports, such as `is_success`; not learned from. */
  info?: Record<string, unknown>
}

/** A part of an environment that people may push while it moves. */
export interface Handle {
  /** Such as `left_shin`; no two in an environment are called the same. */
  readonly name: string
  /** Where it is now in the scene, in m. */
  readonly position: Point2 | Point3
  /**
   * Pushes it during the next step, by what would accelerate all of the moving thing so fast, in m/s^2 along each axis of
   * the scene. Several pushes add up.
   * @throws RangeError unless there is one finite number for each axis
   */
  push(acceleration: Vector): void
}

/**
 * What an environment says about its goals, from which an agent can learn with hindsight. Its observations end in the goal
 * that is achieved at present and the one that is desired: observation, achieved goal [size], desired goal [size].
 */
export interface Goals {
  /** Numbers in a goal. */
  readonly size: number
  /**
   * The reward of a step after which `achieved` [size] is achieved, where `desired` [size] is the goal: a finite number,
   * the same as `step` returns, and of nothing else than these two.
   */
  computeReward(achieved: Vector, desired: Vector): Awaitable<number>
  /**
   * The same for many at once, for environments where a call is expensive: [count] rewards from `achieved` [count, size]
   * and `desired` [count, size]. Without it, `computeReward` is called for each.
   */
  computeRewards?(achieved: Float32Array, desired: Float32Array, count: number): Awaitable<Vector>
}

/**
 * An environment with continuous observations, and continuous or discrete actions, in Gymnasium's terms.
 *
 * Each call may answer at once or with a promise. Observations and actions are flat vectors in the
 * environment's own units. The observation must not be written to after it was returned.
 */
export interface Env {
  /** A name such as `Pendulum-v1`. */
  readonly id?: string
  /** Shape and bounds of an observation; bounds may be infinite. */
  readonly observationSpace: Box
  /** Shape and bounds of an action, which must be finite; or a space made with `discrete` or `multiDiscrete`. */
  readonly actionSpace: ActionSpace
  /**
   * Bits of the seeds that `reset` takes. Default 31, because many simulators keep theirs in a signed integer of 32 bits;
   * the built-in environments take 32.
   */
  readonly seedBits?: 31 | 32
  /** What the task's goals are, if it has goals that change from episode to episode. */
  readonly goals?: Goals
  /** Begins an episode. */
  reset(options?: ResetOptions): Awaitable<ResetResult>
  /** Applies one action (within `actionSpace`) for one time step; a choice among discrete ones is `action[0]`. */
  step(action: Float32Array): Awaitable<StepResult>
  /**
   * Everything the next steps depend on (physics, time in the episode, random stream), as a value that
   * survives JSON exactly. With it a stopped training run resumes as if it had never stopped.
   */
  getState?(): Awaitable<unknown>
  /** Continues from what `getState` of the same kind of environment returned, in place of `reset`. */
  setState?(state: unknown): Awaitable<void>
  /**
   * What the environment looks like now, in shapes that anything can draw; throws before the first `reset`. Asking
   * for it changes nothing: the steps that follow are the same, to the last bit.
   */
  scene?(): Awaitable<Scene>
  /** What can be pushed now, for people to touch; throws before the first `reset`. Asking for it changes nothing. */
  handles?(): readonly Handle[]
  /** Frees what the environment holds. */
  close?(): Awaitable<void>
}
