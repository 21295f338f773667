import type { Spaces } from '../env/spaces.ts'
import type { Transition } from '../replay/transition.ts'
import type { RunDescription } from './board.ts'
import { chunkCapacity, encodeChunk } from './chunk.ts'
import type { Follower } from './follower.ts'
import { inTime } from './race.ts'
import type { Transport } from './transport.ts'

interface OutboxOptions {
  actor: string
  incarnation: number
  seed: number
  run: RunDescription
  spaces: Spaces
  flushEvery: number
}

/** What an actor has experienced and not sent yet. */
export interface Outbox {
  /** Waits until there may be another transition; false if the actor is to end instead. */
  room(): Promise<boolean>
  /** Takes a transition, and sends what there is if that is enough or old enough. */
  add(transition: Transition, policyUpdates: number): Promise<void>
  /** Sends what there is. */
  flush(): Promise<void>
}

export function createOutbox(
  transport: Transport,
  follower: Follower,
  { actor, incarnation, seed, run, spaces, flushEvery }: OutboxOptions,
): Outbox {
  // An actor that waits for credit has sent everything, so that a chunk is never larger than what it may be ahead.
  const capacity = Math.min(chunkCapacity(spaces), Math.max(1, Math.floor(run.window / 2)))
  let waiting: Transition[] = []
  let first = 0
  let policyUpdates = 0
  let since = 0

  async function flush(): Promise<void> {
    if (waiting.length === 0) return
    const header = { hash: run.hash, incarnation, first, policyUpdates, seed }
    const bytes = encodeChunk(header, waiting, spaces)
    first += waiting.length
    waiting = []
    const sent = transport.append(actor, bytes, `${actor}.${incarnation}.${header.first}`)
    // When the actor is to end, the last chunk is still tried for as long as a broker takes to come back.
    await (follower.ended ? inTime(sent, LAST_MS) : follower.untilEnd(sent))
  }

  return {
    async room() {
      while (!follower.ended && first + waiting.length >= follower.upTo) {
        if (waiting.length > 0) await flush()
        else await follower.changes()
      }
      return !follower.ended
    },

    async add(transition, updates) {
      if (waiting.length === 0) {
        policyUpdates = updates
        since = performance.now()
      }
      waiting.push(transition)
      if (waiting.length >= capacity || performance.now() - since >= flushEvery) await flush()
    },

    flush,
  }
}

/** Milliseconds that an actor which is to end waits for its last transitions to be stored. */
const LAST_MS = 2000
