/** What is measured, each in a process of its own that waits for tasks. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { newerNode } from './newer-node.ts'
import { allowedProcessors, spread } from './processors.ts'
import type { Tasks } from './tasks.ts'

/** This project's engines. */
export const OURS = ['wasm', 'wasm-wide', 'wasm-fast', 'wasm-fast-wide', 'native', 'auto'] as const
/** Libraries that any part can measure. */
export const PEERS = ['sbx', 'sb3', 'torch', 'cleanrl'] as const
export type Ours = (typeof OURS)[number]
export type Library = Ours | (typeof PEERS)[number] | 'rl_tools' | 'numpy'

export const TITLES: Record<Library, string> = {
  wasm: 'this project, `wasm`',
  'wasm-wide': 'this project, `wasm`, wide kernels, Node 24',
  'wasm-fast': 'this project, `wasm-fast`, Node 24',
  'wasm-fast-wide': 'this project, `wasm-fast`, wide kernels, Node 24',
  native: 'this project, `native`',
  auto: 'this project, `auto`',
  sbx: 'SBX (JAX)',
  sb3: 'Stable-Baselines3',
  torch: 'plain PyTorch',
  cleanrl: "CleanRL's algorithm",
  rl_tools: 'rl_tools (C++)',
  numpy: 'NumPy (OpenBLAS)',
}

/** The newer Node that some engines need: relaxed SIMD, and 256-bit instructions for wide kernels. */
const NEWER_NODE = 24

/** How this project runs as each of its subjects. */
const RUNS: Record<Ours, { engine: string; newer?: boolean; wide?: boolean }> = {
  wasm: { engine: 'wasm' },
  'wasm-wide': { engine: 'wasm', newer: true, wide: true },
  'wasm-fast': { engine: 'wasm-fast', newer: true },
  'wasm-fast-wide': { engine: 'wasm-fast', newer: true, wide: true },
  native: { engine: 'native' },
  auto: { engine: 'auto' },
}

export const isOurs = (library: Library): library is Ours => OURS.some(ours => ours === library)

/** Where a subject's threads run: all on one processor, or on two, spread over them. */
export type Cores = 1 | 2

export interface Subject {
  library: Library
  threads: number
  cores: Cores
  /** Has it carry out a task. */
  ask<T extends keyof Tasks>(task: T, request?: Parameters<Tasks[T]>[0]): ReturnType<Tasks[T]>
  /**
   * Does some work of a task, and binds the threads that were busy with it to processors of their own. Threads come and
   * go with agents, so this follows every `create`.
   */
  warmUp(work: () => Promise<unknown>): Promise<void>
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>
}

const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url).pathname
const python = `${root}.venv-peers/bin/python`

/** Whether the peers are installed. */
export const hasPeers = (): boolean => existsSync(`${root}.venv-peers/requirements.txt`)

function commandOf(library: Library, threads: number): string[] {
  if (!isOurs(library)) return [python, `${root}bench/peers/subject.py`, library, `${threads}`]
  const { engine, newer, wide } = RUNS[library]
  const node = newer ? newerNode(NEWER_NODE, `${root}.venv-peers`) : process.execPath
  return [node, `${root}dist/bench/peers/subject.js`, engine, `${threads}`, ...(wide ? ['wide'] : [])]
}

/**
 * Starts a subject; the process is loading while this returns.
 * @param cores how many processors it may use; as many as it has threads by default
 */
export function startSubject(library: Library, threads: Cores, cores: Cores = threads): Subject {
  const processors = allowedProcessors().slice(0, cores)
  const command = commandOf(library, threads)
  // Some environments set a slower kernel for old versions of OpenBLAS.
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env
  const child = spawn('taskset', ['--cpu-list', processors.join(','), ...command], {
    env: { ...env, PYTHONWARNINGS: 'ignore', JAX_PLATFORMS: 'cpu' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', data => {
    complaint = `${complaint}${data}`.slice(-2000)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    library,
    threads,
    cores,
    async ask(task, request = {} as never) {
      child.stdin.write(`${JSON.stringify({ task, ...request })}\n`)
      const { value: line, done } = await lines.next()
      if (done) throw new Error(`${TITLES[library]} ended in task ${task}:\n${complaint}`)
      return JSON.parse(line).value
    },
    async warmUp(work) {
      if (cores === 1) await work()
      else await spread(child.pid!, processors, work)
    },
    async stop() {
      const gone = child.exitCode === null && once(child, 'exit')
      child.stdin.end()
      await gone
    },
  } as Subject
}
