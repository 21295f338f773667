/** The libraries measured, each in a process of its own that waits for tasks. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Pace, Tasks } from './tasks.ts'

/** What subjects run as: this project's engines, and its peers. */
export const OURS = ['wasm', 'onnx'] as const
export const PEERS = ['sb3', 'sbx', 'torch'] as const
export type Library = (typeof OURS)[number] | (typeof PEERS)[number] | 'auto' | 'numpy'

export const TITLES: Record<Library, string> = {
  wasm: 'this project, WebAssembly',
  onnx: 'this project, ONNX Runtime',
  auto: 'this project, engine auto',
  sb3: 'Stable-Baselines3',
  sbx: 'SBX (JAX)',
  torch: 'plain PyTorch',
  numpy: 'NumPy (OpenBLAS)',
}

export interface Subject {
  library: Library
  threads: number | 'auto'
  /** Has it carry out a task. */
  ask<T extends keyof Tasks>(task: T, request?: Parameters<Tasks[T]>[0]): ReturnType<Tasks[T]>
  /** The same for a task that only one of them knows. */
  askOther(task: string, request: object): Promise<Pace>
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>
}

const root = new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url).pathname
const python = `${root}.venv-peers/bin/python`

/** Whether the peers are installed. */
export const hasPeers = (): boolean => existsSync(`${root}.venv-peers/requirements.txt`)

/** Starts a subject; the process is loading while this returns. */
export function startSubject(library: Library, threads: number | 'auto'): Subject {
  const ours = library === 'auto' || OURS.some(engine => engine === library)
  const command = ours
    ? [process.execPath, `${root}dist/bench/peers/subject.js`, library, `${threads}`]
    : [python, `${root}bench/peers/subject.py`, library, `${threads}`]
  // Some environments set a slower kernel for old versions of OpenBLAS.
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env
  const child = spawn(command[0], command.slice(1), {
    env: { ...env, PYTHONWARNINGS: 'ignore', JAX_PLATFORMS: 'cpu' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', data => {
    complaint = `${complaint}${data}`.slice(-2000)
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const askOther = async (task: string, request: object) => {
    child.stdin.write(`${JSON.stringify({ task, ...request })}\n`)
    const { value: line, done } = await lines.next()
    if (done) throw new Error(`${TITLES[library]} ended in task ${task}:\n${complaint}`)
    return JSON.parse(line).value
  }
  return {
    library,
    threads,
    ask: (task, request = {}) => askOther(task, request) as never,
    askOther,
    async stop() {
      const gone = child.exitCode === null && once(child, 'exit')
      child.stdin.end()
      await gone
    },
  }
}
