import type { Env } from '../../src/env/env.ts'
import { box } from '../../src/env/spaces.ts'
import { timeLimit } from '../../src/env/wrappers.ts'

/** A point on a line that is pushed about: it answers at once, takes seeds of 31 bits, and no episode ever ends. */
export function endlessPoint(): Env {
  let position = 0
  return {
    id: 'point',
    observationSpace: box({ low: -2, high: 2 }),
    actionSpace: box({ low: -1, high: 1 }),
    reset() {
      position = 0
      return { observation: [position] }
    },
    step([push]) {
      position = Math.max(-2, Math.min(2, position + 0.1 * push))
      return { observation: [position], reward: -Math.abs(position), terminated: false, truncated: false }
    },
    getState: () => position,
    setState(state) {
      position = state as number
    },
  }
}

/** The same with episodes of ten steps. */
export const point = (): Env => timeLimit(endlessPoint(), 10)
