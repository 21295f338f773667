/** Waits for a promise, or no longer than until the signal aborts; undefined then. */
export function createRace(signal: AbortSignal) {
  return async <T>(promise: Promise<T>): Promise<T | undefined> => {
    if (signal.aborted) {
      promise.catch(() => {})
      return undefined
    }
    return new Promise((resolve, reject) => {
      const stop = () => resolve(undefined)
      signal.addEventListener('abort', stop, { once: true })
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
    })
  }
}

/** Waits for a promise, or no longer than so many milliseconds. What fails within them is thrown. */
export function inTime(promise: Promise<void>, milliseconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds)
  })
  promise.catch(() => {})
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
