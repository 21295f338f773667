import { describe, requireFlag, requireNumber, requireVector } from '../env/require.ts'
import { createLane, type Lane, type StoredLane } from './lane.ts'
import type { Transition } from './transition.ts'

/** What `createStorage` takes. */
export interface StorageOptions {
  /** Transitions to keep, over all lanes together; the oldest of a lane make room for its newest. */
  capacity: number
  /** Numbers in an observation. */
  observationSize: number
  /** Numbers in an action. */
  actionSize: number
  /** Environments running side by side, each of which adds to its own lane; 1 by default. */
  lanes?: number
}

/** Stored transitions as plain values and typed arrays, for a checkpoint. */
export interface StorageState {
  /** Transitions that are kept at most. */
  capacity: number
  /** Numbers in an observation. */
  observationSize: number
  /** Numbers in an action. */
  actionSize: number
  /** Those of each environment side by side. */
  lanes: StoredLane[]
}

/** The transitions of environments side by side. */
export interface Storage {
  /** Transitions held. */
  readonly size: number
  readonly bytes: number
  /** Checks the transition of one step of an environment and adds it. */
  add(lane: number, transition: Transition): void
  readonly lanes: readonly Lane[]
  /** @throws RangeError for a lane that does not exist */
  lane(index: number): Lane
  /** Where the transition at a position from 0 to before `size` is, lane by lane, the oldest of each first. */
  locate(position: number): { lane: Lane; age: number }
  state(): StorageState
  restore(state: StorageState): void
}

/**
 * Memory for transitions: each observation is stored once, and memory is taken in chunks while it fills. For errors see
 * `createReplayBuffer`.
 */
export function createStorage(options: StorageOptions): Storage {
  const { capacity, observationSize, actionSize, lanes: laneCount = 1 } = options
  for (const [name, value] of Object.entries({ capacity, observationSize, actionSize, lanes: laneCount })) {
    if (!Number.isInteger(value) || value < 1 || value > 2 ** 30) {
      throw new RangeError(`${name} is ${value}: it must be a whole number from 1 to 1073741824`)
    }
  }
  if (laneCount > capacity) {
    throw new RangeError(`capacity is ${capacity}: it must be at least the number of lanes (${laneCount})`)
  }
  const lanes = Array.from({ length: laneCount }, (_, i) =>
    createLane(Math.floor((capacity + i) / laneCount), observationSize, actionSize),
  )
  let size = 0
  const found: { lane: Lane; age: number } = { lane: lanes[0], age: 0 }

  function laneOf(index: number): Lane {
    // A string such as '0' would find a lane as well.
    const lane = Number.isInteger(index) ? lanes[index] : undefined
    if (lane) return lane
    throw new RangeError(`lane is ${describe(index)}: it must be a whole number from 0 to ${laneCount - 1}`)
  }

  return {
    get size() {
      return size
    },

    get bytes() {
      return lanes.reduce((sum, lane) => sum + lane.bytes, 0)
    },

    lanes,

    lane: laneOf,

    add(index, transition) {
      const lane = laneOf(index)
      requireVector('observation', transition.observation, observationSize)
      requireVector('action', transition.action, actionSize)
      requireVector('nextObservation', transition.nextObservation, observationSize)
      requireNumber('reward', transition.reward)
      requireFlag('terminated', transition.terminated)
      if (transition.truncated !== undefined) requireFlag('truncated', transition.truncated)
      size -= lane.count
      lane.add(transition)
      size += lane.count
    },

    locate(position) {
      let lane = 0
      let age = position
      while (age >= lanes[lane].count) age -= lanes[lane++].count
      // The same object each time, because this is called for every row of every batch.
      found.lane = lanes[lane]
      found.age = age
      return found
    },

    state: () => ({ capacity, observationSize, actionSize, lanes: lanes.map(lane => lane.state()) }),

    restore(state) {
      for (const [name, mine, given] of [
        ['capacity', capacity, state.capacity],
        ['observationSize', observationSize, state.observationSize],
        ['actionSize', actionSize, state.actionSize],
        ['lanes', laneCount, state.lanes?.length],
      ]) {
        if (mine !== given) {
          throw new RangeError(
            `the state is of a replay buffer with ${name} ${given}, but this one has ${mine}: use the same options`,
          )
        }
      }
      const prepared = state.lanes.map((stored, i) => lanes[i].prepare(stored))
      for (const takeOver of prepared) takeOver()
      size = lanes.reduce((total, lane) => total + lane.count, 0)
    },
  }
}
