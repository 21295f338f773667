import { OptionError, requireOptions } from '../options.ts'
import type { SacOptions } from './options.ts'
import { hasOption, parseSacOptions } from './parse-options.ts'
import { isTuned } from './temperature.ts'

/** Options that may change while an agent learns, because no network or buffer depends on them. */
export interface LiveOptions {
  /** Adam's learning rate for the actor. A schedule of the learning rates multiplies it, as before. */
  actorLearningRate?: number
  /** Adam's learning rate for the critics, likewise. */
  criticLearningRate?: number
  /** Adam's learning rate for the logarithm of the temperature, likewise. */
  temperatureLearningRate?: number
  /**
   * Weight of the entropy from now on: a number keeps it fixed; `'auto'` lets an agent that was made with an automatic
   * temperature tune it again, from where it is.
   */
  temperature?: number | 'auto'
  /** Entropy that an automatic temperature aims at. */
  targetEntropy?: number | 'auto'
}

const NAMES = Object.keys({
  actorLearningRate: true,
  criticLearningRate: true,
  temperatureLearningRate: true,
  temperature: true,
  targetEntropy: true,
} satisfies Record<keyof LiveOptions, true>)

/**
 * Checks changes of an agent's options.
 * @returns those that are named
 * @throws OptionError for an option that cannot change, a value out of range, or one that does not fit the others
 */
export function parseChanges(options: SacOptions, changes: LiveOptions): LiveOptions {
  requireOptions('change', changes, NAMES)
  const given = Object.entries(changes).filter(([, value]) => value !== undefined)
  const missing = given.find(([name]) => !hasOption(options.algorithm, name))
  if (missing) throw new OptionError(`Algorithm ${options.algorithm} has no option ${missing[0]}.`)
  const { temperature, targetEntropy } = changes
  const ofEntropy = temperature !== undefined || targetEntropy !== undefined
  if (ofEntropy && (options.entropySchedule ?? 'constant') !== 'constant') {
    throw new OptionError(
      'temperature and targetEntropy follow entropySchedule: they cannot be changed as well.',
    )
  }
  if (temperature === 'auto' && !isTuned(options)) {
    throw new OptionError("temperature cannot become 'auto': the agent was made with a fixed one.")
  }
  if (typeof temperature === 'string' && temperature !== 'auto') {
    throw new OptionError(`temperature is "${temperature}"; it can be changed to a number or 'auto'.`)
  }
  parseSacOptions({ ...options, ...changes })
  return Object.fromEntries(given)
}
