/** `action_noise` of Stable-Baselines3: an object that is not made, but read from its pickle. */

import type { SacOptionsInput } from '../sac/options.ts'
import { hasOption, parseSacOptions } from '../sac/parse-options.ts'
import { numpyArray, numpyNumber } from './numpy.ts'
import { PickleObject } from './pickle.ts'
import type { ImportedAlgorithm } from './stable-baselines3-algorithm.ts'
import { isAllowed, pickled, shown } from './stable-baselines3-data.ts'

const NOISE = 'stable_baselines3.common.noise'

/** The noise on actions as options, and a sentence about what was not taken over. */
export function explorationIn(
  noise: unknown,
  algorithm: ImportedAlgorithm,
): { options: SacOptionsInput; notes: string[] } {
  const isNone = noise === undefined || noise === null
  if (!hasOption(algorithm, 'explorationNoise')) {
    const note = `action_noise is ${shown(noise)}; here nothing is added to the policy's own actions.`
    return { options: {}, notes: isNone ? [] : [note] }
  }
  if (isNone) return { options: { explorationNoise: 0 }, notes: [] }
  const options = optionsOf(pickled(noise))
  if (options) return { options, notes: [] }
  const note = `action_noise is ${shown(noise)}, which has no place here: noise is around 0 and the same for every action; it is the default ${parseSacOptions({ algorithm }).explorationNoise} (explorationNoise).`
  return { options: {}, notes: [note] }
}

/** Undefined for noise of another kind, around another mean, or of unlike deviations. */
function optionsOf(object: unknown): SacOptionsInput | undefined {
  if (!(object instanceof PickleObject) || !(object.state instanceof Map)) return undefined
  const { state } = object
  const [module, name] = object.callee.split(' ')
  if (module !== NOISE) return undefined
  // As several environments have it: copies of one.
  if (name === 'VectorizedActionNoise') return optionsOf(state.get('_base_noise'))
  const sigma = same(state.get('_sigma'))
  if (sigma === undefined || same(state.get('_mu')) !== 0) return undefined
  if (name === 'NormalActionNoise')
    return allowed({ explorationNoiseKind: 'gaussian', explorationNoise: sigma })
  const [theta, dt] = ['_theta', '_dt'].map(key => numpyNumber(state.get(key)) ?? Number.NaN)
  const start = state.get('initial_noise') ?? null
  if (name !== 'OrnsteinUhlenbeckActionNoise' || (start !== null && same(start) !== 0)) return undefined
  // n' = n + theta (mu - n) dt + sigma sqrt(dt) xi.
  return allowed({
    explorationNoiseKind: 'ornstein-uhlenbeck',
    explorationNoise: sigma * Math.sqrt(dt),
    explorationNoiseTheta: theta * dt,
  })
}

/** The number that all elements are; undefined if there is none. */
function same(value: unknown): number | undefined {
  const values = numpyArray(value)?.values ?? []
  return values.every(element => element === values[0]) ? values[0] : undefined
}

const allowed = (options: SacOptionsInput): SacOptionsInput | undefined =>
  Object.entries(options).every(([name, value]) => isAllowed(name as keyof SacOptionsInput, value))
    ? options
    : undefined
