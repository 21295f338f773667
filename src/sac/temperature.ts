import type { SacOptions } from './options.ts'

/** Where the temperature starts, and whether it tunes itself, from the option `temperature`. */
export function startOfTemperature(temperature: number | string): { initial: number; tuned: boolean } {
  if (typeof temperature === 'number') return { initial: temperature, tuned: false }
  const [, initial = '1'] = temperature.split('_')
  return { initial: Number(initial), tuned: true }
}

/** Whether the temperature tunes itself; not where there is none. */
export const isTuned = ({ temperature }: Pick<SacOptions, 'temperature'>): boolean =>
  temperature !== undefined && startOfTemperature(temperature).tuned

/** The entropy that a temperature which tunes itself aims at, before any schedule. */
export const targetEntropyOf = ({
  targetEntropy = 'auto',
  actionSize,
}: Pick<SacOptions, 'targetEntropy'> & { actionSize: number }): number =>
  targetEntropy === 'auto' ? -actionSize : targetEntropy
