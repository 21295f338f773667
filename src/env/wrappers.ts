import { fromUnitAction } from './action-scaling.ts'
import { isPromise, whenThere } from './awaitable.ts'
import type { Env, StepResult } from './env.ts'
import { box } from './spaces.ts'

/**
 * Cuts every episode off after `maxSteps` steps: the last one is `truncated`, and `terminated` is left as it is,
 * for nothing in the task itself ended.
 *
 * An environment that answers at once still does. State, if the environment has it, includes the steps taken.
 *
 * @throws RangeError if `maxSteps` is not a positive whole number
 * @example
 * const env = timeLimit(myEnv, 200)
 */
export function timeLimit(env: Env, maxSteps: number): Env {
  if (!Number.isInteger(maxSteps) || maxSteps < 1) {
    throw new RangeError(`maxSteps is ${maxSteps}: it must be a positive whole number`)
  }
  let steps = 0
  const cutOff = (result: StepResult): StepResult => {
    steps++
    return steps < maxSteps || result.truncated ? result : { ...result, truncated: true }
  }
  const limited = wrap(env, {
    reset(options) {
      steps = 0
      return env.reset(options)
    },
    step(action) {
      const result = env.step(action)
      return isPromise(result) ? result.then(cutOff) : cutOff(result)
    },
  })
  if (env.getState && env.setState) {
    limited.getState = () => whenThere(env.getState!(), inner => ({ steps, env: inner }))
    limited.setState = state => {
      const given = state as { steps: number; env: unknown } | null
      if (!Number.isInteger(given?.steps)) {
        throw new TypeError('the state of a time limit is { steps, env }, as getState returns')
      }
      steps = given!.steps
      return env.setState!(given!.env)
    }
  }
  return limited
}

/**
 * Gives the environment an action space of [-1, 1] in every element, mapped linearly to its own bounds.
 *
 * The agent does this by itself; this is for controllers and other learners that want normalised actions.
 *
 * @throws RangeError if a bound of the action space is infinite or not below the other
 */
export function rescaleAction(env: Env): Env {
  const { low, high, shape, size } = env.actionSpace
  for (let i = 0; i < size; i++) {
    if (!(Number.isFinite(low[i]) && Number.isFinite(high[i]) && low[i] < high[i])) {
      throw new RangeError(
        `actionSpace element ${i} is bounded by ${low[i]} and ${high[i]}: to rescale, both must be finite and low below high`,
      )
    }
  }
  return wrap(env, {
    actionSpace: box({ low: -1, high: 1, shape }),
    step: action => env.step(fromUnitAction(env.actionSpace, action)),
  })
}

/** An environment that passes everything on, except for `changes`. */
function wrap(env: Env, changes: Partial<Env>): Env {
  return {
    id: env.id,
    observationSpace: env.observationSpace,
    actionSpace: env.actionSpace,
    reset: options => env.reset(options),
    step: action => env.step(action),
    ...(env.getState && { getState: () => env.getState!() }),
    ...(env.setState && { setState: (state: unknown) => env.setState!(state) }),
    ...(env.close && { close: () => env.close!() }),
    ...changes,
  }
}
