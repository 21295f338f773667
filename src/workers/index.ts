/**
 * Environments in worker threads; for Node.
 * @module soft-actor-critic/workers
 */
import { availableCores } from '../available-cores.ts'
import { createCalls } from '../calls.ts'
import type { Env, ResetResult, StepResult } from '../env/env.ts'
import { goalsInBatches } from '../env/goals.ts'
import type { Scene } from '../env/scene.ts'
import type { Call, Description, Reply, WorkerData } from './messages.ts'

/** What `makeWorkerEnvs` takes. */
export interface WorkerOptions {
  /** How many environments to make, at least 1. */
  count: number
  /** Over how many threads to spread them. Default: as many as there are cores, and no more than environments. */
  threads?: number
  /** Name of the module's export that makes an environment, at once or as a promise. Default `default`. */
  name?: string
  /** What it is called with: anything that can be passed to a worker. */
  args?: readonly unknown[]
}

/**
 * Makes environments that live in worker threads, so that they step side by side on several cores. A thread ends when
 * all its environments are closed.
 *
 * They answer with promises. What is asked of several of them in one tick travels in one message a thread. Results do
 * not depend on the number of threads, nor on which of them is faster.
 *
 * @param module address of a module that the threads import: JavaScript, or TypeScript where Node reads it
 * @throws RangeError for a count or number of threads that is not a whole number of at least 1
 * @throws Error if the module cannot be imported or its export throws
 * @example
 * const envs = await makeWorkerEnvs(new URL('./my-env.js', import.meta.url), { count: 8 })
 * const agent = await SAC.create(envs[0], { envs: 8 })
 */
export async function makeWorkerEnvs(
  module: URL | string,
  { count, threads = Math.min(count, availableCores()), name = 'default', args = [] }: WorkerOptions,
): Promise<Env[]> {
  for (const [option, value] of Object.entries({ count, threads })) {
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`${option} is ${value}; it must be a whole number of at least 1.`)
    }
  }
  // Neighbours share a thread; the first threads have one more if the count is not a multiple.
  const sizes = Array.from({ length: threads }, (_, i) => Math.ceil((count - i) / threads)).filter(
    size => size > 0,
  )
  const started = sizes.map(size => startWorker({ module: String(module), name, args, count: size }))
  const groups = await Promise.allSettled(started)
  const failure = groups.find(group => group.status === 'rejected')
  const envs = groups.flatMap(group => (group.status === 'fulfilled' ? group.value : []))
  if (!failure) return envs
  await Promise.all(envs.map(env => env.close?.()))
  throw failure.reason
}

/** The same time that Python has to close its environments. */
const PATIENCE_MS = 5000

/** Starts a thread; the promise is of its environments. */
async function startWorker(data: WorkerData): Promise<Env[]> {
  // Asked for when needed, and the file not named inside `new Worker(...)`: a bundler for web pages would follow both.
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads')
  if (!threads)
    throw new Error('makeWorkerEnvs needs Node, and this is not Node. In a web page, train in a Worker.')
  const program = new URL('./worker.js', import.meta.url)
  const worker = new threads.Worker(program, { workerData: data })
  const calls = createCalls<Call, unknown>({
    post: requests => worker.postMessage(requests),
    onAwaited: awaited => (awaited ? worker.ref() : worker.unref()),
  })

  let fail: (reason: Error) => void = () => {}
  const end = (reason: Error) => {
    fail(reason)
    calls.ended(reason)
  }
  worker.on('error', end)
  worker.on('exit', code => end(new Error(`its thread has ended (exit code ${code})`)))
  const descriptions = await new Promise<Description[]>((resolve, reject) => {
    fail = reject
    worker.once('message', resolve)
  })
  worker.on('message', (replies: Reply[]) => calls.answered(replies))
  worker.unref()

  const call = <T>(env: number, method: Call['method'], argument?: unknown) =>
    calls.call({ env, method, argument }) as Promise<T>

  let open = descriptions.length
  return descriptions.map(({ hasState, hasScene, goalSize, ...description }, env) => {
    let closed = false
    return {
      ...description,
      reset: options => call<ResetResult>(env, 'reset', options),
      step: action => call<StepResult>(env, 'step', action),
      ...(hasState && {
        getState: () => call<unknown>(env, 'getState'),
        setState: (state: unknown) => call<void>(env, 'setState', state),
      }),
      ...(hasScene && { scene: () => call<Scene>(env, 'scene') }),
      ...(goalSize !== undefined && {
        goals: goalsInBatches(goalSize, (achieved, desired, count) =>
          call(env, 'computeRewards', { achieved, desired, count }),
        ),
      }),
      async close() {
        if (closed) return
        closed = true
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<true>(resolve => {
          timer = setTimeout(resolve, PATIENCE_MS, true)
        })
        const isLate = await Promise.race([call(env, 'close').then(() => false), late]).finally(() =>
          clearTimeout(timer),
        )
        open--
        if (open === 0 || isLate) await worker.terminate()
        if (isLate) {
          throw new Error(
            `the environment had not closed ${PATIENCE_MS / 1000} s after it was asked to, and its thread was stopped: it is ` +
              'still in step or reset, or its close() does not end',
          )
        }
      },
    }
  })
}
