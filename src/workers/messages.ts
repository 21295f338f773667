import type { Env } from '../env/env.ts'
import type { Spaces } from '../env/spaces.ts'

/** How a worker is started. */
export interface WorkerData {
  /** Address of the module that makes environments. */
  module: string
  /** Its export that does, called with `args` for each environment. */
  name: string
  args: readonly unknown[]
  count: number
}

/** The first message of a worker: one for each of its environments. */
export interface Description extends Spaces, Pick<Env, 'seedBits'> {
  id?: string
  hasState: boolean
  hasScene: boolean
  /** Numbers in a goal, if it has goals. */
  goalSize?: number
}

/** A call of one of a worker's environments. A message is a list of them. */
export interface Call {
  /** Which one, counted from 0. */
  env: number
  method: 'reset' | 'step' | 'getState' | 'setState' | 'scene' | 'close' | 'computeRewards'
  argument?: unknown
}

/** The argument of `computeRewards`: that of `Goals.computeRewards`. */
export interface GoalPairs {
  achieved: Float32Array
  desired: Float32Array
  count: number
}

/** The result of a call; a message is a list of them, in the order of the calls. */
export type Reply = { value: unknown } | { error: unknown }
