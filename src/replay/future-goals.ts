/** Hindsight (Andrychowicz et al. 2017, 1707.01495): what was achieved later is read as if it had been the goal. */
import { whenThere } from '../env/awaitable.ts'
import type { Awaitable, Vector } from '../env/env.ts'
import type { Random } from '../random.ts'
import type { Lane } from './lane.ts'
import type { Batch } from './transition.ts'

/** What `createReplayBuffer` takes for transitions whose observations end in an achieved and a desired goal. */
export interface HindsightOptions {
  /** Numbers in a goal. */
  goalSize: number
  /** Transitions with another goal for each one that keeps its own, k. */
  goals: number
  /** Rewards [count] for `achieved` [count, goalSize] with `desired` [count, goalSize] as the goal. */
  computeRewards(achieved: Float32Array, desired: Float32Array, count: number): Awaitable<Vector>
}

/** Gives rows of a batch other goals. */
export interface FutureGoals {
  /**
   * Gives a row that was read from the transition of this age another goal, with probability k / (k + 1): what the same
   * transition or a later one of its episode achieved, each equally likely.
   */
  relabel(lane: Lane, age: number, batch: Batch, row: number, random: Random): void
  /** Writes the rewards of the rows that were given one since the last call; at once if they are computed at once. */
  writeRewards(batch: Batch): Awaitable<void>
}

export function createFutureGoals({
  observationSize,
  goalSize,
  goals,
  computeRewards,
}: HindsightOptions & { observationSize: number }): FutureGoals {
  const achievedAt = observationSize - 2 * goalSize
  const desiredAt = observationSize - goalSize
  const later = new Float32Array(observationSize)
  let rows: number[] = []

  return {
    relabel(lane, age, batch, row, random) {
      if (random.integer(goals + 1) === 0) return
      const chosen = age + random.integer(lane.lastOfEpisode(age) - age + 1)
      lane.copyNextObservation(chosen, later, 0)
      const goal = later.subarray(achievedAt, desiredAt)
      batch.observation.set(goal, row * observationSize + desiredAt)
      batch.nextObservation.set(goal, row * observationSize + desiredAt)
      rows.push(row)
    },

    writeRewards({ nextObservation, reward }) {
      const relabelled = rows
      rows = []
      if (relabelled.length === 0) return
      // Copies, because observations of a batch may be normalised before the rewards are there.
      const part = (row: number, from: number) =>
        nextObservation.subarray(row * observationSize + from, row * observationSize + from + goalSize)
      const achieved = new Float32Array(relabelled.length * goalSize)
      const desired = new Float32Array(relabelled.length * goalSize)
      for (const [i, row] of relabelled.entries()) {
        achieved.set(part(row, achievedAt), i * goalSize)
        desired.set(part(row, desiredAt), i * goalSize)
      }
      return whenThere(computeRewards(achieved, desired, relabelled.length), rewards => {
        for (const [i, row] of relabelled.entries()) reward[row] = rewards[i]
      })
    },
  }
}
