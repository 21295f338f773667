import { LOG_STD } from '../policy/state-dependent.ts'
import { exp, tanh } from '../portable-math.ts'
import type { Random } from '../random.ts'
import type { EpisodeNoise } from './exploration-noise.ts'
import type { Learner } from './learner.ts'

/** What `createStateDependentNoise` takes. */
export interface StateDependentNoiseOptions {
  envs: number
  features: number
  actions: number
  /** Steps after which noise is drawn anew, or 'episode': only where an episode begins. */
  steps: number | 'episode'
  /** The present logarithms of deviations, [features, actions]. */
  logStd(): Float32Array
  random: Random
}

/** Noise that is the same function of the state for a while (Raffin et al. 2020, 2005.05719). */
export interface StateDependentNoise extends EpisodeNoise {
  /**
   * tanh(mu + phi E), within [-1, 1], with the environment's own matrix E.
   * @param output of the actor: mu, log sigma, and the features phi
   */
  act(output: ArrayLike<number>, environment: number): Float32Array
}

/** Matrices E are drawn from N(0, exp(logStd)^2) when they are first needed. */
export function createStateDependentNoise({
  envs,
  features,
  actions,
  steps,
  logStd,
  random,
}: StateDependentNoiseOptions): StateDependentNoise {
  const matrices = Array.from({ length: envs }, () => new Float64Array(features * actions))
  /** Steps for which each matrix has been used, 0 if it is to be drawn. */
  const used = new Array<number>(envs).fill(0)
  const requireEnvironment = (environment: number) => {
    if (matrices[environment]) return
    throw new RangeError(`environment is ${environment}: it must be a whole number from 0 to ${envs - 1}`)
  }

  function draw(matrix: Float64Array): void {
    const deviations = logStd()
    for (let i = 0; i < matrix.length; i++) matrix[i] = exp(deviations[i]) * random.normal()
  }

  return {
    act(output, environment) {
      requireEnvironment(environment)
      const matrix = matrices[environment]
      if (used[environment] === 0 || (steps !== 'episode' && used[environment] % steps === 0)) draw(matrix)
      used[environment]++
      const action = new Float32Array(actions)
      for (let j = 0; j < actions; j++) {
        let u = output[j]
        for (let h = 0; h < features; h++) u += output[2 * actions + h] * matrix[h * actions + j]
        action[j] = tanh(u)
      }
      return action
    },

    reset(environment) {
      requireEnvironment(environment)
      used[environment] = 0
    },

    // The count of steps first, then the matrix.
    state: () => matrices.map((matrix, i) => [used[i], ...(used[i] > 0 ? matrix : [])]),

    requireState(state) {
      const isSound = ([count, ...matrix]: number[]) =>
        Number.isSafeInteger(count) &&
        count >= 0 &&
        matrix.length === (count > 0 ? features * actions : 0) &&
        matrix.every(Number.isFinite)
      if (Array.isArray(state) && state.length === envs && state.every(isSound)) return
      throw new RangeError(
        `The state's exploration noise is not a matrix of ${features} by ${actions} for each of ${envs} environments.`,
      )
    },

    restore(state) {
      for (const [i, [count, ...matrix]] of state.entries()) {
        used[i] = count
        matrices[i].set(matrix)
      }
    },
  }
}

/** The noise of an agent with these networks; undefined if its noise does not depend on the state. */
export function stateDependentNoiseOf({ config, layouts, program }: Learner, random: Random) {
  const slot = layouts.actor!.slots.find(({ name }) => name === LOG_STD)
  if (!slot) return undefined
  const { envs, stateDependentNoiseSteps: steps = 'episode', actionSize: actions } = config
  const logStd = () => program.state('actor').subarray(slot.offset, slot.offset + slot.size)
  return createStateDependentNoise({ envs, features: slot.shape[0], actions, steps, logStd, random })
}
