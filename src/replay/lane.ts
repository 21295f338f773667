import type { Vector } from '../env/env.ts'
import { createEpisodeEnds } from './episode-ends.ts'
import type { Transition } from './transition.ts'

/** Floats a chunk of records holds at most, unless a single record is larger: 1 MiB. */
const CHUNK_FLOATS = 2 ** 18

const TERMINATED = 1
/** The next observation is not that of the next record but kept aside. */
const APART = 2
/** The episode ended with this transition, whether terminated, truncated or given up. */
const ENDED = 4

/** The arrays of a lane, for a checkpoint. */
export interface StoredLane {
  /** Transitions ever added; those that remain are the last ones. */
  added: number
  /** Chunks of records: observation, action, reward; the filled part of the ring, in the order of its slots. */
  records: Float32Array[]
  /** One byte a record, 1 terminated + 2 next observation kept separately + 4 episode ended; chunks like `records`. */
  flags: Uint8Array[]
  /** Next observation of the newest transition. */
  pending: Float32Array
  /** Numbers of the transitions (counted from 0 over all ever added) whose next observation is kept separately. */
  apartNumbers: Float64Array
  /** Those next observations, one after the other. */
  apartObservations: Float32Array
}

/** The transitions of one environment, by their age: how many of those that are kept are older. */
export interface Lane {
  /** Transitions kept at most. */
  readonly slots: number
  /** Transitions ever added; those that are kept are the last ones. Number n of them, from 0, is in slot n % slots. */
  readonly added: number
  /** Transitions kept. */
  readonly count: number
  readonly bytes: number
  /** Adds a transition in place of the oldest if the ring is full. */
  add(transition: Transition): void
  /** Marks the newest transition as the last of its episode. */
  endEpisode(): void
  reward(age: number): number
  /** Whether the task itself ended with a transition. */
  isTerminated(age: number): boolean
  /** Whether the next transition, if there is one, belongs to another episode. */
  isLast(age: number): boolean
  /** Age of the last transition of the same episode, or of its newest one while it is in progress. */
  lastOfEpisode(age: number): number
  copyObservation(age: number, out: Float32Array, offset: number): void
  copyAction(age: number, out: Float32Array, offset: number): void
  copyNextObservation(age: number, out: Float32Array, offset: number): void
  /** A copy of the action that was added last; undefined if there is none. */
  newestAction(): Float32Array | undefined
  /** Views of the lane's own memory, valid until the next `add`. */
  state(): StoredLane
  /**
   * Checks a state and copies its arrays; the function that it returns takes them over, and cannot fail.
   * @throws RangeError if the state is of a lane of other sizes or damaged
   */
  prepare(state: StoredLane): () => void
}

/**
 * The transitions of one environment, in the order they happened: a ring of records in chunks.
 *
 * Each observation is stored once, because the next observation of a transition usually is the observation of the
 * next one. Where it is not (an episode ended and the next began elsewhere) it is kept in a separate queue ordered
 * like the ring. That of the newest transition has no next record yet and is pending.
 */
