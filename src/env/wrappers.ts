import { fromUnitAction } from './action-scaling.ts'
import { whenThere } from './awaitable.ts'
import type { Env, StepResult, Vector } from './env.ts'
import { changeRewards } from './goals.ts'
import { requireNumber, requireVector } from './require.ts'
import { box } from './spaces.ts'

/**
 * Cuts every episode off after `maxSteps` steps: the last one is `truncated`, and `terminated` is left as it is,
 * because nothing in the task itself ended.
 *
 * Like every wrapper here it answers at once if the environment does, and its state, if the environment has one,
 * includes what it keeps itself.
 *
 * @throws RangeError if `maxSteps` is not a positive whole number
 * @example
 * const env = timeLimit(myEnv, 200)
 */
export function timeLimit(env: Env, maxSteps: number): Env {
  requireCount('maxSteps', maxSteps)
  let steps = 0
  return wrap(env, {
    reset(options) {
      steps = 0
      return env.reset(options)
    },
    step: action =>
      whenThere(env.step(action), result => {
        steps++
        // A value that is neither true nor false passes unchanged, so that a check of the step sees it.
        return steps < maxSteps || result.truncated !== false ? result : { ...result, truncated: true }
      }),
    ...stateWith(env, 'a time limit', {
      save: () => ({ steps }),
      restore(state) {
        if (!Number.isInteger(state.steps)) return false
        steps = state.steps as number
        return true
      },
    }),
  })
}

/**
 * Gives the environment an action space of [-1, 1] in every element, mapped linearly to its own bounds.
 *
 * The agent does this by itself; this is for controllers and other learners that want normalised actions.
 *
 * @throws RangeError if a bound of the action space is infinite or not below the other, or actions are discrete
 * @example
 * const env = rescaleAction(await makeEnv('Pendulum-v1')) // actions within [-1, 1]
 */
export function rescaleAction(env: Env): Env {
  const { actionSpace } = env
  if (actionSpace.kind !== 'box') {
    throw new RangeError('the actions are discrete: there is nothing to rescale')
  }
  const { low, high, shape, size } = actionSpace
  for (let i = 0; i < size; i++) {
    if (!(Number.isFinite(low[i]) && Number.isFinite(high[i]) && low[i] < high[i])) {
      throw new RangeError(
        `actionSpace element ${i} is bounded by ${low[i]} and ${high[i]}: to rescale, both must be finite and low below high`,
      )
    }
  }
  return wrap(env, {
    actionSpace: box({ low: -1, high: 1, shape }),
    step(action) {
      requireVector('action', action, size)
      return env.step(fromUnitAction(actionSpace, action))
    },
  })
}

/**
 * Multiplies every reward, and so the returns that are reported. To learn from scaled rewards but report the
 * environment's own, use the agent's option `rewardScale` instead.
 *
 * @param factor above 0
 * @throws RangeError if it is not
 * @example
 * const env = scaleReward(await makeEnv('Pendulum-v1'), 0.1)
 */
export function scaleReward(env: Env, factor: number): Env {
  if (!(factor > 0 && Number.isFinite(factor))) {
    throw new RangeError(`factor is ${factor}: it must be a number above 0`)
  }
  return wrap(env, {
    ...(env.goals && { goals: changeRewards(env.goals, reward => factor * reward) }),
    step: action =>
      whenThere(env.step(action), result => {
        requireNumber('reward', result.reward)
        return { ...result, reward: factor * result.reward }
      }),
  })
}

/**
 * Stacks the last `count` observations, oldest first, into one: for tasks where a single one does not show velocities
 * or what is hidden. At the start of an episode the first observation takes the place of earlier ones.
 *
 * Goals (`Env.goals`) are stacked like everything else, so what is returned describes none.
 *
 * @returns an environment with observations of shape [count, ...shape]
 * @throws RangeError if `count` is not a positive whole number
 * @example
 * const env = stackFrames(withoutVelocities, 3)
 */
