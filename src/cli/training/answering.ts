import { isPromise } from '../../env/awaitable.ts'
import type { Env } from '../../env/env.ts'
import { wrap } from '../../env/wrappers.ts'

/** How long an environment may take to answer after the order to stop. */
export const PATIENCE_MS = 3000

/** Makes sure that what environments promise is settled in the end. */
export interface Answering {
  /** The same environment, except that its promises reject when nothing can settle them any more, or time is up. */
  watch(env: Env): Env
  /** Ends the watching. */
  release(): void
}

/**
 * Watches the promises of environments. One is given up when nothing is left that could settle it, or when it is not
 * settled within three seconds of the order to stop: then the step in progress is lost, but not the run.
 */
export function createAnswering(signal: AbortSignal): Answering {
  const pending = new Set<(reason: unknown) => void>()
  const timers = new Set<NodeJS.Timeout>()
  const giveUp = (reason: unknown) => {
    for (const reject of pending) reject(reason)
    pending.clear()
  }

  const onIdle = () =>
    giveUp(new Error('it returned a promise that is never settled: nothing is left that could settle it'))
  // Before the listener that reports that the program is stuck.
  process.prependListener('beforeExit', onIdle)

  const onAbort = () => {
    const { reason } = signal
    timers.add(setTimeout(() => giveUp(reason), PATIENCE_MS))
  }
  signal.addEventListener('abort', onAbort)

  function answered<T>(answer: Promise<T>): Promise<T> {
    // Not a race with one promise for all, because each race would leave a handler on it.
    return new Promise((resolve, reject) => {
      pending.add(reject)
      if (signal.aborted) onAbort()
      answer.then(
        value => {
          pending.delete(reject)
          resolve(value)
        },
        error => {
          pending.delete(reject)
          reject(error)
        },
      )
    })
  }

  return {
    watch(env) {
      const call =
        <Args extends unknown[], T>(method: (...args: Args) => T) =>
        (...args: Args): T => {
          const answer = method.apply(env, args)
          return isPromise(answer) ? (answered(answer) as T) : answer
        }
      return wrap(env, {
        reset: call(env.reset),
        step: call(env.step),
        ...(env.getState && { getState: call(env.getState) }),
        ...(env.setState && { setState: call(env.setState) }),
      })
    },
    release() {
      process.off('beforeExit', onIdle)
      signal.removeEventListener('abort', onAbort)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
