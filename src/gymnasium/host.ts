import { createCalls } from '../calls.ts'
import { createFrameReader, encodeFrame } from './frames.ts'
import { GymnasiumError, startPython } from './python-process.ts'

/** What a function of `host.py` is called with. */
export interface Call {
  name: 'make' | 'reset' | 'step' | 'computeRewards'
  args: unknown[]
  numbers?: ArrayLike<number>
}

/** What a function of `host.py` returned. */
export interface Answer {
  numbers: Float64Array
  result: object
}

/** A Python process that hosts environments. */
export interface Host {
  /**
   * Calls a function there. Calls of one tick are carried out in the order they were made in.
   * @throws GymnasiumError if the function failed, or Python has ended
   */
  call(call: Call): Promise<Answer>
  /**
   * Closes the environments and ends the process.
   * @throws GymnasiumError if it had to be forced, or closing an environment failed
   */
  end(): Promise<void>
}

/** The text of an answering frame. */
type Results = [count: number, result: object & { error?: string }][]

/** Starts a host in the given Python, a path or the name of a program. */
export function startHost(python: string): Host {
  let over = false
  const calls = createCalls<Call, Answer>({
    post(requests) {
      const content = requests.map(({ name, args, numbers = [] }) => [name, numbers.length, ...args])
      const numbers = requests.flatMap(call => Array.from(call.numbers ?? []))
      child.write(encodeFrame({ content, numbers: Float64Array.from(numbers) }))
    },
    onAwaited: awaited => child.setAwaited(awaited),
  })

  const onData = createFrameReader(({ content, numbers }) => {
    let start = 0
    calls.answered(
      (content as Results).map(([count, result]) => {
        const own = numbers.subarray(start, start + count)
        start += count
        if (result.error !== undefined) return { error: new GymnasiumError(result.error) }
        return { value: { numbers: own, result } }
      }),
    )
  })

  const child = startPython(python, {
    onData,
    onEnd(reason) {
      over = true
      calls.ended(new GymnasiumError(reason))
    },
  })

  return {
    call: calls.call,
    // One that has ended by itself has reported so already.
    end: () => (over ? Promise.resolve() : child.end()),
  }
}
