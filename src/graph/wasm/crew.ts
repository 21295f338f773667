/** The threads of a program other than the caller's, each with an instance of its module on the same memory. */
import type { ModuleParts } from './module-parts.ts'
import { CONTROL } from './threads.ts'

/**
 * What a thread runs: no file, so that it needs no place in anyone's bundle. The first thread waits for messages that
 * say which step to run, and answers each; the others help the first one.
 */
const THREAD = `
const start = ({ parts: { module, memory, wide }, thread }, { answer, listen, bind }) => {
  const imports = { env: { memory } }
  if (bind) imports.env.product = bind(new Uint8Array(memory.buffer))
  if (wide) imports.wide = new WebAssembly.Instance(wide, { env: { memory } }).exports
  const { exports } = new WebAssembly.Instance(module, imports)
  if (thread === 0) listen(({ step, threads }) => answer(exports[step](0, threads)))
  answer()
  if (thread > 0) exports.serve(thread)
}
if (typeof require === 'function') {
  const { workerData, parentPort } = require('node:worker_threads')
  const { product } = workerData.parts
  start(workerData, {
    answer: message => parentPort.postMessage(message),
    listen: receive => parentPort.on('message', receive),
    bind: product && require(product).bind
  })
} else {
  onmessage = ({ data }) => start(data, {
    answer: message => postMessage(message),
    listen: receive => { onmessage = ({ data }) => receive(data) }
  })
}`

/** Threads in addition to the caller's. */
interface Helpers {
  /** Starts a step on all of them; the caller then runs its own share. */
  begin(step: number): void
  /** Ends them. */
  stop(): void
}

/** Whether this thread may wait for others asleep: all may but the main thread of a browser. */
function maySleep(memory: WebAssembly.Memory): boolean {
  try {
    // Another value is there, so that this returns at once where it is allowed.
    Atomics.wait(new Int32Array(memory.buffer), CONTROL.generation / 4, -1, 0)
    return true
  } catch {
    return false
  }
}

/**
 * Starts `count` helpers on a module that `defineServe` is part of, and waits until they are there: a caller that
 * waited for them in a step would keep a browser from ever starting them.
 */
async function startHelpers(
  parts: ModuleParts,
  { count, firstMaySleep }: { count: number; firstMaySleep: boolean },
): Promise<Helpers> {
  const words = new Int32Array(parts.memory.buffer)
  const word = (address: number) => address / 4
  Atomics.store(words, word(CONTROL.threads), count + 1)
  Atomics.store(words, word(CONTROL.firstIsSleepless), firstMaySleep ? 0 : 1)
  const threads = Array.from({ length: count }, (_, i) => startThread({ parts, thread: i + 1 }))
  const begin = (step: number): void => {
    Atomics.store(words, word(CONTROL.step), step)
    Atomics.add(words, word(CONTROL.generation), 1)
    Atomics.notify(words, word(CONTROL.generation))
  }
  const stop = () => {
    begin(-1)
    for (const thread of threads) thread.end()
  }
  try {
    await Promise.all(threads.map(thread => thread.ready))
  } catch (error) {
    stop()
    throw error
  }
  return { begin, stop }
}

/** A thread that is the first of all in place of the caller's, which is free meanwhile. */
interface Leader {
  /** Has it run a step, together with helpers if there are any and they have begun. One at a time. */
  run(step: string, threads: number): Promise<void>
  stop(): void
}

/** Starts a leader and waits until it is there. */
async function startLeader(parts: ModuleParts): Promise<Leader> {
  const thread = startThread({ parts, thread: 0 })
  try {
    await thread.ready
  } catch (error) {
    thread.end()
    throw error
  }
  return { run: (step, threads) => thread.ask({ step, threads }), stop: () => thread.end() }
}

/** The threads of a program other than the caller's. */
export interface Crew {
  readonly helpers?: Helpers
  readonly leader?: Leader
}

/** Starts all of them, or none. */
export async function startCrew(
  parts: ModuleParts,
  { helpers: count, background }: { helpers: number; background: boolean },
): Promise<Crew> {
  const leader = background ? await startLeader(parts) : undefined
  try {
    const firstMaySleep = background || maySleep(parts.memory)
    return { leader, helpers: count > 0 ? await startHelpers(parts, { count, firstMaySleep }) : undefined }
  } catch (error) {
    leader?.stop()
    throw error
  }
}

interface Thread {
  readonly ready: Promise<void>
  /** Sends a message and waits for the answer. */
  ask(message: unknown): Promise<void>
  end(): void
}

/** Starts one thread. It keeps a program alive only while it has been asked something. */
function startThread(data: { parts: ModuleParts; thread: number }): Thread {
  const node = globalThis.process?.getBuiltinModule?.('node:worker_threads')
  return node ? startNodeThread(node, data) : startWebThread(data)
}

type NodeThreads = NonNullable<ReturnType<typeof process.getBuiltinModule<'node:worker_threads'>>>

function startNodeThread(node: Pick<NodeThreads, 'Worker'>, data: object): Thread {
  const worker = new node.Worker(THREAD, { eval: true, workerData: data })
  const answer = () =>
    new Promise<void>((resolve, reject) => {
      worker.ref()
      const settle = (error?: Error) => {
        worker.off('message', onMessage).off('error', settle).unref()
        if (error) reject(error)
        else resolve()
      }
      const onMessage = () => settle()
      worker.on('message', onMessage).on('error', settle)
    })
  return {
    ready: answer(),
    ask(message) {
      worker.postMessage(message)
      return answer()
    },
    end: () => void worker.terminate(),
  }
}

function startWebThread(data: object): Thread {
  const url = URL.createObjectURL(new Blob([THREAD], { type: 'text/javascript' }))
  const worker = new Worker(url)
  const ask = (message: unknown) =>
    new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve()
      worker.onerror = ({ message }) => reject(new Error(message || 'the page may not start a worker'))
      worker.postMessage(message)
    })
  return { ready: ask(data).finally(() => URL.revokeObjectURL(url)), ask, end: () => worker.terminate() }
}
