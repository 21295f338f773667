import { EnvironmentError } from '../../training/guarded-env.ts'
import { exitNow } from '../exit.ts'

/** Signals and what the shell expects of a program that one of them ended. A terminal that is closed sends SIGHUP. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
const NAMES = Object.keys(EXIT_CODES) as (keyof typeof EXIT_CODES)[]

/** A signal from outside asked the program to stop. */
export class Interruption extends Error {
  override name = 'Interruption'
  /** What the shell expects of a program that a signal ended. */
  readonly exitCode: number

  constructor(signal: keyof typeof EXIT_CODES) {
    super(`stopped by ${signal}`)
    this.exitCode = EXIT_CODES[signal]
  }
}

/** `npm start` passes on the Ctrl-C that the terminal has sent to us as well: that is one signal, not two. */
const ECHO_MS = 500

/** Aborts for the first SIGINT (Ctrl-C), SIGTERM or SIGHUP, so that work can be saved; a second ends the program. */
export function stopOnSignals(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  let abortedAt = 0
  const onSignal = (name: NodeJS.Signals) => {
    const interruption = new Interruption(name as keyof typeof EXIT_CODES)
    if (!controller.signal.aborted) {
      abortedAt = performance.now()
      controller.abort(interruption)
    } else if (performance.now() - abortedAt > ECHO_MS) exitNow(interruption.exitCode)
  }
  for (const name of NAMES) process.on(name, onSignal)
  return {
    signal: controller.signal,
    release() {
      for (const name of NAMES) process.off(name, onSignal)
    },
  }
}

/**
 * Aborts on an exception or rejection that is not caught, such as one in a timer that an environment has set, so that
 * work can be saved; Node would end the program.
 */
export function stopOnFaults(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const onFault = (fault: unknown) => {
    const what = fault instanceof Error ? (fault.stack ?? fault.message) : String(fault)
    controller.abort(
      new EnvironmentError(
        `Something failed outside of reset and step, most likely in a timer or callback of the environment: ${what}`,
        { cause: fault },
      ),
    )
  }
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
  return {
    signal: controller.signal,
    release() {
      process.off('uncaughtException', onFault)
      process.off('unhandledRejection', onFault)
    },
  }
}
