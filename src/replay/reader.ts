/** Readers: how a picked transition becomes a row of a batch. */
import type { Lane } from './lane.ts'
import type { Batch } from './transition.ts'

/** Writes what begins with the transition of this age to a row of a batch. */
export type Reader = (lane: Lane, age: number, batch: Batch, row: number) => void

/** What `nStepReader` takes. */
export interface NStepOptions {
  /** Discount of the reward one step later. */
  gamma: number
  /** Rewards to sum up, at least 1. */
  steps: number
  observationSize: number
  actionSize: number
}

/**
 * Reads a transition as the start of `steps` steps: their discounted rewards, and the observation after them. There are
 * fewer at the end of the episode and at the newest transition; later rewards are zero only after a terminated one.
 */
export function nStepReader({ gamma, steps, observationSize, actionSize }: NStepOptions): Reader {
  return (lane, age, batch, row) => {
    const end = Math.min(age + steps, lane.count) - 1
    let last = age
    let reward = lane.reward(age)
    let discount = gamma
    while (last < end && !lane.isLast(last)) {
      last++
      reward += discount * lane.reward(last)
      discount *= gamma
    }
    lane.copyObservation(age, batch.observation, row * observationSize)
    lane.copyAction(age, batch.action, row * actionSize)
    batch.reward[row] = reward
    lane.copyNextObservation(last, batch.nextObservation, row * observationSize)
    batch.discount[row] = lane.isTerminated(last) ? 0 : discount
  }
}