export function createLane(slots: number, observationSize: number, actionSize: number): Lane {
  const width = observationSize + actionSize + 1
  const shift = Math.max(0, 31 - Math.clz32(CHUNK_FLOATS / width))
  const mask = 2 ** shift - 1
  const apart = createQueue(observationSize)
  const ends = createEpisodeEnds()
  const pending = new Float32Array(observationSize)
  let records: Float32Array[] = []
  let flags: Uint8Array[] = []
  let added = 0
  let count = 0
  /** Slot of the next transition; of the oldest as well once the ring is full. */
  let head = 0

  const rowsOf = (chunk: number) => Math.min(mask + 1, slots - (chunk << shift))
  const filledRowsOf = (chunk: number) => Math.min(mask + 1, count - (chunk << shift))
  const newestSlot = () => (head === 0 ? slots : head) - 1
  const slotOf = (age: number) => {
    const slot = head - count + age
    return slot < 0 ? slot + slots : slot
  }
  const flagsOf = (age: number) => {
    const slot = slotOf(age)
    return flags[slot >> shift][slot & mask]
  }
  const markNewest = (flag: number) => {
    const slot = newestSlot()
    flags[slot >> shift][slot & mask] |= flag
    if (flag & ENDED) ends.add(added - 1)
  }

  function continues(observation: Vector): boolean {
    for (let i = 0; i < observationSize; i++) {
      if (pending[i] !== Math.fround(observation[i])) return false
    }
    return true
  }

  return {
    slots,

    get added() {
      return added
    },

    get count() {
      return count
    },

    get bytes() {
      const chunks = [...records, ...flags]
      return chunks.reduce((sum, chunk) => sum + chunk.byteLength, pending.byteLength + apart.bytes())
    },

    add({ observation, action, reward, nextObservation, terminated, truncated = false }) {
      if (count > 0 && !continues(observation)) {
        apart.push(added - 1, pending)
        // The next episode begins somewhere else, even if the end of the last one was not reported.
        markNewest(APART | ENDED)
      }
      const chunk = head >> shift
      if (chunk === records.length) {
        records.push(new Float32Array(rowsOf(chunk) * width))
        flags.push(new Uint8Array(rowsOf(chunk)))
      }
      const record = records[chunk]
      let at = (head & mask) * width
      for (let i = 0; i < observationSize; i++) record[at++] = observation[i]
      for (let i = 0; i < actionSize; i++) record[at++] = action[i]
      record[at] = reward
      flags[chunk][head & mask] = (terminated ? TERMINATED : 0) | (terminated || truncated ? ENDED : 0)
      pending.set(nextObservation)

      added++
      head = head + 1 === slots ? 0 : head + 1
      if (terminated || truncated) ends.add(added - 1)
      if (count < slots) count++
      else {
        apart.dropBefore(added - count)
        ends.dropBefore(added - count)
      }
    },

    endEpisode() {
      if (count > 0) markNewest(ENDED)
    },

    reward(age) {
      const slot = slotOf(age)
      return records[slot >> shift][(slot & mask) * width + width - 1]
    },

    isTerminated: age => (flagsOf(age) & TERMINATED) !== 0,

    isLast: age => (flagsOf(age) & ENDED) !== 0,

    lastOfEpisode(age) {
      const oldest = added - count
      return (ends.endOf(oldest + age) ?? added - 1) - oldest
    },

    copyObservation(age, out, offset) {
      const slot = slotOf(age)
      copy(records[slot >> shift], (slot & mask) * width, out, offset, observationSize)
    },

    copyAction(age, out, offset) {
      const slot = slotOf(age)
      copy(records[slot >> shift], (slot & mask) * width + observationSize, out, offset, actionSize)
    },

    copyNextObservation(age, out, offset) {
      if (flagsOf(age) & APART) {
        copy(apart.observations(), apart.find(added - count + age), out, offset, observationSize)
      } else if (age === count - 1) copy(pending, 0, out, offset, observationSize)
      else this.copyObservation(age + 1, out, offset)
    },

    newestAction() {
      if (count === 0) return undefined
      const slot = newestSlot()
      const at = (slot & mask) * width + observationSize
      return records[slot >> shift].slice(at, at + actionSize)
    },

    state() {
      return {
        added,
        records: records.map((chunk, i) => chunk.subarray(0, filledRowsOf(i) * width)),
        flags: flags.map((chunk, i) => chunk.subarray(0, filledRowsOf(i))),
        pending,
        ...apart.state(),
      }
    },

    prepare(state) {
      const kept = Math.min(requireAdded(state.added), slots)
      const chunks = Math.ceil(kept / (mask + 1))
      for (const [name, given] of [
        ['records', state.records],
        ['flags', state.flags],
      ] as const) {
        requireLength(name, given, chunks)
        const numbers = name === 'records' ? width : 1
        for (let i = 0; i < chunks; i++) {
          const rows = Math.min(mask + 1, kept - (i << shift))
          requireLength(`${name}[${i}]`, given[i], rows * numbers)
        }
      }
      requireLength('pending', state.pending, observationSize)
      requireApart(state, kept, observationSize)
      const takeApart = apart.prepare(state.apartNumbers, state.apartObservations)
      const newRecords = state.records.map((chunk, i) => copyTo(new Float32Array(rowsOf(i) * width), chunk))
      const newFlags = state.flags.map((chunk, i) => copyTo(new Uint8Array(rowsOf(i)), chunk))
      const newPending = Float32Array.from(state.pending)
      return () => {
        added = state.added
        count = kept
        head = added % slots
        records = newRecords
        flags = newFlags
        pending.set(newPending)
        takeApart()
        ends.clear()
        for (let age = 0; age < count; age++) if (flagsOf(age) & ENDED) ends.add(added - count + age)
      }
    },
  }
}

