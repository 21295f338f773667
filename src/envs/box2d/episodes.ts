import type { Env, Handle, ResetResult, StepResult } from '../../env/env.ts'
import { isFiniteFloat32, requireVector } from '../../env/require.ts'
import type { Scene } from '../../env/scene.ts'
import type { ActionSpace, Box } from '../../env/spaces.ts'
import { createRandom, type Random, type RandomState } from '../../random.ts'
import { requireChoice } from '../choices.ts'

/** The random numbers that an episode draws. */
export type Draws = Pick<Random, 'uniform' | 'integer'>

/** A world in which one episode takes place. */
export interface Episode {
  step(action: ArrayLike<number>): StepResult
  /** What the world looks like now. Changes nothing in it. */
  scene(): Scene
  /** What can be pushed, always in the same order. */
  handles(): Handle[]
}

/** What `episodicEnv` takes. */
export interface Task {
  id: string
  observationSpace: Box
  actionSpace: ActionSpace
  /** Makes the world of a new episode. It and its steps draw all their randomness from `random`. */
  begin(random: Draws): Episode
}

/** The exact state of an environment on a physics engine: how to come to it. */
export interface EpisodeState {
  /** The random stream as the episode began. */
  random: RandomState
  /** Every action since, one after the other. */
  actions: number[]
  /** Every push by hand since; missing if there was none. */
  pushes?: Push[]
}

/** A push by hand. */
interface Push {
  /** Steps taken before it. */
  step: number
  /** Which handle. */
  handle: number
  acceleration: [number, number]
}

/**
 * An environment of which each episode is a world of its own.
 *
 * A reset ends with one step without action, as Gymnasium's Box2D environments do. State is not the world, whose
 * contacts carry impulses from step to step that the engine has no way to put back, but how the episode began
 * and what was done: `setState` does it again, in no more time than the steps took. It so comes to the same bits.
 */
export function episodicEnv({ id, observationSpace, actionSpace, begin }: Task): Env {
  const random = createRandom(Math.floor(Math.random() * 2 ** 32), 'environment')
  const { size } = actionSpace
  let episode: Episode | undefined
  let start = random.state()
  let actions: number[] = []
  let pushes: Push[] = []

  function beginEpisode() {
    start = random.state()
    actions = []
    pushes = []
    episode = begin(random)
    return episode.step(new Float32Array(size))
  }

  function act(action: ArrayLike<number>): StepResult {
    for (let i = 0; i < size; i++) actions.push(action[i])
    return episode!.step(action)
  }

  function push(handle: number, acceleration: ArrayLike<number>): void {
    const { length } = actions
    pushes.push({ step: length / size, handle, acceleration: [acceleration[0], acceleration[1]] })
    episode!.handles()[handle].push(acceleration)
  }

  return {
    id,
    observationSpace,
    actionSpace,
    seedBits: 32,

    reset({ seed } = {}): ResetResult {
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      return { observation: beginEpisode().observation }
    },

    step(action) {
      if (!episode) throw new Error(`${id}: call reset() before the first step()`)
      if (actionSpace.kind === 'discrete') requireChoice(id, actionSpace, action)
      else if (action.length !== size || action.some(value => !isFiniteFloat32(value))) {
        throw new TypeError(`${id}: an action is ${size} numbers in [-1, 1], not [${action}]`)
      }
      return act(action)
    },

    getState(): EpisodeState {
      if (!episode) throw new Error(`${id}: call reset() before getState()`)
      return { random: start, actions: actions.slice(), ...(pushes.length > 0 && { pushes: pushes.slice() }) }
    },

    setState(state) {
      const given = state as EpisodeState | null
      const past = given?.actions
      if (!Array.isArray(past) || past.length % size !== 0 || !past.every(Number.isFinite)) {
        throw new TypeError(`the state of ${id} is { random, actions }, as getState returns`)
      }
      const pushed = given!.pushes ?? []
      if (!Array.isArray(pushed) || !pushed.every(isPush)) {
        throw new TypeError(`the pushes in the state of ${id} are not as getState returns them`)
      }
      random.restore(given!.random)
      beginEpisode()
      let next = 0
      for (let i = 0; i <= past.length; i += size) {
        for (; next < pushed.length && pushed[next].step === i / size; next++) {
          push(pushed[next].handle, pushed[next].acceleration)
        }
        if (i < past.length) act(past.slice(i, i + size))
      }
    },

    handles() {
      if (!episode) throw new Error(`${id}: call reset() before handles()`)
      return episode.handles().map((handle, i) => ({
        ...handle,
        push(acceleration) {
          requireVector('acceleration', acceleration, 2)
          push(i, acceleration)
        },
      }))
    },

    scene() {
      if (!episode) throw new Error(`${id}: call reset() before scene()`)
      return episode.scene()
    },
  }
}

const isPush = (value: unknown): value is Push => {
  const { step, handle, acceleration } = (value ?? {}) as Push
  return [step, handle, acceleration?.[0], acceleration?.[1]].every(Number.isFinite)
}
