import type { Awaitable } from '../env/env.ts'
import type { Random } from '../random.ts'
import { createFutureGoals, type HindsightOptions } from './future-goals.ts'
import { createPriorities, type Priorities, type PrioritiesState } from './priorities.ts'
import { nStepReader, type Reader } from './reader.ts'
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
  /**
   * Has transitions drawn by priority as well (`ReplayBuffer.prioritized`), an error to the power of this number, from 0
   * to 1; not together with `hindsight`. By default there are no priorities.
   */
  priorityAlpha?: number
}

/** What a replay buffer holds, for a checkpoint. */
export interface ReplayBufferState extends StorageState {
  /** Missing if it has none. */
  priorities?: PrioritiesState
}

/** Draws transitions by what they have to teach (Schaul et al. 2016, 1511.05952). */
export interface PrioritizedDraw {
  /**
   * Fills `batchSize` rows of `batch`, its `weight` included: each transition with a chance in proportion to its priority,
   * a new one to the largest priority so far. A row's weight is its chance to the power of -beta, over the largest of
   * these weights.
   * @throws RangeError as `ReplayBuffer.sample`, or without room for weights
   */
  sample(random: Random, batch: Batch, batchSize: number, beta: number, firstRow?: number): void
  /**
   * Gives transitions the priorities that follow from their errors: those of the last draw, once.
   * @param errors of the rows of that batch, at the rows that were filled
   */
  learn(errors: Float32Array): void
}

/** Transitions to learn from. */
export interface ReplayBuffer {
  /** Transitions it keeps at most. */
  readonly capacity: number
  /** Environments that add to it side by side. */
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
  /** Draws by priority; undefined without the option `priorityAlpha`. */
  readonly prioritized: PrioritizedDraw | undefined
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
 * A replay buffer that stores each observation once: a storage, samplers that pick (uniformly, or by priority) and a
 * reader that makes a row of a pick.
 *
 * A transition takes 4 (observationSize + actionSize + 1) + 1 bytes, the last one of an episode another
 * 4 observationSize, and each of `capacity` 16 to 32 bytes for its priority.
 *
 * @throws RangeError if an option is not a positive whole number, there are more lanes than `capacity`, or gamma is not
 *   or priorityAlpha is not within [0, 1], or `hindsight` is given together with `nStep` or `priorityAlpha`
 * @example
 * const replay = createReplayBuffer({ capacity: 1_000_000, observationSize: 3, actionSize: 1 })
 * replay.add(0, { observation, action, reward, nextObservation, terminated })
 * replay.sample(random, batch, 256)
 */
export function createReplayBuffer(options: ReplayBufferOptions): ReplayBuffer {
  const { gamma = 0.99, nStep = 1, capacity, observationSize, actionSize, lanes = 1 } = options
  const { hindsight, priorityAlpha } = options
  if (!(gamma >= 0 && gamma <= 1)) throw new RangeError(`gamma is ${gamma}: it must be a number from 0 to 1`)
  if (!Number.isInteger(nStep) || nStep < 1) {
    throw new RangeError(`nStep is ${nStep}: it must be a positive whole number`)
  }
  if (hindsight && nStep > 1) {
    throw new RangeError(
      `nStep is ${nStep}: with hindsight it must be 1, because later rewards are of the old goal`,
    )
  }
  if (priorityAlpha !== undefined && !(priorityAlpha >= 0 && priorityAlpha <= 1)) {
    throw new RangeError(`priorityAlpha is ${priorityAlpha}: it must be a number from 0 to 1`)
  }
  if (hindsight && priorityAlpha !== undefined) {
    throw new RangeError(
      'priorityAlpha cannot be together with hindsight, because an error is of the goal that it was made with',
    )
  }
  const storage = createStorage({ capacity, observationSize, actionSize, lanes })
  const priorities = priorityAlpha === undefined ? undefined : createPriorities(storage.lanes, priorityAlpha)
  const read = nStepReader({ gamma, steps: nStep, observationSize, actionSize })
  const futureGoals = hindsight && createFutureGoals({ ...hindsight, observationSize })

  /** @throws RangeError unless so many rows can be filled */
  function requireRows(batch: Batch, batchSize: number, firstRow: number): void {
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
  }

  return {
    capacity,
    lanes,

    get size() {
      return storage.size
    },

    get bytes() {
      return storage.bytes + (priorities?.bytes ?? 0)
    },

    add: storage.add,

    endEpisode: lane => storage.lane(lane).endEpisode(),

    sample(random, batch, batchSize, firstRow = 0) {
      requireRows(batch, batchSize, firstRow)
      for (let row = firstRow; row < firstRow + batchSize; row++) {
        const { lane, age } = storage.locate(uniform(random, storage.size))
        read(lane, age, batch, row)
        futureGoals?.relabel(lane, age, batch, row, random)
      }
      return futureGoals?.writeRewards(batch)
    },

    prioritized: priorities && prioritizedDraw(priorities, read, requireRows),

    newestAction: lane => storage.lane(lane).newestAction(),

    state: () => ({ ...storage.state(), ...(priorities && { priorities: priorities.state() }) }),

    restore(state) {
      if (state.priorities && !priorities) {
        throw new RangeError('the state is of a replay buffer with priorities, but this one has none')
      }
      const takeOver = priorities?.prepare(state.priorities, state.lanes)
      storage.restore(state)
      takeOver?.()
    },
  }
}

function prioritizedDraw(
  priorities: Priorities,
  read: Reader,
  requireRows: (batch: Batch, batchSize: number, firstRow: number) => void,
): PrioritizedDraw {
  let filledFrom = 0
  return {
    sample(random, batch, batchSize, beta, firstRow = 0) {
      requireRows(batch, batchSize, firstRow)
      const { weight = new Float32Array(0) } = batch
      requireRoom('weight', weight, firstRow + batchSize, 1)
      priorities.draw(random, batchSize)
      for (let i = 0; i < batchSize; i++) {
        const { lane, age } = priorities.drawn(i)
        read(lane, age, batch, firstRow + i)
      }
      priorities.writeWeights(beta, weight, firstRow)
      filledFrom = firstRow
    },

    learn: errors => priorities.learn(errors, filledFrom),
  }
}

function requireRoom(name: string, array: Float32Array, rows: number, width: number): void {
  if (!(array.length >= rows * width)) {
    throw new RangeError(
      `batch.${name} has room for ${array.length} numbers: ${rows} rows of ${width} need ${rows * width}`,
    )
  }
}
