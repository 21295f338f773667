import { decisionSize } from '../env/action-space.ts'
import type { Spaces } from '../env/spaces.ts'
import { OptionError } from '../options.ts'
import { members } from './members/index.ts'
import { ALGORITHMS, type SacOptions } from './options.ts'
import { faultOfSchedule } from './schedule.ts'
import { isTuned, startOfTemperature, targetEntropyAt } from './temperature.ts'

/** What an agent's networks must know of its spaces. */
export interface Sizes {
  /** Numbers in an observation. */
  observationSize: number
  /** Numbers in an action, or how many actions there are to choose from. */
  actionSize: number
  /** Whether an action is a choice. */
  discrete: boolean
}

export const sizesOf = ({ observationSpace, actionSpace }: Spaces): Sizes => ({
  observationSize: observationSpace.size,
  actionSize: decisionSize(actionSpace),
  discrete: actionSpace.kind === 'discrete',
})

/**
 * The sizes of an agent with these options.
 * @throws OptionError if the member has no form for such actions, the target entropy is beyond what they can have, or its
 * schedule leads nowhere
 */
export function requireSizes(options: SacOptions, spaces: Spaces): Sizes {
  const sizes = sizesOf(spaces)
  if (sizes.discrete) requireDiscreteForm(options, sizes.actionSize)
  requireEntropySchedule(options, sizes)
  return sizes
}

/** A target entropy that is 'auto' depends on the actions. */
function requireEntropySchedule(options: SacOptions, sizes: Sizes): void {
  const { temperature, entropySchedule = 'constant', entropyScheduleEnd = 0 } = options
  if (temperature === undefined) return
  const { initial, tuned } = startOfTemperature(temperature)
  const start = tuned ? targetEntropyAt(0, { ...options, entropySchedule: 'constant', ...sizes }) : initial
  const fault = faultOfSchedule(entropySchedule, start, entropyScheduleEnd)
  if (fault) throw new OptionError(`Option entropySchedule: ${fault}; set entropyScheduleEnd.`)
}

function requireDiscreteForm(options: SacOptions, actions: number): void {
  const { algorithm, targetEntropy = 'auto', entropySchedule = 'constant', entropyScheduleEnd } = options
  if (!members[algorithm].discrete) {
    const having = ALGORITHMS.filter(name => members[name].discrete)
    throw new OptionError(
      `Option algorithm is "${algorithm}", which has no form for discrete actions; ${having.join(', ')} has one.`,
    )
  }
  if (options.stateDependentNoise) {
    throw new OptionError(
      'Option stateDependentNoise is true; a choice among actions has no noise that it could be, so it must be false.',
    )
  }
  if (!isTuned(options)) return
  const most = Math.log(actions)
  const aims = { targetEntropy, ...(entropySchedule !== 'constant' && { entropyScheduleEnd }) }
  for (const [name, aim] of Object.entries(aims)) {
    if (typeof aim !== 'number' || (aim >= 0 && aim <= most)) continue
    throw new OptionError(
      `Option ${name} is ${aim}; a choice among ${actions} actions has an entropy from 0 to log ${actions} = ` +
        `${most.toFixed(3)}, which the temperature would aim beyond for ever.`,
    )
  }
}
