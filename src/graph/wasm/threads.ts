/**
 * Several threads on one shared memory: all run the same step, each its share of the large kernels, and meet at
 * barriers. Who computes what depends on the number of threads, but no value does.
 */
import {
  call,
  type FunctionBuilder,
  type FunctionReference,
  get,
  i32,
  load,
  op,
  store,
} from './assembler/function-builder.ts'
import type { ModuleBuilder } from './assembler/module-builder.ts'
import type { Code } from './assembler/opcodes.ts'

/** The first bytes of the memory: how threads talk, and which copies of the state are the present ones. */
export const CONTROL = {
  /** Counts steps begun; helpers wait for it to change. */
  generation: 64,
  /** Number of the step to run, or -1: the helper returns. */
  step: 68,
  threads: 72,
  /** 1 if the first thread must not sleep, as on a browser's main thread. */
  firstIsSleepless: 76,
  /** Threads that have arrived at the barrier, and how often it has opened. */
  arrived: 128,
  opened: 192,
  /** Byte address of a state tensor's present or next copy. */
  state: (index: number, copy: 'present' | 'next'): number => 256 + 8 * index + (copy === 'present' ? 0 : 4),
  bytes: (states: number): number => 256 + 16 * Math.ceil(states / 2),
} as const

/** How often a thread looks before it goes to sleep: some tens of microseconds. */
const PATIENCE = 20_000

const atomicLoad = (address: number): Code => load('i32.atomic.load', i32(address))

/** Waits until the word at `address` is not `known` any more. */
function emitWait(f: FunctionBuilder, address: number, known: Code, mayNotSleep?: Code) {
  const patience = f.let('i32', i32(PATIENCE), 'patience')
  const unchanged = () => op('i32.eq', atomicLoad(address), known)
  f.while(unchanged, () => {
    const awake = op('i32.gt_s', get(patience), i32(0))
    f.if(
      mayNotSleep ? op('i32.or', awake, mayNotSleep) : awake,
      () => f.increment(patience, i32(-1)),
      () => f.add([...i32(address), ...known, ['i64.const', -1], ['memory.atomic.wait32', 0], ['drop']]),
    )
  })
}

const notifyAll = (address: number): Code => [
  ...i32(address),
  ...i32(0x7fffffff),
  ['memory.atomic.notify', 0],
  ['drop'],
]

/** Defines `barrier(thread, threads)`: nobody leaves before everybody has come. */
export const defineBarrier = (module: ModuleBuilder): FunctionReference =>
  module.function('barrier', { thread: 'i32', threads: 'i32' }, [], (f, { thread, threads }) => {
    const opened = f.let('i32', atomicLoad(CONTROL.opened), 'opened')
    f.if(
      op(
        'i32.eq',
        [...i32(CONTROL.arrived), ...i32(1), ['i32.atomic.rmw.add', 0]],
        op('i32.sub', get(threads), i32(1)),
      ),
      () => {
        f.add(store('i32.atomic.store', i32(CONTROL.arrived), i32(0)))
        f.add([...i32(CONTROL.opened), ...i32(1), ['i32.atomic.rmw.add', 0], ['drop']])
        f.add(notifyAll(CONTROL.opened))
      },
      () => {
        const isFirst = op('i32.eqz', get(thread))
        const sleepless = op('i32.and', isFirst, load('i32.load', i32(CONTROL.firstIsSleepless)))
        emitWait(f, CONTROL.opened, get(opened), sleepless)
      },
    )
  })

/** Defines `serve(thread)`, a helper's whole life: to run its share of every step that is begun. */
export const defineServe = (module: ModuleBuilder, steps: readonly FunctionReference[]): FunctionReference =>
  module.function(
    'serve',
    { thread: 'i32' },
    [],
    (f, { thread }) => {
      const generation = f.local('i32', 'generation')
      const step = f.local('i32', 'step')
      f.add([['loop']])
      emitWait(f, CONTROL.generation, get(generation))
      f.increment(generation, i32(1))
      f.set(step, atomicLoad(CONTROL.step))
      steps.forEach((callee, i) => {
        f.if(op('i32.eq', get(step), i32(i)), () =>
          f.add(call(callee, get(thread), atomicLoad(CONTROL.threads))),
        )
      })
      f.add(op('i32.ge_s', get(step), i32(0)), [['br_if', 0], ['end']])
    },
    true,
  )

/** What an instance of a program's module is made of; all of it can be sent to another thread. */
export interface ModuleParts {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** The module of the wide tiles. */
  readonly wide?: WebAssembly.Module
  /** Path of the native product. */
  readonly product?: string
}

/** What the module imports, as `THREAD` has it below; `bind` is the native product's. */
export const importsOf = (
  { memory, wide }: ModuleParts,
  bind?: (memory: Uint8Array) => (block: number) => void,
): WebAssembly.Imports => ({
  env: { memory, ...(bind && { product: bind(new Uint8Array(memory.buffer)) }) },
  ...(wide && { wide: new WebAssembly.Instance(wide, { env: { memory } }).exports }),
})

/**
 * What a thread runs: no file, so that it needs no place in anyone's bundle. The first thread waits for messages that
 * say which step to run, and answers each; the others serve whoever is first.
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

/** Threads beside the caller's. */
interface Helpers {
  /** Starts a step on all of them; the caller then runs its own share. */
  begin(step: number): void
  /** Ends them. */
  stop(): void
}

/** Whether this platform lets threads share memory: Node does, a browser if its page is cross-origin isolated. */
export const canShareMemory = (): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && (globalThis.crossOriginIsolated ?? true)

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

/** The threads of a program beside the caller's. */
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
