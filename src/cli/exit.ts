/** What this program does when something else would end it: an environment, or a promise that is never settled. */

/** Ends the program at once. */
export const exitNow: (code: number) => never = process.exit.bind(process)

/** `process.exit` was called by code that is not part of this program. */
export class ForeignExit extends Error {
  override name = 'ForeignExit'

  constructor(code: unknown) {
    super(
      `process.exit(${code ?? ''}) was called. An environment must not end the program: let it throw an error instead`,
    )
  }
}

/**
 * Makes `process.exit` throw: an environment that calls it would end `sac` with an exit code of its choice, often 0, and
 * what was learned would be lost.
 */
export function forbidExit(): void {
  process.exit = code => {
    throw new ForeignExit(code)
  }
}

/**
 * Calls `report` if nothing is left to run although `work` has not ended: it waits for a promise that will never be
 * settled, and Node would end the program without a message. Code that can still settle it does so in its own listener
 * of `beforeExit`.
 */
export async function untilStuck(work: Promise<void>, report: () => void): Promise<void> {
  let ended = false
  let warned = false
  const onIdle = () => {
    if (ended) return
    if (warned) report()
    // One more turn for what the other listeners have started.
    else setImmediate(() => {})
    warned = !warned
  }
  process.on('beforeExit', onIdle)
  try {
    await work
  } finally {
    ended = true
    process.off('beforeExit', onIdle)
  }
}
