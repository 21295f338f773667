import type { SacOptionsInput } from '../sac/options.ts'

/** What training an environment starts from, where nothing else is said. */
export interface Preset {
  /** Hyperparameters that differ from their defaults. */
  options: SacOptionsInput
  /** Environment steps to train for. */
  steps: number
}

const presets: Record<string, Preset> = {
  // Mean return over 100 episodes after training, seeds 0 to 9: -132 to -138 (`npm run bench -- pendulum`).
  'Pendulum-v1': {
    options: {
      gamma: 0.98,
      hiddenSizes: [64, 64],
      batchSize: 64,
      actorLearningRate: 1e-3,
      criticLearningRate: 1e-3,
      temperatureLearningRate: 1e-3,
      learningStarts: 500,
    },
    steps: 10_000,
  },
  // Not measured here: default hyperparameters, and steps in which these tasks are usually solved.
  'MountainCarContinuous-v0': { options: {}, steps: 50_000 },
  'LunarLanderContinuous-v3': { options: {}, steps: 200_000 },
  'BipedalWalker-v3': { options: {}, steps: 500_000 },
  'BipedalWalkerHardcore-v3': { options: {}, steps: 10_000_000 },
}

/** The preset of an environment; without one of its own, the default hyperparameters and 100,000 steps. */
export function presetFor(environmentId: string): Preset {
  return Object.hasOwn(presets, environmentId) ? presets[environmentId] : { options: {}, steps: 100_000 }
}
