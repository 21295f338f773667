import { cos } from '../portable-math.ts'
import type { SacOptions } from './options.ts'

/** A number on its way from one value to another; `progress` is from 0 to 1, and values above 1 count as 1. */
export function scheduled(
  kind: SacOptions['learningRateSchedule'],
  from: number,
  to: number,
  progress: number,
): number {
  const share = Math.min(Math.max(progress, 0), 1)
  if (kind === 'constant') return from
  return kind === 'linear' ? from + (to - from) * share : to + (from - to) * halfCosine(share)
}

/** (1 + cos(pi share)) / 2. */
const halfCosine = (share: number): number => (1 + cos(Math.PI * share)) / 2
