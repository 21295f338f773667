import { cos, exp, log } from '../portable-math.ts'
import type { SacOptions } from './options.ts'

export type ScheduleKind = SacOptions['learningRateSchedule']

/** A number on its way from one value to another; `progress` is from 0 to 1, and values above 1 count as 1. */
export function scheduled(kind: ScheduleKind, from: number, to: number, progress: number): number {
  const share = Math.min(Math.max(progress, 0), 1)
  if (kind === 'constant') return from
  if (kind === 'linear') return from + (to - from) * share
  return kind === 'cosine' ? to + (from - to) * halfCosine(share) : from * exp(share * log(to / from))
}

/** What keeps a schedule from leading from one value to another, if anything does: factors lead nowhere from or to 0. */
export const faultOfSchedule = (kind: ScheduleKind, from: number, to: number): string | undefined =>
  kind === 'exponential' && !(to / from > 0 && Number.isFinite(to / from))
    ? `an exponential schedule does not lead from ${from} to ${to}, which takes two numbers of one sign, neither of them 0`
    : undefined

/** The learning rates at some progress, as a share of themselves. */
export const learningRateShare = (
  {
    learningRateSchedule,
    learningRateScheduleEnd,
  }: Pick<SacOptions, 'learningRateSchedule' | 'learningRateScheduleEnd'>,
  progress: number,
): number => scheduled(learningRateSchedule, 1, learningRateScheduleEnd, progress)

/** The standard deviation of exploration noise at some progress. */
export const explorationNoiseAt = (
  progress: number,
  {
    explorationNoise = 0,
    explorationNoiseSchedule = 'constant',
    explorationNoiseScheduleEnd = 0,
  }: Pick<SacOptions, 'explorationNoise' | 'explorationNoiseSchedule' | 'explorationNoiseScheduleEnd'>,
): number => scheduled(explorationNoiseSchedule, explorationNoise, explorationNoiseScheduleEnd, progress)

/** How far prioritised replay makes up for unequal chances at some progress. */
export const priorityBetaAt = (
  progress: number,
  {
    priorityBeta,
    priorityBetaSchedule,
    priorityBetaScheduleEnd,
  }: Pick<SacOptions, 'priorityBeta' | 'priorityBetaSchedule' | 'priorityBetaScheduleEnd'>,
): number => scheduled(priorityBetaSchedule, priorityBeta, priorityBetaScheduleEnd, progress)

/** (1 + cos(pi share)) / 2. */
const halfCosine = (share: number): number => (1 + cos(Math.PI * share)) / 2

/** How far schedules are after so many environment steps, from 0 to 1. */
export const progressAt = (steps: number, { scheduleSteps }: Pick<SacOptions, 'scheduleSteps'>): number =>
  scheduleSteps === 'auto' ? 0 : Math.min(1, steps / scheduleSteps)
