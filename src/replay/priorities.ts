/** Prioritised replay (Schaul et al. 2016, 1511.05952): what surprised is drawn more often. */
import { exp, log } from '../portable-math.ts'
import type { Random } from '../random.ts'
import type { Lane, StoredLane } from './lane.ts'
import { createSumTree } from './sum-tree.ts'

/** Keeps transitions without any error in the draw. */
const LEAST_ERROR = 1e-6

/** Priorities as typed arrays, for a checkpoint. */
export interface PrioritiesState {
  /** The largest so far: that of new transitions. */
  largest: number
  /** Of each lane those of its transitions, the oldest first; they end where transitions are new and have none. */
  lanes: Float64Array[]
}

/** Chances of transitions to be drawn. */
export interface Priorities {
  readonly bytes: number
  /**
   * Draws `count` transitions, each from one of as many parts of equal sums of priorities. Until the next draw `learn`
   * and `writeWeights` are about these.
   */
  draw(random: Random, count: number): void
  /** Where the drawn transition number `i` is. The same object each time. */
  drawn(i: number): { lane: Lane; age: number }
  /** Writes (N P)^-beta of each that was drawn, over the largest of these. */
  writeWeights(beta: number, out: Float32Array, offset: number): void
  /** Gives those that were drawn the priorities (|error| + 1e-6)^alpha. */
  learn(errors: Float32Array, offset: number): void
  state(): PrioritiesState
  /**
   * Checks a state that belongs to stored lanes; the function that it returns takes it over, and cannot fail.
   * @throws RangeError if it does not fit or is damaged
   */
  prepare(state: PrioritiesState | undefined, stored: readonly StoredLane[]): () => void
}

/** @param alpha how much priorities count: 0 draws uniformly, 1 in proportion to errors */
export function createPriorities(lanes: readonly Lane[], alpha: number): Priorities {
  const offsets = lanes.map((_, i) => lanes.slice(0, i).reduce((sum, { slots }) => sum + slots, 0))
  const places = lanes.reduce((sum, { slots }) => sum + slots, 0)
  const tree = createSumTree(places)
  /** Transitions ever added to each lane that have a priority. */
  const known = lanes.map(() => 0)
  let largest = 1
  // What was drawn last: its place in the tree, its lane, and its number among all ever added to that.
  let picks: { place: number; index: number; number: number }[] = []
  const found: { lane: Lane; age: number } = { lane: lanes[0], age: 0 }

  const oldest = ({ added, count }: Lane) => added - count

  /** Gives transitions that were added since the last draw the largest priority. */
  function admit(): void {
    for (const [i, lane] of lanes.entries()) {
      for (let number = Math.max(known[i], oldest(lane)); number < lane.added; number++) {
        tree.set(offsets[i] + (number % lane.slots), largest)
      }
      known[i] = lane.added
    }
  }

  function pickAt(place: number) {
    let index = 0
    while (index + 1 < lanes.length && place >= offsets[index + 1]) index++
    const { added, slots } = lanes[index]
    // The newest transition in that slot of the ring.
    const number = added - 1 - ((added - 1 - (place - offsets[index])) % slots)
    return { place, index, number }
  }

  return {
    bytes: tree.bytes,

    draw(random, count) {
      // Now and not when they are added: what errors of an update under way are then counts as it would before it.
      admit()
      picks = Array.from({ length: count }, (_, i) =>
        pickAt(tree.find(((i + random.uniform()) / count) * tree.total)),
      )
    },

    drawn(i) {
      const { index, number } = picks[i]
      found.lane = lanes[index]
      found.age = number - oldest(found.lane)
      return found
    },

    writeWeights(beta, out, offset) {
      // (N P)^-beta over the largest of them: N and the sum of all priorities cancel out.
      let smallest = Number.POSITIVE_INFINITY
      for (const { place } of picks) smallest = Math.min(smallest, tree.get(place))
      for (const [i, { place }] of picks.entries()) {
        out[offset + i] = exp(-beta * log(tree.get(place) / smallest))
      }
    },

    learn(errors, offset) {
      for (const [i, { place }] of picks.entries()) {
        const priority = exp(alpha * log(Math.abs(errors[offset + i]) + LEAST_ERROR))
        largest = Math.max(largest, priority)
        // A newer transition that has taken the place gets a priority of its own at the next draw.
        tree.set(place, priority)
      }
      picks = []
    },

    state: () => ({
      largest,
      lanes: lanes.map((lane, i) => {
        const from = oldest(lane)
        const length = Math.max(0, known[i] - from)
        return Float64Array.from({ length }, (_, age) => tree.get(offsets[i] + ((from + age) % lane.slots)))
      }),
    }),

    prepare(state, stored) {
      requirePriorities(state, lanes, stored)
      const copies = state.lanes.map(values => values.slice())
      return () => {
        largest = state.largest
        picks = []
        const values = new Float64Array(places)
        for (const [i, lane] of lanes.entries()) {
          const from = oldest(lane)
          copies[i].forEach((value, age) => {
            values[offsets[i] + ((from + age) % lane.slots)] = value
          })
          known[i] = from + copies[i].length
        }
        tree.load(values)
      }
    },
  }
}

function requirePriorities(
  state: PrioritiesState | undefined,
  lanes: readonly Lane[],
  stored: readonly StoredLane[],
): asserts state is PrioritiesState {
  if (!state) {
    throw new RangeError('the state is of a replay buffer without priorities, but this one has them')
  }
  const isSound = (value: number) => Number.isFinite(value) && value > 0
  if (!isSound(state.largest)) {
    throw new RangeError(`the state of priorities is damaged: largest is ${state.largest}`)
  }
  for (const [i, { slots }] of lanes.entries()) {
    const values = state.lanes?.[i]
    const most = Math.min(stored?.[i]?.added ?? 0, slots)
    if (!(values instanceof Float64Array && values.length <= most)) {
      throw new RangeError(
        `the state of priorities is damaged: lane ${i} has ${values?.length ?? 'none'} for ${most} transitions`,
      )
    }
    const fault = values.findIndex(value => !isSound(value))
    if (fault !== -1) {
      throw new RangeError(`the state of priorities is damaged: lanes[${i}][${fault}] is ${values[fault]}`)
    }
  }
}
