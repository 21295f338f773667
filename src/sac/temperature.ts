import { log } from '../portable-math.ts'
import type { SacOptions } from './options.ts'
import { scheduled } from './schedule.ts'

/** Where the temperature starts, and whether it tunes itself, from the option `temperature`. */
export function startOfTemperature(temperature: number | string): { initial: number; tuned: boolean } {
  if (typeof temperature === 'number') return { initial: temperature, tuned: false }
  const [, initial = '1'] = temperature.split('_')
  return { initial: Number(initial), tuned: true }
}

/** Whether the temperature tunes itself; false if there is none. */
export const isTuned = ({ temperature }: Pick<SacOptions, 'temperature'>): boolean =>
  temperature !== undefined && startOfTemperature(temperature).tuned

interface ActionSizes {
  /** Numbers in an action, or how many discrete ones there are. */
  actionSize: number
  discrete?: boolean
}

/** Share of the largest possible entropy, that of choosing at random, which discrete actions aim at. */
const SHARE_OF_ENTROPY = 0.98

/** Minus the dimension of the actions, or of n discrete ones 0.98 log n. */
export const automaticTargetEntropy = ({ actionSize, discrete = false }: ActionSizes): number =>
  discrete ? SHARE_OF_ENTROPY * log(actionSize) : -actionSize

/**
 * The entropy that a temperature which tunes itself aims at.
 * @param progress how far its schedule is, from 0 to 1
 */
export function targetEntropyAt(
  progress: number,
  {
    targetEntropy = 'auto',
    entropySchedule = 'constant',
    entropyScheduleEnd = 0,
    ...sizes
  }: Pick<SacOptions, 'targetEntropy' | 'entropySchedule' | 'entropyScheduleEnd'> & ActionSizes,
): number {
  const start = targetEntropy === 'auto' ? automaticTargetEntropy(sizes) : targetEntropy
  return scheduled(entropySchedule, start, entropyScheduleEnd, progress)
}
