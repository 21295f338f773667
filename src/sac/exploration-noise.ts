import type { Random } from '../random.ts'
import type { OPTION_GROUPS, SacOptions } from './options.ts'
import { explorationNoiseAt } from './schedule.ts'

/** Noise that lasts for more than a step, or may. */
export interface EpisodeNoise {
  /** An episode begins: noise that lasts begins anew. */
  reset(environment: number): void
  /** What lasts, of each environment; undefined if nothing does. */
  state(): number[][] | undefined
  /**
   * Checks a state.
   * @throws RangeError unless `restore` would take the state over
   */
  requireState(state: number[][] | undefined): void
  /** Takes over what `state` returned. */
  restore(state: number[][]): void
}

/** What makes a deterministic policy explore: where it wanders, the state is the present noise. */
export interface ExplorationNoise extends EpisodeNoise {
  /**
   * Adds noise to an action within [-1, 1], in place, and keeps it there. Returns it.
   * @param progress how far its schedule is, from 0 to 1; 0 by default
   */
  addTo(action: Float32Array, environment: number, progress?: number): Float32Array
}

type ExplorationOption = (typeof OPTION_GROUPS)['exploration'][number]

/**
 * Noise of the kind that the options name; undefined if they name none.
 *
 * Gaussian noise is independent at each step. Ornstein-Uhlenbeck noise wanders: n' = n - theta n + sigma xi, with a
 * standard normal xi for each step (Lillicrap et al. 2016).
 */
export function createExplorationNoise(
  options: Pick<SacOptions, ExplorationOption | 'envs'>,
  actionSize: number,
  random: Random,
): ExplorationNoise | undefined {
  const { explorationNoiseKind: kind, explorationNoiseTheta: theta = 0, envs } = options
  if (explorationNoiseAt(0, options) === 0 && explorationNoiseAt(1, options) === 0) return undefined
  const wanders = kind === 'ornstein-uhlenbeck'
  const present = Array.from({ length: envs }, () => new Float64Array(actionSize))
  const noiseOf = (environment: number) => {
    if (present[environment]) return present[environment]
    throw new RangeError(`environment is ${environment}: it must be a whole number from 0 to ${envs - 1}`)
  }
  return {
    addTo(action, environment, progress = 0) {
      const noise = noiseOf(environment)
      const sigma = explorationNoiseAt(progress, options)
      for (let i = 0; i < actionSize; i++) {
        noise[i] = (wanders ? (1 - theta) * noise[i] : 0) + sigma * random.normal()
        action[i] = Math.min(Math.max(action[i] + noise[i], -1), 1)
      }
      return action
    },
    reset(environment) {
      noiseOf(environment).fill(0)
    },
    state: () => (wanders ? present.map(noise => [...noise]) : undefined),
    requireState(state) {
      if (!wanders) return
      const isSound = (noise?: number[]) => noise?.length === actionSize && noise.every(Number.isFinite)
      if (state?.length === envs && state.every(isSound)) return
      throw new RangeError(
        `The state's exploration noise is not ${actionSize} numbers for each of ${envs} environments.`,
      )
    },
    restore(state) {
      state.forEach((noise, i) => {
        present[i].set(noise)
      })
    },
  }
}
