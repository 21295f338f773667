/** Transitions as a message: a header of 64 bytes, then their columns. All numbers are little-endian. */
import type { Spaces } from '../env/spaces.ts'
import { firstOutside } from '../env/spaces.ts'
import type { Transition } from '../replay/transition.ts'

/** 'SACX' */
const MAGIC = 0x58434153
const VERSION = 1
const HEADER_BYTES = 64
/** Transitions in a chunk, at most. */
export const MOST_TRANSITIONS = 256
/** Bytes of a chunk, at most: what a broker takes by default is four times as much. */
export const MOST_BYTES = 256 * 1024

const TERMINATED = 1
const TRUNCATED = 2

/** What a chunk says about itself. */
export interface ChunkHeader {
  /** Of the run's description (`describeRun`), so that nothing reaches a run for which it was not made. */
  hash: number
  /** When the actor's process began, in milliseconds since 1970: a later one replaces it. */
  incarnation: number
  /** Number of the first transition among all of this incarnation, counted from 0. */
  first: number
  /** Updates that the policy had behind it which took the first of the actions. */
  policyUpdates: number
  /** Seed of the actor's random numbers. */
  seed: number
}

/** Transitions that arrived, in the environment's units. */
export interface Chunk extends ChunkHeader {
  transitions: Required<Transition>[]
}

/** A message that is no chunk of this run. Its message says why. */
export class ChunkError extends Error {
  override name = 'ChunkError'
}

const bytesOfOne = ({ observationSpace, actionSpace }: Spaces) =>
  8 + 4 * (2 * observationSpace.size + actionSpace.size) + 1

/** How many transitions fit into one chunk. */
export const chunkCapacity = (spaces: Spaces): number =>
  Math.min(MOST_TRANSITIONS, Math.max(1, Math.floor((MOST_BYTES - HEADER_BYTES) / bytesOfOne(spaces))))

/** The bytes of a chunk. Observations and actions are rounded to float32, as the replay buffer rounds them. */
export function encodeChunk(
  { hash, incarnation, first, policyUpdates, seed }: ChunkHeader,
  transitions: readonly Transition[],
  spaces: Spaces,
): Uint8Array {
  const count = transitions.length
  const { columns, bytes } = layOut(count, spaces)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  view.setUint16(4, VERSION, true)
  view.setUint32(8, hash, true)
  view.setUint32(12, count, true)
  view.setUint32(16, spaces.observationSpace.size, true)
  view.setUint32(20, spaces.actionSpace.size, true)
  view.setFloat64(24, incarnation, true)
  view.setFloat64(32, first, true)
  view.setFloat64(40, policyUpdates, true)
  view.setUint32(48, seed, true)
  for (const [i, transition] of transitions.entries()) {
    columns.reward[i] = transition.reward
    columns.observation.set(transition.observation, i * spaces.observationSpace.size)
    columns.action.set(transition.action, i * spaces.actionSpace.size)
    columns.nextObservation.set(transition.nextObservation, i * spaces.observationSpace.size)
    columns.flags[i] = (transition.terminated ? TERMINATED : 0) | (transition.truncated ? TRUNCATED : 0)
  }
  return bytes
}

/**
 * Reads a message from the log, about which nothing is known.
 * @throws ChunkError unless every part of it is sound
 */
