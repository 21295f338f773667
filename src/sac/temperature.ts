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
    actionSize,
  }: Pick<SacOptions, 'targetEntropy' | 'entropySchedule' | 'entropyScheduleEnd'> & { actionSize: number },
): number {
  const start = targetEntropy === 'auto' ? -actionSize : targetEntropy
  return scheduled(entropySchedule, start, entropyScheduleEnd, progress)
}
