const NAMES = ['SIGINT', 'SIGTERM'] as const

/** A signal from outside asked the program to stop. */
export class Interruption extends Error {
  override name = 'Interruption'
  /** What the shell expects of a program that a signal ended. */
  readonly exitCode: number

  constructor(signal: (typeof NAMES)[number]) {
    super(`stopped by ${signal}`)
    this.exitCode = signal === 'SIGINT' ? 130 : 143
  }
}

/** `npm start` passes on the Ctrl-C that the terminal has sent to us as well: that is one signal, not two. */
const ECHO_MS = 500

/** Aborts for the first SIGINT (Ctrl-C) or SIGTERM, so that work can be saved; a second one ends the program. */
export function stopOnSignals(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  let abortedAt = 0
  const onSignal = (name: NodeJS.Signals) => {
    const interruption = new Interruption(name as (typeof NAMES)[number])
    if (!controller.signal.aborted) {
      abortedAt = performance.now()
      controller.abort(interruption)
    } else if (performance.now() - abortedAt > ECHO_MS) process.exit(interruption.exitCode)
  }
  for (const name of NAMES) process.on(name, onSignal)
  return {
    signal: controller.signal,
    release() {
      for (const name of NAMES) process.off(name, onSignal)
    },
  }
}
