/**
 * Several threads on one shared memory: all run the same step, each its share of the large kernels, and meet at
 * barriers. Which thread computes what depends on their number, but no value does.
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

/** The first bytes of the memory: how threads communicate, and which copies of the state are the present ones. */
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

/** Defines `barrier(thread, threads)`: no thread leaves before all have arrived. */
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

/** Defines `serve(thread)`, all that a helper does: it runs its share of every step that is begun. */
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
