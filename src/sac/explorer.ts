/** How an agent acts while it learns: at random first, then by its policy, with what makes that explore. */
import { decodeAction, drawCode, encodeAction } from '../env/action-space.ts'
import type { Vector } from '../env/env.ts'
import { requireVector } from '../env/require.ts'
import type { Spaces } from '../env/spaces.ts'
import type { Policy } from '../policy/policy.ts'
import type { Random } from '../random.ts'
import type { ReplayBuffer } from '../replay/replay-buffer.ts'
import { createExplorationNoise, type EpisodeNoise } from './exploration-noise.ts'
import type { SacOptions } from './options.ts'
import type { StateDependentNoise } from './state-dependent-noise.ts'

/** Actions are in the environment's units. */
export interface Explorer {
  /** What makes the policy explore in addition to its own samples, or in place of them; undefined if nothing does. */
  readonly noise: EpisodeNoise | undefined
  /**
   * A uniformly random action, held for `randomActionRepeat` steps.
   * @param steps environment steps observed so far, of all environments together
   */
  random(observation: Vector, environment: number, steps: number): Float32Array
  /**
   * A sample of the policy; of a deterministic one its action and exploration noise, and with noise that depends on the
   * state its mean and that.
   * @param progress how far the noise's schedule is, from 0 to 1
   */
  byPolicy(observation: Vector, environment: number, progress: number): Float32Array
}

/** Noise that depends on the state, and the actor's output that it is made of. */
export interface StateDependentExploration {
  noise: StateDependentNoise
  forward(observation: Vector): ArrayLike<number>
}

export function createExplorer(
  options: SacOptions,
  { observationSpace, actionSpace }: Spaces,
  policy: Policy,
  replay: Pick<ReplayBuffer, 'newestAction'>,
  stream: Random,
  stateDependent: StateDependentExploration | undefined,
): Explorer {
  const { envs, randomActionRepeat } = options
  const noise = createExplorationNoise(options, actionSpace.size, stream)

  return {
    noise: stateDependent?.noise ?? noise,

    random(observation, environment, steps) {
      requireVector('observation', observation, observationSpace.size)
      const held = Math.floor(steps / envs) % randomActionRepeat > 0
      // The replay buffer remembers what is held, so that there is nothing more for a state to keep.
      const newest = held ? replay.newestAction(environment) : undefined
      const code = newest ?? drawCode(actionSpace, stream)
      return decodeAction(actionSpace, code, new Float32Array(actionSpace.size))
    },

    byPolicy(observation, environment, progress) {
      if (stateDependent) {
        requireVector('observation', observation, observationSpace.size)
        const sample = stateDependent.noise.act(stateDependent.forward(observation), environment)
        requireVector('action', sample, actionSpace.size)
        return decodeAction(actionSpace, sample, sample)
      }
      const action = policy.act(observation)
      if (!noise) return action
      const code = encodeAction(actionSpace, action, action)
      return decodeAction(actionSpace, noise.addTo(code, environment, progress), code)
    },
  }
}
