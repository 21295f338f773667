/** Milliseconds of computing after which timers, signals, input and drawing are to have their turn. */
const LONGEST_MS = 20

/** Watches how long a loop has kept the event loop waiting. */
export interface Breaks {
  /** Whether the loop has computed for so long that it is to `take` one. */
  isDue(): boolean
  /** Resolves after everything that waits in the event loop has had its turn. */
  take(): Promise<void>
}

/**
 * For loops in which no promise ever waits for anything: awaiting a promise that is already resolved lets only other
 * promises in.
 */
export function createBreaks(): Breaks {
  let last = performance.now()
  return {
    isDue: () => performance.now() - last >= LONGEST_MS,
    async take() {
      await nextTurn()
      last = performance.now()
    },
  }
}

/** Node's `setImmediate`, which browsers do not have. */
const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown }

// Browsers hold timers back by 4 ms each time, and by a second in a tab that is hidden; but not messages.
const nextTurn = setImmediate
  ? () => new Promise<void>(resolve => setImmediate(resolve))
  : createMessageTurns()

function createMessageTurns(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel()
  const waiting: (() => void)[] = []
  port1.onmessage = () => waiting.shift()!()
  return () =>
    new Promise(resolve => {
      waiting.push(resolve)
      port2.postMessage(undefined)
    })
}
