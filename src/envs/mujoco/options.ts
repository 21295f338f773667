import type { Range } from './mjcf.ts'

/** Options that any environment here takes. */
export interface CommonOptions {
  /** Time steps of the simulation in one step of the environment. */
  frameSkip?: number
}

/** Options of environments that reward moving forward. */
export interface LocomotionOptions extends CommonOptions {
  /** Weight of the velocity along x in m/s. */
  forwardRewardWeight?: number
  /** Weight of the sum of squared actions. */
  ctrlCostWeight?: number
  /** Extent of the noise at the start of an episode. */
  resetNoiseScale?: number
  /** Leave the position that the task does not depend on (x, or x and y) out of the observation. */
  excludeCurrentPositionsFromObservation?: boolean
}

/** Options of environments that reward staying healthy. */
export interface HealthOptions {
  /** Reward of each step that ends healthy. */
  healthyReward?: number
  /** Whether an episode ends when the body is not healthy. */
  terminateWhenUnhealthy?: boolean
  /** Heights in m at which the body is healthy. */
  healthyZRange?: Range
}

/**
 * Options over their defaults; those given as undefined count as left out.
 * @throws TypeError for a value that is not of the kind of its default (a number, a boolean, a text or a range), and
 * for a `frameSkip` that is not a positive whole number
 */
export function withDefaults<Options extends object>(
  given: Options,
  defaults: Required<Options>,
): Required<Options> {
  const options = { ...defaults }
  for (const name of Object.keys(defaults) as (keyof Options)[]) {
    const value = given[name]
    if (value === undefined) continue
    const kind = name === 'frameSkip' ? COUNT : kindOf(defaults[name])
    if (!kind.accepts(value)) {
      throw new TypeError(`${String(name)} is ${JSON.stringify(value)}: it must be ${kind.name}`)
    }
    options[name] = value as Required<Options>[keyof Options]
  }
  return options
}

interface Kind {
  name: string
  accepts(value: unknown): boolean
}

const COUNT: Kind = {
  name: 'a positive whole number',
  accepts: given => Number.isInteger(given) && (given as number) > 0,
}

const isNumber = (value: unknown) => typeof value === 'number' && !Number.isNaN(value)

function kindOf(value: unknown): Kind {
  if (Array.isArray(value)) {
    return {
      name: 'a range [low, high] of two numbers, low not above high',
      accepts: given =>
        Array.isArray(given) && given.length === 2 && given.every(isNumber) && given[0] <= given[1],
    }
  }
  if (typeof value === 'number') return { name: 'a finite number', accepts: Number.isFinite }
  if (typeof value === 'boolean')
    return { name: 'true or false', accepts: given => typeof given === 'boolean' }
  return { name: 'a text', accepts: given => typeof given === 'string' }
}
