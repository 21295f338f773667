import type { BoardEntry, LogEntry, Transport } from './transport.ts'

/** What `createInProcessTransport` takes. */
export interface InProcessOptions {
  /** Bytes that the log keeps. Default 256 MiB. */
  capacity?: number
}

/**
 * A log and a board in the memory of this process: for tests, and for learner and actors that share a thread. Any
 * number of learners and actors can use the same one.
 * @example
 * const transport = createInProcessTransport()
 */
export function createInProcessTransport({ capacity = 2 ** 28 }: InProcessOptions = {}): Transport {
  const board = new Map<string, BoardEntry>()
  const changed = createBell()
  let log: LogEntry[] = []
  let first = 1
  let bytesKept = 0
  const seen = new Map<string, number>()
  const entriesOf = (keys: readonly string[]): BoardEntry[] =>
    [...board.values()].filter(({ key }) => matches(keys, key))
  let revisions = 0
  const put = (key: string, value: Uint8Array): number => {
    board.set(key, { key, value: new Uint8Array(value), revision: ++revisions })
    changed.ring()
    return revisions
  }

  return {
    capacity,

    async append(actor, bytes, id) {
      while (bytesKept + bytes.length > capacity) await changed.rings()
      if (seen.has(id)) return
      const position = first + log.length
      seen.set(id, position)
      log.push({ position, actor, bytes: new Uint8Array(bytes) })
      bytesKept += bytes.length
      changed.ring()
    },

    async *read(position, signal) {
      for (let next = position; !signal.aborted; ) {
        next = Math.max(next, first)
        const entry = log[next - first]
        if (entry) {
          next++
          yield entry
        } else await changed.rings(signal)
      }
    },

    end: async () => first + log.length,

    async trim(position) {
      const count = Math.min(Math.max(position - first, 0), log.length)
      for (const { bytes } of log.slice(0, count)) bytesKept -= bytes.length
      log = log.slice(count)
      first += count
      for (const [id, at] of seen) if (at < first) seen.delete(id)
      changed.ring()
    },

    async put(key, value) {
      put(key, value)
    },

    swap: async (key, value, revision) =>
      (board.get(key)?.revision ?? 0) === revision ? put(key, value) : undefined,

    board: async keys => entriesOf(keys),

    async *watch(keys, signal) {
      let shown = 0
      const fresh = () =>
        entriesOf(keys)
          .filter(({ revision }) => revision > shown)
          .sort((a, b) => a.revision - b.revision)
      while (!signal.aborted) {
        const entries = fresh()
        if (entries.length === 0) await changed.rings(signal)
        for (const entry of entries) {
          shown = entry.revision
          yield entry
        }
      }
    },

    async close() {},
  }
}

/** A key, or all that begin with what stands before `*`. */
const matches = (keys: readonly string[], key: string) =>
  keys.some(wanted => (wanted.endsWith('*') ? key.startsWith(wanted.slice(0, -1)) : key === wanted))

/** Wakes all that wait. */
function createBell() {
  let waiting: (() => void)[] = []
  return {
    ring() {
      const woken = waiting
      waiting = []
      for (const wake of woken) wake()
    },
    rings: (signal?: AbortSignal) =>
      new Promise<void>(resolve => {
        const wake = () => {
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        waiting.push(wake)
        signal?.addEventListener('abort', wake)
        if (signal?.aborted) wake()
      }),
  }
}
