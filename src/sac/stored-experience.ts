/** Experience that an agent has not made itself: how it is taken in. */
import { describe } from '../env/require.ts'
import { createBreaks } from '../event-loop.ts'
import type { Transition } from '../replay/transition.ts'

/** Transitions one after the other, at hand or as they arrive. */
export type StoredTransitions = Iterable<Transition> | AsyncIterable<Transition>

/** Where `takeIn` puts transitions. */
export interface Intake {
  /** An episode goes to one of them, the next one to the next. */
  lanes: number
  signal?: AbortSignal
  add(lane: number, transition: Transition): void
  endEpisode(lane: number): void
}

/**
 * Takes transitions in. After 20 ms of computing the event loop has a turn.
 * @returns how many there were
 * @throws RangeError or TypeError that names the transition; those before it have been taken in
 */
export async function takeIn(
  transitions: StoredTransitions,
  { lanes, signal, add, endEpisode }: Intake,
): Promise<number> {
  const isThere = transitions instanceof Object
  if (!isThere || !(Symbol.iterator in transitions || Symbol.asyncIterator in transitions)) {
    throw new TypeError(
      `learnFrom() takes a list or a stream of transitions, not ${describe(transitions)}. For a file: ` +
        'learnFrom(readTransitions(file, agent)).',
    )
  }
  const breaks = createBreaks()
  let taken = 0
  let lane = 0
  // Another episode than the one that a lane may have in progress.
  for (let i = 0; i < lanes; i++) endEpisode(i)
  try {
    for await (const transition of transitions) {
      signal?.throwIfAborted()
      named(taken + 1, () => {
        if (!(transition instanceof Object)) throw new TypeError(`it is ${describe(transition)}`)
        add(lane, transition)
      })
      taken++
      if (transition.terminated || transition.truncated) lane = (lane + 1) % lanes
      if (breaks.isDue()) await breaks.take()
    }
  } finally {
    endEpisode(lane)
  }
  return taken
}

function named(number: number, work: () => void): void {
  try {
    work()
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause
    const Kind = cause instanceof RangeError ? RangeError : TypeError
    throw new Kind(`Transition ${number} (counted from 1): ${cause.message}`, { cause })
  }
}
