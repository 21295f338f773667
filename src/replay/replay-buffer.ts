import { describe, requireFlag, requireNumber, requireVector } from '../env/require.ts'
import type { Random } from '../random.ts'
import { createLane, type LaneState } from './lane.ts'
import type { Batch, Transition } from './transition.ts'

/** What `createReplayBuffer` takes. */
export interface ReplayBufferOptions {
  /** Transitions to keep, over all lanes together; the oldest of a lane make room for its newest. */
  capacity: number
  /** Numbers in an observation. */
  observationSize: number
  /** Numbers in an action. */
  actionSize: number
  /** Environments running side by side, each of which adds to its own lane; 1 by default. */
  lanes?: number
}

/** A replay buffer as plain values and typed arrays, for a checkpoint. */
export interface ReplayBufferState {
  capacity: number
  observationSize: number
  actionSize: number
  lanes: LaneState[]
}

/** Transitions to learn from. */
export interface ReplayBuffer {
  readonly capacity: number
  readonly lanes: number
  /** Transitions held. */
  readonly size: number
  /** Memory in use, in bytes. It is taken in chunks while the buffer fills. */
  readonly bytes: number
  /**
   * Adds what one step of environment number `lane` showed. The numbers are copied, rounded to float32.
   *
   * There is no need to tell where episodes end or are given up.
   *
   * @throws RangeError for a wrong lane or length, or a number that is not finite in float32; nothing is added
   * @throws TypeError if `terminated` is neither true nor false
   */
  add(lane: number, transition: Transition): void
  /**
   * Fills the first `batchSize` rows of `batch` with transitions drawn uniformly, with replacement.
   *
   * @throws RangeError if the buffer is empty, an array too short, or `batchSize` not a positive whole number
   */
  sample(random: Random, batch: Batch, batchSize: number): void
  /**
   * A copy of the action that was added last to a lane; undefined while it is empty.
   *
   * @throws RangeError for a wrong lane
   */
  newestAction(lane: number): Float32Array | undefined
  /** Everything held. The arrays are the buffer's own memory: write them away before the next `add`. */
  state(): ReplayBufferState
  /**
   * Takes over (copies) what `state` returned.
   *
   * @throws RangeError if it is of a buffer with other options, damaged, or too large for the memory there is; the
   *   buffer is then as before
   */
  restore(state: ReplayBufferState): void
}

/**
 * A replay buffer that stores each observation once and samples uniformly.
 *
 * A transition takes 4 (observationSize + actionSize + 1) + 1 bytes, and as many as an observation more at the
 * end of an episode.
 *
 * @throws RangeError if an option is not a positive whole number, or there are more lanes than `capacity`
 * @example
 * const replay = createReplayBuffer({ capacity: 1_000_000, observationSize: 3, actionSize: 1 })
 * replay.add(0, { observation, action, reward, nextObservation, terminated })
 * replay.sample(random, batch, 256)
 */
export function createReplayBuffer(options: ReplayBufferOptions): ReplayBuffer {
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
  /** Transitions in each lane, and in all. */
  const counts = new Int32Array(laneCount)
  let size = 0
  function laneAt(index: number) {
    // A text such as '0' would find a lane as well.
    const lane = Number.isInteger(index) ? lanes[index] : undefined
    if (lane) return lane
    throw new RangeError(`lane is ${describe(index)}: it must be a whole number from 0 to ${laneCount - 1}`)
  }
  function recount(lane: number): void {
    size += lanes[lane].count - counts[lane]
    counts[lane] = lanes[lane].count
  }

  return {
    capacity,
    lanes: laneCount,

    get size() {
      return size
    },

    get bytes() {
      return lanes.reduce((sum, lane) => sum + lane.bytes, 0)
    },

    add(laneIndex, transition) {
      const lane = laneAt(laneIndex)
      requireVector('observation', transition.observation, observationSize)
      requireVector('action', transition.action, actionSize)
      requireVector('nextObservation', transition.nextObservation, observationSize)
      requireNumber('reward', transition.reward)
      requireFlag('terminated', transition.terminated)
      lane.add(transition)
      recount(laneIndex)
    },

    sample(random, batch, batchSize) {
      if (size === 0) throw new RangeError('the replay buffer is empty: add transitions before sampling')
      if (!Number.isInteger(batchSize) || batchSize < 1) {
        throw new RangeError(`batchSize is ${batchSize}: it must be a positive whole number`)
      }
      checkRoom('observation', batch.observation, batchSize, observationSize)
      checkRoom('action', batch.action, batchSize, actionSize)
      checkRoom('reward', batch.reward, batchSize, 1)
      checkRoom('nextObservation', batch.nextObservation, batchSize, observationSize)
      checkRoom('terminated', batch.terminated, batchSize, 1)
      for (let row = 0; row < batchSize; row++) {
        let age = random.integer(size)
        let lane = 0
        while (age >= counts[lane]) age -= counts[lane++]
        lanes[lane].read(age, batch, row)
      }
    },

    newestAction: lane => laneAt(lane).newestAction(),

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
            `the state is of a replay buffer with ${name} ${given}, but this one has ${mine}: create it alike`,
          )
        }
      }
      const prepared = state.lanes.map((laneState, i) => lanes[i].prepare(laneState))
      prepared.forEach((takeOver, i) => {
        takeOver()
        recount(i)
      })
    },
  }
}

function checkRoom(name: string, array: Float32Array, rows: number, width: number): void {
  if (!(array.length >= rows * width)) {
    throw new RangeError(
      `batch.${name} has room for ${array.length} numbers: ${rows} rows of ${width} need ${rows * width}`,
    )
  }
}
