import type { Awaitable } from '../env/env.ts'
import type { Random } from '../random.ts'
import { createFutureGoals, type HindsightOptions } from './future-goals.ts'
import { nStepReader } from './reader.ts'
import { uniform } from './sampler.ts'
import { createStorage, type StorageOptions, type StorageState } from './storage.ts'
import type { Batch, Transition } from './transition.ts'

/** What `createReplayBuffer` takes. */
export interface ReplayBufferOptions extends StorageOptions {
  /** Discount of the reward one step later; 0.99 by default. */
  gamma?: number
  /** Rewards that a row of a batch sums up; 1 by default. */
  nStep?: number
  /** Gives rows of a batch goals that were achieved later; not together with `nStep`. By default none has another goal. */
  hindsight?: HindsightOptions
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
   * Adds the transition of one step of environment number `lane`. The numbers are copied, rounded to float32.
   *
   * @throws RangeError for a wrong lane or length, or a number that is not finite in float32; nothing is added
   * @throws TypeError if `terminated` or `truncated` is neither true nor false; nothing is added
   */
  add(lane: number, transition: Transition): void
  /**
   * Says that the next transition of a lane begins another episode. This is not needed where the last one was
   * terminated or truncated, or where the next one begins with another observation than the last one ended with.
   */
  endEpisode(lane: number): void
  /**
   * Fills `batchSize` rows of `batch` with transitions drawn uniformly, with replacement.
   *
   * @param firstRow where in `batch` they begin; 0 by default
   * @returns with `hindsight`, a promise if rewards are not computed at once: until it resolves, they are the old ones
   * @throws RangeError if the buffer is empty, an array too short, or `batchSize` not a positive whole number
   */
  sample(random: Random, batch: Batch, batchSize: number, firstRow?: number): Awaitable<void>
  /**
   * A copy of the action that was added last to a lane; undefined while it is empty.
   *
   * @throws RangeError for a wrong lane
   */
  newestAction(lane: number): Float32Array | undefined
  /** Everything held. The arrays are the buffer's own memory: write them away before the next `add`. */
  state(): StorageState
  /**
   * Takes over (copies) what `state` returned.
   *
   * @throws RangeError if it is of a buffer with other options, damaged, or too large for the memory there is; the
   *   buffer is then as before
   */
  restore(state: StorageState): void
}

/**
 * A replay buffer that stores each observation once and samples uniformly: a storage, a sampler that picks and a reader
 * that makes a row of a pick.
 *
 * A transition takes 4 (observationSize + actionSize + 1) + 1 bytes, and the last one of an episode another
 * 4 observationSize.
 *
 * @throws RangeError if an option is not a positive whole number, there are more lanes than `capacity`, or gamma is not
 *   within [0, 1], or `hindsight` is given together with `nStep`
 * @example
 * const replay = createReplayBuffer({ capacity: 1_000_000, observationSize: 3, actionSize: 1 })
 * replay.add(0, { observation, action, reward, nextObservation, terminated })
 * replay.sample(random, batch, 256)
 */
export function createReplayBuffer(options: ReplayBufferOptions): ReplayBuffer {
  const { gamma = 0.99, nStep = 1, capacity, observationSize, actionSize, lanes = 1, hindsight } = options
  if (!(gamma >= 0 && gamma <= 1)) throw new RangeError(`gamma is ${gamma}: it must be a number from 0 to 1`)
  if (!Number.isInteger(nStep) || nStep < 1) {
    throw new RangeError(`nStep is ${nStep}: it must be a positive whole number`)
  }
  if (hindsight && nStep > 1) {
    throw new RangeError(
      `nStep is ${nStep}: with hindsight it must be 1, because later rewards are of the old goal`,
    )
  }
  const storage = createStorage({ capacity, observationSize, actionSize, lanes })
  const read = nStepReader({ gamma, steps: nStep, observationSize, actionSize })
  const futureGoals = hindsight && createFutureGoals({ ...hindsight, observationSize })

  return {
    capacity,
    lanes,

    get size() {
      return storage.size
    },

    get bytes() {
      return storage.bytes
    },

    add: storage.add,

    endEpisode: lane => storage.lane(lane).endEpisode(),

    sample(random, batch, batchSize, firstRow = 0) {
      if (storage.size === 0) {
        throw new RangeError('the replay buffer is empty: add transitions before sampling')
      }
      if (!Number.isInteger(batchSize) || batchSize < 1) {
        throw new RangeError(`batchSize is ${batchSize}: it must be a positive whole number`)
      }
      if (!Number.isInteger(firstRow) || firstRow < 0) {
        throw new RangeError(`firstRow is ${firstRow}: it must be a whole number of at least 0`)
      }
      const end = firstRow + batchSize
      requireRoom('observation', batch.observation, end, observationSize)
      requireRoom('action', batch.action, end, actionSize)
      requireRoom('reward', batch.reward, end, 1)
      requireRoom('nextObservation', batch.nextObservation, end, observationSize)
      requireRoom('discount', batch.discount, end, 1)
      for (let row = firstRow; row < end; row++) {
        const { lane, age } = storage.locate(uniform(random, storage.size))
        read(lane, age, batch, row)
        futureGoals?.relabel(lane, age, batch, row, random)
      }
      return futureGoals?.writeRewards(batch)
    },

    newestAction: lane => storage.lane(lane).newestAction(),

    state: storage.state,

    restore: storage.restore,
  }
}

function requireRoom(name: string, array: Float32Array, rows: number, width: number): void {
  if (!(array.length >= rows * width)) {
    throw new RangeError(
      `batch.${name} has room for ${array.length} numbers: ${rows} rows of ${width} need ${rows * width}`,
    )
  }
}
