import { effect } from '@preact/signals'
import type { SacOptionsInput } from '../../../../src/index.ts'
import type { Pace, World } from '../../training/plan.ts'
import { createRun } from '../../training/run.ts'

/** A small agent that learns in the playground's Worker, for one chapter. */
export function createPupil(world: World, common: SacOptionsInput) {
  const run = createRun()
  return {
    run,

    /** Untrained, at step 0. @throws what the Worker cannot do */
    async begin(agent: SacOptionsInput = {}): Promise<void> {
      await run.begin({ world, agent: { seed: 0, ...common, ...agent } })
      if (run.fault.peek()) throw new Error(run.fault.peek())
    },

    /** Trains until that very step, and pauses. @throws what ended training before */
    async train(steps: number, pace: Pace = 'tenfold'): Promise<void> {
      const reached = new Promise<void>((resolve, reject) => {
        const stop = effect(() => {
          const [fault, { step }] = [run.fault.value, run.counts.value]
          if (!fault && step < steps) return
          queueMicrotask(() => stop())
          if (fault) reject(new Error(fault))
          else resolve()
        })
      })
      await run.setPace(pace, steps)
      await reached
    },

    close: () => run.terminate(),
  }
}

export type Pupil = ReturnType<typeof createPupil>

/** Networks and rates that learn the tour's tiny worlds in seconds. */
export const QUICK: SacOptionsInput = {
  hiddenSizes: [32, 32],
  batchSize: 64,
  learningStarts: 50,
  actorLearningRate: 3e-3,
  criticLearningRate: 3e-3,
  temperatureLearningRate: 3e-3,
  tau: 0.05,
}
