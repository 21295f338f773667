/** What runs in a worker thread: environments of a module, called from `index.ts` on the other side. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Env } from '../env/env.ts'
import { rewardsOf } from '../env/goals.ts'
import type { Call, Description, GoalPairs, Reply, WorkerData } from './messages.ts'

const { module, name, args, count } = workerData as WorkerData
const { [name]: make } = await import(module)
const envs: Env[] = []
while (envs.length < count) envs.push(await make(...args))

const descriptions = envs.map((env): Description => {
  const { id, observationSpace, actionSpace, seedBits, goals } = env
  return {
    id,
    observationSpace,
    actionSpace,
    seedBits,
    hasState: Boolean(env.getState && env.setState),
    hasScene: Boolean(env.scene),
    goalSize: goals?.size,
  }
})
parentPort!.postMessage(descriptions)

parentPort!.on('message', async (calls: Call[]) => {
  parentPort!.postMessage(await Promise.all(calls.map(answer)))
})

async function answer({ env, method, argument }: Call): Promise<Reply> {
  try {
    if (method === 'computeRewards') {
      const { achieved, desired, count } = argument as GoalPairs
      return { value: await rewardsOf(envs[env].goals!, achieved, desired, count) }
    }
    const target = envs[env] as unknown as Record<string, ((argument: unknown) => unknown) | undefined>
    return { value: await target[method]?.(argument) }
  } catch (error) {
    return { error }
  }
}
