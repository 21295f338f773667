import { createFrameReader, encodeFrame } from './frames.ts'
import { GymnasiumError, startPython } from './python-process.ts'

/** What a call of the host returns. */
export interface Answer<T> {
  numbers: Float64Array
  result: T
}

/** A Python process that hosts environments. */
export interface Host {
  /**
   * Calls one of the functions that `host.py` lists. Calls made in the same tick travel together, as one message
   * with one reply, and are carried out in the order they were made in.
   * @throws GymnasiumError if the function failed, or Python has ended
   */
  call<T>(name: string, args: unknown[], numbers?: ArrayLike<number>): Promise<Answer<T>>
  /**
   * Ends the process.
   * @throws GymnasiumError if it had to be forced, or closing an environment failed
   */
  end(): Promise<void>
}

interface Call {
  request: [name: string, count: number, ...args: unknown[]]
  numbers: ArrayLike<number>
  resolve(answer: Answer<never>): void
  reject(error: GymnasiumError): void
}

type Reply = [count: number, result: object & { error?: string }][]

/** Starts a host in the given Python, a path or the name of a program. */
export function startHost(python: string): Host {
  let collected: Call[] = []
  /** Messages on their way, oldest first. */
  const sent: Call[][] = []
  let over: string | undefined

  const readPiece = createFrameReader(({ content, numbers }) => {
    let start = 0
    const calls = sent.shift()!
    for (const [i, [count, result]] of (content as Reply).entries()) {
      const { resolve, reject } = calls[i]
      if (result.error !== undefined) reject(new GymnasiumError(result.error))
      else resolve({ numbers: numbers.subarray(start, start + count), result: result as never })
      start += count
    }
    if (sent.length === 0) child.setAwaited(false)
  })

  const child = startPython(python, {
    onData: readPiece,
    onEnd(reason) {
      over = reason
      for (const { reject } of sent.splice(0).flat()) reject(new GymnasiumError(reason))
    },
  })

  function send() {
    const calls = collected
    collected = []
    sent.push(calls)
    child.setAwaited(true)
    const numbers = calls.flatMap(call => Array.from(call.numbers))
    child.write(
      encodeFrame({ content: calls.map(({ request }) => request), numbers: Float64Array.from(numbers) }),
    )
  }

  return {
    call: (name, args, numbers = []) =>
      new Promise((resolve, reject) => {
        if (over !== undefined) return reject(new GymnasiumError(over))
        if (collected.length === 0) queueMicrotask(send)
        collected.push({ request: [name, numbers.length, ...args], numbers, resolve, reject })
      }),
    end: () => (over === undefined ? child.end() : Promise.resolve()),
  }
}
