/** Calls of functions in a Worker, and messages that come from it without being asked for. */

/** Functions as they are seen from the other side: all of them answer with a promise. */
export type Remote<T> = {
  [Name in keyof T]: T[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never
}

type Call = { call: number; name: string; args: unknown[] }
type Answer = { call: number; value?: unknown; error?: { name: string; message: string } }
type Report<R> = { report: R }

interface Port {
  postMessage(message: unknown): void
  onmessage: ((event: MessageEvent) => void) | null
}

/** In the Worker: answers calls of these functions. Returns what sends a report. */
export function serve<R>(functions: object): (report: R) => void {
  const port = globalThis as unknown as Port
  const known = functions as Record<string, (...args: unknown[]) => unknown>
  port.onmessage = async ({ data }) => {
    const { call, name, args } = data as Call
    try {
      port.postMessage({ call, value: await known[name](...args) } satisfies Answer)
    } catch (error) {
      const { name, message } = error instanceof Error ? error : new Error(String(error))
      port.postMessage({ call, error: { name, message } } satisfies Answer)
    }
  }
  return report => port.postMessage({ report } satisfies Report<R>)
}

/** On the page: the functions that a Worker serves. `ended` rejects all that have not been answered. */
export function connect<T, R>(worker: Port, onReport: (report: R) => void) {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let calls = 0
  worker.onmessage = ({ data }) => {
    if ('report' in data) return onReport((data as Report<R>).report)
    const { call, value, error } = data as Answer
    const caller = waiting.get(call)
    waiting.delete(call)
    if (error) caller?.reject(Object.assign(new Error(error.message), { name: error.name }))
    else caller?.resolve(value)
  }
  const remote = new Proxy({} as Remote<T>, {
    get:
      (_, name: string) =>
      (...args: unknown[]) =>
        new Promise((resolve, reject) => {
          waiting.set(calls, { resolve, reject })
          worker.postMessage({ call: calls++, name, args } satisfies Call)
        }),
  })
  const ended = (reason: Error) => {
    for (const { reject } of waiting.values()) reject(reason)
    waiting.clear()
  }
  return { remote, ended }
}
