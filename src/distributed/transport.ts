/** What learner and actors of one run need of whatever lies between them: a log, and a board of newest values. */

/** A message of the log. */
export interface LogEntry {
  /** Place in the log; whole numbers, each one more than that of the entry before. */
  position: number
  /** Who appended it. */
  actor: string
  /** What was appended. */
  bytes: Uint8Array
}

/** A value on the board. */
export interface BoardEntry {
  /** Its name. */
  key: string
  /** What was put there last. */
  value: Uint8Array
  /** Another, and larger, whenever it is replaced; at least 1. */
  revision: number
}

/**
 * The connection of a learner or an actor to a run. What is appended or put keeps being tried while the other side
 * cannot be reached: a promise that has resolved says that it is stored.
 */
export interface Transport {
  /** Bytes that the log keeps before it takes no more until some are trimmed. */
  readonly capacity: number
  /**
   * Appends to the log, behind everything that was appended before. Waits while the log is full.
   * @param id the same for each attempt to append the same message; an attempt repeated soon afterwards is stored once
   */
  append(actor: string, bytes: Uint8Array, id: string): Promise<void>
  /** The log in its order, what is there from `position` on and then what arrives, until the signal aborts. */
  read(position: number, signal: AbortSignal): AsyncIterable<LogEntry>
  /** The position that the next entry will have. */
  end(): Promise<number>
  /** Forgets the entries before `position`. */
  trim(position: number): Promise<void>
  /** Replaces the value of a key. */
  put(key: string, value: Uint8Array): Promise<void>
  /**
   * Replaces the value of a key if its revision is still the one named, 0 for a key that is not there.
   * @returns the new revision; undefined if it was replaced by somebody else meanwhile
   */
  swap(key: string, value: Uint8Array, revision: number): Promise<number | undefined>
  /** The values that are there now. */
  board(keys: readonly string[]): Promise<BoardEntry[]>
  /** The values that are there, and then each that replaces one; some may be skipped, but never the newest. */
  watch(keys: readonly string[], signal: AbortSignal): AsyncIterable<BoardEntry>
  /** Gives back what it holds open. */
  close(): Promise<void>
}