export function stackFrames(env: Env, count: number): Env {
  requireCount('count', count)
  const { low, high, shape, size } = env.observationSpace
  const repeat = (frame: Vector) => Float64Array.from({ length: count * size }, (_, i) => frame[i % size])
  let stack = new Float64Array(0)
  return wrap(env, {
    observationSpace: box({ low: repeat(low), high: repeat(high), shape: [count, ...shape] }),
    goals: undefined,
    reset: options =>
      whenThere(env.reset(options), result => {
        requireVector('observation', result.observation, size)
        stack = repeat(result.observation)
        return { ...result, observation: stack }
      }),
    step: action =>
      whenThere(env.step(action), result => {
        requireVector('observation', result.observation, size)
        // A new array, because the one returned before must not change.
        const next = new Float64Array(count * size)
        next.set(stack.subarray(size))
        next.set(result.observation, (count - 1) * size)
        stack = next
        return { ...result, observation: stack }
      }),
    ...stateWith(env, 'stacked frames', {
      save: () => ({ frames: [...stack] }),
      restore({ frames }) {
        if (!(Array.isArray(frames) && frames.length === count * size && frames.every(Number.isFinite))) {
          return false
        }
        stack = Float64Array.from(frames)
        return true
      },
    }),
  })
}

/** What `episodeStatistics` adds to the last step's `info`. */
export interface EpisodeStatistics {
  /** Undiscounted sum of the episode's rewards. */
  return: number
  /** Steps in the episode. */
  length: number
}

/**
 * Adds `info.episode`, an `EpisodeStatistics`, to the last step of every episode.
 * @example
 * const env = episodeStatistics(await makeEnv('Pendulum-v1'))
 */
export function episodeStatistics(env: Env): Env {
  let episode: EpisodeStatistics = { return: 0, length: 0 }
  return wrap(env, {
    reset(options) {
      episode = { return: 0, length: 0 }
      return env.reset(options)
    },
    step: action =>
      whenThere(env.step(action), (result): StepResult => {
        requireNumber('reward', result.reward)
        episode.return += result.reward
        episode.length++
        if (!(result.terminated || result.truncated)) return result
        return { ...result, info: { ...result.info, episode: { ...episode } } }
      }),
    ...stateWith(env, "an episode's statistics", {
      save: () => ({ ...episode }),
      restore(state) {
        if (!(Number.isFinite(state.return) && Number.isInteger(state.length))) return false
        episode = { return: state.return as number, length: state.length as number }
        return true
      },
    }),
  })
}

/** An environment that passes everything on, except for `changes`. */
export function wrap(env: Env, changes: Partial<Env>): Env {
  return {
    id: env.id,
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    ...(env.seedBits && { seedBits: env.seedBits }),
    ...(env.goals && { goals: env.goals }),
    reset: options => env.reset(options),
    step: action => env.step(action),
    ...(env.getState && { getState: () => env.getState!() }),
    ...(env.setState && { setState: (state: unknown) => env.setState!(state) }),
    ...(env.scene && { scene: () => env.scene!() }),
    ...(env.handles && { handles: () => env.handles!() }),
    ...(env.close && { close: () => env.close!() }),
    ...changes,
  }
}

/** What a wrapper keeps from step to step. `restore` answers whether a state is one. */
interface Memory {
  save(): Record<string, unknown>
  restore(state: Record<string, unknown>): boolean
}

/** State of a wrapper and of the environment in it, if that has one. */
export function stateWith(env: Env, name: string, memory: Memory): Pick<Env, 'getState' | 'setState'> {
  if (!(env.getState && env.setState)) return {}
  return {
    getState: () => whenThere(env.getState!(), inner => ({ ...memory.save(), env: inner })),
    setState(state) {
      if (typeof state !== 'object' || state === null || !memory.restore(state as Record<string, unknown>)) {
        const names = [...Object.keys(memory.save()), 'env'].join(', ')
        throw new TypeError(`the state of ${name} is { ${names} }, as getState returns`)
      }
      return env.setState!((state as { env: unknown }).env)
    },
  }
}

function requireCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`${name} is ${value}: it must be a positive whole number`)
  }
}