export function decodeChunk(message: Uint8Array, hash: number, spaces: Spaces): Chunk {
  if (message.length < HEADER_BYTES)
    throw new ChunkError(`it has ${message.length} bytes, less than a header`)
  // Columns are read as typed arrays, which begin at multiples of their elements' sizes.
  // Not `slice`, because that of Node's Buffer copies nothing.
  const bytes = message.byteOffset % 8 === 0 ? message : new Uint8Array(message)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC) throw new ChunkError('it does not begin with SACX')
  const version = view.getUint16(4, true)
  if (version !== VERSION)
    throw new ChunkError(`its version is ${version}, and this learner reads ${VERSION}`)
  if (view.getUint32(8, true) !== hash) throw new ChunkError('it is for a run with other settings or spaces')
  const count = view.getUint32(12, true)
  const sizes = [view.getUint32(16, true), view.getUint32(20, true)]
  const { observationSpace, actionSpace } = spaces
  if (sizes[0] !== observationSpace.size || sizes[1] !== actionSpace.size) {
    throw new ChunkError(`its observations and actions have ${sizes[0]} and ${sizes[1]} numbers`)
  }
  if (count < 1 || count > chunkCapacity(spaces)) {
    throw new ChunkError(`it claims ${count} transitions, where 1 to ${chunkCapacity(spaces)} are allowed`)
  }
  const expected = HEADER_BYTES + count * bytesOfOne(spaces)
  if (bytes.length !== expected) {
    throw new ChunkError(`it has ${bytes.length} bytes, where ${count} transitions take ${expected}`)
  }
  const header = {
    hash,
    incarnation: wholeNumber('incarnation', view.getFloat64(24, true)),
    first: wholeNumber('first number', view.getFloat64(32, true)),
    policyUpdates: wholeNumber("policy's number of updates", view.getFloat64(40, true)),
    seed: view.getUint32(48, true),
  }
  return { ...header, transitions: transitionsIn(columnsOf(bytes, count, spaces), count, spaces) }
}

function transitionsIn(columns: Columns, count: number, spaces: Spaces): Required<Transition>[] {
  const { observationSpace, actionSpace } = spaces
  for (const name of ['reward', 'observation', 'nextObservation'] as const) {
    if (!columns[name].every(Number.isFinite))
      throw new ChunkError(`its ${name} has a number that is not finite`)
  }
  return Array.from({ length: count }, (_, i) => {
    const row = (column: Float32Array, size: number) => column.subarray(i * size, (i + 1) * size)
    const action = row(columns.action, actionSpace.size)
    if (firstOutside(actionSpace, action) !== -1) throw new ChunkError(`action ${i} is out of bounds`)
    if (columns.flags[i] > (TERMINATED | TRUNCATED))
      throw new ChunkError(`flags ${i} are ${columns.flags[i]}`)
    return {
      observation: row(columns.observation, observationSpace.size),
      action,
      reward: columns.reward[i],
      nextObservation: row(columns.nextObservation, observationSpace.size),
      terminated: (columns.flags[i] & TERMINATED) !== 0,
      truncated: (columns.flags[i] & TRUNCATED) !== 0,
    }
  })
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new ChunkError(`its ${name} is ${value}, which is no whole number of at least 0`)
}

interface Columns {
  reward: Float64Array
  observation: Float32Array
  action: Float32Array
  nextObservation: Float32Array
  flags: Uint8Array
}

function layOut(count: number, spaces: Spaces): { columns: Columns; bytes: Uint8Array<ArrayBuffer> } {
  const bytes = new Uint8Array(HEADER_BYTES + count * bytesOfOne(spaces))
  return { bytes, columns: columnsOf(bytes, count, spaces) }
}

/** Where the columns are in the bytes: those of wider elements first, so that each begins where it may. */
function columnsOf({ buffer, byteOffset }: Uint8Array, count: number, spaces: Spaces): Columns {
  let at = byteOffset + HEADER_BYTES
  const column = <T>(
    Kind: new (buffer: ArrayBufferLike, at: number, length: number) => T,
    bytes: number,
    length: number,
  ) => {
    const array = new Kind(buffer, at, length)
    at += bytes * length
    return array
  }
  const { observationSpace, actionSpace } = spaces
  return {
    reward: column(Float64Array, 8, count),
    observation: column(Float32Array, 4, count * observationSpace.size),
    action: column(Float32Array, 4, count * actionSpace.size),
    nextObservation: column(Float32Array, 4, count * observationSpace.size),
    flags: column(Uint8Array, 1, count),
  }
}
