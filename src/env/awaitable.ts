import type { Awaitable } from './env.ts'

/** Whether a value still has to be awaited. */
export function isPromise<T>(value: Awaitable<T>): value is Promise<T> {
  return typeof (value as Promise<T> | undefined)?.then === 'function'
}

/** Applies `change` to a value: at once if it is there, so that no promise is made, or when it comes. */
export function whenThere<T, U>(value: Awaitable<T>, change: (value: T) => U): Awaitable<U> {
  return isPromise(value) ? value.then(change) : change(value)
}
