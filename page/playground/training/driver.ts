import { boundsOf } from '../../../src/env/action-space.ts'
import type { ActionSpace, Transition } from '../../../src/index.ts'

interface DriverOptions {
  actionSpace: ActionSpace
  /** Called with the return of each episode that ended, and its transitions. */
  ended(episode: { return?: number; transitions: Transition[] }): void
}

/** A person at the controls of the environment that is shown, in place of the policy. */
export function createDriver({ actionSpace, ended }: DriverOptions) {
  const { low, high } = boundsOf(actionSpace)
  // No effort, as near to it as is allowed.
  let action = Float32Array.from(low, (least, i) => Math.min(high[i], Math.max(least, 0)))
  let transitions: Transition[] = []
  let total = 0

  return {
    /** What is done from now on, in the environment's units, until the next call. */
    steer(next: readonly number[]): void {
      action = Float32Array.from(next)
    },
    action: () => action,
    /** What came of it. */
    took(transition: Transition): void {
      transitions.push(transition)
      total += transition.reward
      if (!transition.terminated && !transition.truncated) return
      ended({ return: total, transitions })
      transitions = []
      total = 0
    },
    /** Ends in the middle of an episode. */
    leave(): void {
      if (transitions.length > 0) ended({ transitions })
    },
  }
}

export type Driver = ReturnType<typeof createDriver>
