/** What runs in a worker thread: environments of a module, called from `index.ts` on the other side. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Env } from '../env/env.ts'
import type { Call, Description, Reply, WorkerData } from './messages.ts'

const { module, name, args, count } = workerData as WorkerData
const { [name]: make } = await import(module)
const envs: Env[] = []
while (envs.length < count) envs.push(await make(...args))

const descriptions = envs.map((env): Description => {
  const { id, observationSpace, actionSpace, seedBits } = env
  return {
    id,
    observationSpace,
    actionSpace,
    seedBits,
    hasState: Boolean(env.getState && env.setState),
    hasScene: Boolean(env.scene),
  }
})
parentPort!.postMessage(descriptions)

parentPort!.on('message', async (calls: Call[]) => {
  parentPort!.postMessage(await Promise.all(calls.map(answer)))
})

async function answer({ env, method, argument }: Call): Promise<Reply> {
  try {
    const target = envs[env] as unknown as Record<string, ((argument: unknown) => unknown) | undefined>
    return { value: await target[method]?.(argument) }
  } catch (error) {
    return { error }
  }
}
