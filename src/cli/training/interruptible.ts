import { setImmediate } from 'node:timers/promises'
import type { Env } from '../../env/env.ts'
import { wrap } from '../../env/wrappers.ts'

const PATIENCE_MS = 20

/**
 * The same environment, except that a step now and then lets signals and timers have their turn: an environment
 * that answers at once would keep them waiting until the last of its steps.
 */
export function interruptible(env: Env): Env {
  let lastTurn = performance.now()
  return wrap(env, {
    step(action) {
      if (performance.now() - lastTurn < PATIENCE_MS) return env.step(action)
      return setImmediate().then(() => {
        lastTurn = performance.now()
        return env.step(action)
      })
    },
  })
}