function requireAdded(added: number): number {
  if (Number.isSafeInteger(added) && added >= 0) return added
  throw new RangeError(
    `the state of a lane has ${added} transitions added: it must be a whole number of at least 0`,
  )
}

function requireLength(name: string, array: ArrayLike<unknown> | undefined, length: number): void {
  if (array?.length === length) return
  throw new RangeError(
    `the state of a lane is damaged: ${name} has length ${array?.length ?? 'none'}, not ${length}`,
  )
}

/** Checks that each flagged transition, in order, has a separate next observation. */
function requireApart(state: StoredLane, kept: number, observationSize: number): void {
  const { added, flags, apartNumbers, apartObservations } = state
  let flagged = 0
  for (const chunk of flags) for (let i = 0; i < chunk.length; i++) if (chunk[i] & APART) flagged++
  requireLength('apartNumbers', apartNumbers, flagged)
  requireLength('apartObservations', apartObservations, flagged * observationSize)
  for (let i = 0; i < flagged; i++) {
    const least = i === 0 ? added - kept : apartNumbers[i - 1] + 1
    if (Number.isInteger(apartNumbers[i]) && apartNumbers[i] >= least && apartNumbers[i] < added) continue
    throw new RangeError(`the state of a lane is damaged: apartNumbers[${i}] is ${apartNumbers[i]}`)
  }
}

function copyTo<T extends Float32Array | Uint8Array>(target: T, source: T): T {
  target.set(source)
  return target
}

/** A loop, because `set` and `subarray` cost more than copying a few dozen numbers. */
function copy(source: Float32Array, from: number, target: Float32Array, to: number, length: number): void {
  for (let i = 0; i < length; i++) target[to + i] = source[from + i]
}

/** A queue of numbered observations, the numbers rising: a ring that doubles when it is full. */
function createQueue(observationSize: number) {
  let numbers = new Float64Array(0)
  let observations = new Float32Array(0)
  let first = 0
  let length = 0

  const slotOf = (i: number) => (first + i) % numbers.length

  /** Moves the queue to the start of a larger ring. */
  function resize(capacity: number): void {
    const { apartNumbers, apartObservations } = state()
    numbers = new Float64Array(capacity)
    observations = new Float32Array(capacity * observationSize)
    numbers.set(apartNumbers)
    observations.set(apartObservations)
    first = 0
  }

  function state() {
    const apartNumbers = new Float64Array(length)
    const apartObservations = new Float32Array(length * observationSize)
    for (let i = 0; i < length; i++) {
      const from = slotOf(i) * observationSize
      apartNumbers[i] = numbers[slotOf(i)]
      apartObservations.set(observations.subarray(from, from + observationSize), i * observationSize)
    }
    return { apartNumbers, apartObservations }
  }

  return {
    state,
    bytes: () => numbers.byteLength + observations.byteLength,
    observations: () => observations,

    push(number: number, observation: Float32Array): void {
      if (length === numbers.length) resize(Math.max(4, 2 * length))
      const slot = slotOf(length++)
      numbers[slot] = number
      observations.set(observation, slot * observationSize)
    },

    dropBefore(number: number): void {
      while (length > 0 && numbers[first] < number) {
        first = slotOf(1)
        length--
      }
    },

    /** Offset of an observation by its number, which must be there: binary search. */
    find(number: number): number {
      let low = 0
      let high = length - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if (numbers[slotOf(middle)] < number) low = middle + 1
        else high = middle
      }
      return slotOf(low) * observationSize
    },

    prepare(apartNumbers: Float64Array, apartObservations: Float32Array): () => void {
      const [newNumbers, newObservations] = [apartNumbers.slice(), apartObservations.slice()]
      return () => {
        numbers = newNumbers
        observations = newObservations
        first = 0
        length = numbers.length
      }
    },
  }
}
