import type { Pace } from './plan.ts'

const SPEEDS: Record<Pace, number> = { paused: 0, real: 1, tenfold: 10, fast: Infinity }

/** Decides when training takes its next step. */
export function createPaceMaker() {
  let pace: Pace = 'paused'
  let granted = 0
  let due = 0
  let wake: (() => void) | undefined

  const signal = () => {
    wake?.()
    wake = undefined
  }

  return {
    get pace() {
      return pace
    },
    set(next: Pace): void {
      pace = next
      granted = 0
      due = performance.now()
      signal()
    },
    /** One more step, then a pause. */
    grantStep(): void {
      pace = 'paused'
      granted++
      signal()
    },
    /** Whether `wait` has anything to wait for. */
    get waits(): boolean {
      return pace !== 'fast'
    },
    /** Resolves when the next step is due, `seconds` of the environment after the last; at once when `abandoned`. */
    async wait(seconds: number, abandoned: () => boolean): Promise<void> {
      due = Math.max(due + (1000 * seconds) / SPEEDS[pace], performance.now() - 100)
      while (!abandoned()) {
        if (pace === 'fast') return
        if (pace === 'paused') {
          if (granted > 0) {
            granted--
            due = performance.now()
            return
          }
          await new Promise<void>(resolve => (wake = resolve))
          continue
        }
        if (!Number.isFinite(due)) due = performance.now()
        const left = due - performance.now()
        if (left <= 1) return
        const timer = setTimeout(signal, Math.min(left, 200))
        await new Promise<void>(resolve => (wake = resolve))
        clearTimeout(timer)
      }
    },
    /** Lets whoever waits look whether it is abandoned. */
    nudge: signal,
  }
}

export type PaceMaker = ReturnType<typeof createPaceMaker>
