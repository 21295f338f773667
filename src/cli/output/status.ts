import { createAverages } from '../../run/averages.ts'
import type { TrainingEvent } from '../../training/events.ts'
import { formatCount, formatDuration } from './format.ts'

/** How training is going, in words; what is not known yet is left out. */
export interface Status {
  /** Environment steps of this run so far. */
  step: number
  /** Such as `950 steps/s`. */
  speed: string[]
  /** Return (mean of the last 10 episodes), temperature and entropy. */
  learning: string[]
  /** Such as `12 s left`. */
  left: string
}

const EPISODES = 10
const SMOOTHING_SECONDS = 3

/** Follows training events; call `status` whenever it is to be shown. */
export function createStatus(totalSteps: number) {
  const averages = createAverages()
  const returns: number[] = []
  let step = 0
  let steps: number | undefined
  let updates = 0
  let temperature: number | undefined
  let entropy: number | undefined

  return {
    observe(event: TrainingEvent): void {
      averages.observe(event)
      if (event.type === 'step') step = event.step
      if (event.type === 'episode') {
        returns.push(event.return)
        if (returns.length > EPISODES) returns.shift()
      }
    },

    status(): Status {
      const { seconds, stepsPerSecond, updatesPerSecond, means } = averages.take()
      const weight = steps === undefined ? 1 : 1 - Math.exp(-seconds / SMOOTHING_SECONDS)
      steps = mix(steps ?? 0, stepsPerSecond, weight)
      updates = mix(updates, updatesPerSecond, weight)
      temperature = means.temperature ?? temperature
      entropy = means.entropy ?? entropy
      const learning = []
      if (returns.length > 0) {
        const mean = returns.reduce((a, b) => a + b, 0) / returns.length
        learning.push(`return ${mean.toFixed(1)}`)
      }
      if (temperature !== undefined) learning.push(`temperature ${temperature.toPrecision(2)}`)
      if (entropy !== undefined) learning.push(`entropy ${entropy.toFixed(2)}`)
      return {
        step,
        speed: [`${formatCount(steps)} steps/s`, `${formatCount(updates)} updates/s`],
        learning,
        left: steps > 0 ? `${formatDuration((totalSteps - step) / steps)} left` : '',
      }
    },
  }
}

const mix = (before: number, now: number, weight: number) => before + (now - before) * weight
