import { type Env, makeEnv, type Vector } from '../../../src/index.ts'
import type { World } from './plan.ts'

/** Environments of one kind: to learn in, to evaluate in, and to look at. */
export interface OpenWorld {
  training: Watched
  evaluation: Env
  shown: Env[]
  close(): Promise<void>
}

/** Where open worlds come from. */
export type MakeEnv = (world: World) => Promise<Env>

export const builtIn: MakeEnv = ({ id, options }) => makeEnv(id, options)

/** @throws what making the environment throws */
export async function openWorld(world: World, copies: number, make: MakeEnv = builtIn): Promise<OpenWorld> {
  const all: Env[] = []
  const next = async () => {
    const env = await make(world)
    all.push(env)
    return env
  }
  const close = async () => {
    for (const env of all) await env.close?.()
  }
  try {
    const training = watch(await next())
    const evaluation = await next()
    const shown: Env[] = []
    while (shown.length < copies) shown.push(await next())
    return { training, evaluation, shown, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** An environment, and what was last done in it. */
export interface Watched {
  env: Env
  /** The first observation of the episode and the action that followed. */
  start: { observation?: Vector; action?: Float32Array }
  action: Float32Array
  /** Steps and return of the episode so far, or of the one that has just ended. */
  step: number
  return: number
  reward: number
}

function watch(inner: Env): Watched {
  const watched: Watched = {
    env: inner,
    start: {},
    action: new Float32Array(),
    step: 0,
    return: 0,
    reward: 0,
  }
  let begun = false
  watched.env = {
    ...inner,
    async reset(options) {
      const result = await inner.reset(options)
      watched.start = { observation: result.observation }
      begun = true
      watched.step = 0
      watched.return = 0
      return result
    },
    step(action) {
      if (begun) watched.start.action = action.slice()
      begun = false
      watched.action = action
      const answer = inner.step(action)
      if ('then' in answer) return answer.then(count)
      return count(answer)
    },
  }
  function count<T extends { reward: number }>(result: T): T {
    watched.step++
    watched.return += result.reward
    watched.reward = result.reward
    return result
  }
  return watched
}
