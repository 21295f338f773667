/**
 * Which processor a thread runs on. A system may pack the threads of one process on one processor while others idle:
 * two busy threads then do the work of one, and a figure called "two threads" says nothing. So busy threads, of every
 * library alike, are found by what they have run and each is bound to a processor of its own. Linux alone, by `/proc`
 * and `taskset`.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

/** The processors that this program may use, read once: a bound thread is told of its own alone. */
let allowed: readonly number[] | undefined
export function allowedProcessors(): readonly number[] {
  allowed ??= readAllowed()
  return allowed
}

function readAllowed(): number[] {
  const status = readFileSync('/proc/self/status', 'utf8')
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0'
  return list.split(',').flatMap(range => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** Processor time of each thread of a process so far, in ticks of the kernel (10 ms). */
function ticksOfThreads(pid: number): Map<number, number> {
  const ticks = new Map<number, number>()
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')
      // The name before may have blanks and brackets in it.
      const [, ...fields] = stat.slice(stat.lastIndexOf(')')).split(' ')
      ticks.set(Number(thread), Number(fields[11]) + Number(fields[12]))
    } catch {
      // The thread has ended in the meantime.
    }
  }
  return ticks
}

/** Binds a thread to processors. */
const bind = (thread: number, ...processors: readonly number[]): void => {
  execFileSync('taskset', ['--pid', '--cpu-list', processors.join(), `${thread}`], { stdio: 'pipe' })
}

/** Lets this program's main thread run everywhere again, because the programs that it starts run where it may. */
export const releaseMainThread = (): void => bind(process.pid, ...allowedProcessors())

/**
 * Which threads go where, given what each has run: the busiest to the first processor, the next to the second, and so
 * on in turn. Threads that have done less than a fiftieth of the busiest one's work are left alone. The main thread, if
 * busy, comes first: it works with the threads of several programs, and must not move from under one of them.
 */
export function deal(
  work: ReadonlyMap<number, number>,
  processors: readonly number[],
  main?: number,
): { thread: number; processor: number }[] {
  const busiest = Math.max(...work.values())
  return [...work]
    .filter(([, ticks]) => ticks > 0 && ticks >= busiest / 50)
    .sort(([x, a], [y, b]) => Number(y === main) - Number(x === main) || b - a)
    .map(([thread], i) => ({ thread, processor: processors[i % processors.length] }))
}

/**
 * Spreads the busy threads of a process over processors.
 * @param work something that keeps its threads busy for some tenths of a second
 * @returns how many threads it bound
 */
export async function spread(
  pid: number,
  processors: readonly number[],
  work: () => Promise<unknown>,
): Promise<number> {
  const before = ticksOfThreads(pid)
  await work()
  const after = ticksOfThreads(pid)
  const dealt = deal(
    new Map([...after].map(([thread, ticks]) => [thread, ticks - (before.get(thread) ?? 0)])),
    processors,
    pid,
  )
  for (const { thread, processor } of dealt) bind(thread, processor)
  return dealt.length
}

/** A thread that counts to a number when its word is set, then sets the word back. */
const BUSY = `
  const { workerData: { words, index } } = require('node:worker_threads')
  for (;;) {
    Atomics.wait(words, index, 0)
    const until = words[index]
    let x = 0
    for (let i = 0; i < until; i++) x = Math.imul(x, 31) + i | 0
    words[2] = x
    Atomics.store(words, index, 0)
    Atomics.notify(words, index)
  }`

/**
 * How many times the work of one thread two threads do in the same time, bound to two processors: about 2, or about 1
 * where the machine gives no parallelism. Loops of about 5 ms, one and two in turn. The fastest of each count: other
 * programs disturb the rest, and this asks what the machine can do.
 */
export async function parallelism(processors: readonly number[]): Promise<number> {
  if (processors.length < 2) return 1
  const words = new Int32Array(new SharedArrayBuffer(12))
  const workers = [0, 1].map(index => new Worker(BUSY, { eval: true, workerData: { words, index } }))
  const run = (indices: number[], count: number) => {
    const start = performance.now()
    for (const index of indices) {
      Atomics.store(words, index, count)
      Atomics.notify(words, index)
    }
    for (const index of indices) Atomics.wait(words, index, count)
    return performance.now() - start
  }
  try {
    await Promise.all(workers.map(worker => once(worker, 'online')))
    const million = 1_000_000
    for (let i = 0; i < 5; i++) run([0, 1], million)
    const count = Math.round((5 * million) / run([0], million))
    await spread(process.pid, processors, async () => {
      for (let i = 0; i < 30; i++) run([0, 1], count)
    })
    let [one, two] = [Infinity, Infinity]
    for (let i = 0; i < 25; i++) {
      one = Math.min(one, run([0], count))
      two = Math.min(two, run([0, 1], count))
    }
    return (2 * one) / two
  } finally {
    await Promise.all(workers.map(worker => worker.terminate()))
  }
}
