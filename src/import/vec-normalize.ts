/** What VecNormalize of Stable-Baselines3 has seen, as its `save` pickled it. */
import type { NamedTensors } from '../encoding/safetensors.ts'
import { meanParameters, NORMALIZER_CLIP, NORMALIZER_EPSILON } from '../policy/normalizer.ts'
import type { SacOptionsInput } from '../sac/options.ts'
import { excerpt, ModelFileError } from './model-file-error.ts'
import { type NumpyArray, numpyArray, numpyNumber } from './numpy.ts'
import { PickleObject } from './pickle.ts'
import { readObjects } from './stable-baselines3-data.ts'

const VEC_NORMALIZE = 'stable_baselines3.common.vec_env.vec_normalize VecNormalize'
const RUNNING_MEAN_STD = 'stable_baselines3.common.running_mean_std RunningMeanStd'

export interface VecNormalizeStatistics {
  /** `normalizeObservations`, and `rewardScale` if it scaled rewards. */
  options: SacOptionsInput
  /** `normalizer.mean`, `.meanRemainder`, `.variance` and `.count`, for `loadParameters`; none if it left observations as they are. */
  parameters: NamedTensors
  /** How it differs from this package, one sentence each. */
  notes: string[]
}

/**
 * Reads the statistics that `VecNormalize.save` wrote. Nothing in the file is executed.
 *
 * @param observationSize numbers in an observation of the agent
 * @throws ModelFileError if the file is damaged or something else, or its statistics are not of such observations
 */
export function readVecNormalize(bytes: Uint8Array, observationSize: number): VecNormalizeStatistics {
  const what = 'The file of VecNormalize'
  const object = readObjects(bytes, what)
  if (
    !(object instanceof PickleObject) ||
    object.callee !== VEC_NORMALIZE ||
    !(object.state instanceof Map)
  ) {
    throw new ModelFileError(`${what} does not hold a VecNormalize.`)
  }
  const state: Attributes = object.state
  const observations =
    state.get('norm_obs') === false ? undefined : observationStatistics(state, observationSize)
  const rewards = state.get('norm_reward') === false ? undefined : rewardScale(state)
  const notes = [
    ...(observations?.notes ?? ['VecNormalize left observations as they are (norm_obs).']),
    ...(rewards?.notes ?? []),
  ]
  if (state.get('training') === false) {
    notes.push('The statistics of VecNormalize were frozen (training); here they are updated while learning.')
  }
  return {
    options: { ...observations?.options, ...rewards?.options },
    parameters: observations?.parameters ?? {},
    notes: notes.map(note => excerpt(note, 400)),
  }
}

type Attributes = Map<unknown, unknown>

function numberOf(state: Attributes, name: string): number {
  const value = numpyNumber(state.get(name))
  if (value !== undefined && Number.isFinite(value)) return value
  throw new ModelFileError(`The ${name} of VecNormalize is not a number that can be read.`)
}

/** Mean, variance and count of a RunningMeanStd. */
function statisticsOf(state: Attributes, name: string) {
  const object = state.get(name)
  if (object instanceof PickleObject && object.callee === RUNNING_MEAN_STD && object.state instanceof Map) {
    const parts: Attributes = object.state
    const [mean, variance] = ['mean', 'var'].map(part => numpyArray(parts.get(part)))
    if (mean && variance) return { mean, variance, count: numberOf(parts, 'count') }
  }
  const parts =
    object instanceof Map ? 'a table for the parts of a Dict observation' : 'nothing that can be read'
  throw new ModelFileError(`The ${name} of VecNormalize is ${parts}; here it is of plain vectors.`)
}

function observationStatistics(state: Attributes, observationSize: number): VecNormalizeStatistics {
  const { mean, variance, count } = statisticsOf(state, 'obs_rms')
  for (const { values } of [mean, variance]) {
    if (values.length === observationSize) continue
    throw new ModelFileError(
      `VecNormalize has statistics of ${values.length} observations, but the agent takes ${observationSize}: they are not of one training.`,
    )
  }
  const notes: string[] = []
  const [clip, epsilon] = ['clip_obs', 'epsilon'].map(name => numberOf(state, name))
  if (clip !== NORMALIZER_CLIP) {
    notes.push(
      `clip_obs is ${clip}; here observations are clipped to ${NORMALIZER_CLIP} deviations, so that rare ones are acted on differently.`,
    )
  }
  if (epsilon !== NORMALIZER_EPSILON) {
    notes.push(`epsilon is ${epsilon}; what it is above ${NORMALIZER_EPSILON} is part of the variances.`)
  }
  const variances = variance.values.map(value => value + (epsilon - NORMALIZER_EPSILON))
  requireStatistics(mean, variances)
  return {
    options: { normalizeObservations: true },
    parameters: {
      ...meanParameters(mean.values),
      'normalizer.variance': { shape: [observationSize], data: Float32Array.from(variances) },
      'normalizer.count': { shape: [1], data: Float32Array.of(Math.max(Math.round(count), 2)) },
    },
    notes,
  }
}

function requireStatistics({ values: means }: NumpyArray, variances: readonly number[]): void {
  for (const [i, variance] of variances.entries()) {
    const [mean, rounded] = [means[i], variance].map(Math.fround)
    if (Number.isFinite(mean) && Number.isFinite(rounded) && variance >= 0) continue
    throw new ModelFileError(
      `VecNormalize has mean ${means[i]} and variance ${variance} of observation ${i}, which are no statistics.`,
    )
  }
}

/** Rewards were divided by the deviation of discounted returns: here by what that was in the end. */
function rewardScale(state: Attributes): { options: SacOptionsInput; notes: string[] } {
  const { variance } = statisticsOf(state, 'ret_rms')
  const scale = 1 / Math.sqrt(variance.values[0] + numberOf(state, 'epsilon'))
  if (variance.shape.length !== 0 || !Number.isFinite(scale) || scale <= 0) {
    throw new ModelFileError(
      `VecNormalize has variance ${variance.values} of returns, which is no statistic.`,
    )
  }
  const clip = numberOf(state, 'clip_reward')
  const note =
    `VecNormalize divided rewards by the running deviation of returns and clipped them to ${clip}; rewardScale is ` +
    `${scale.toPrecision(6)}, what that was in the end, and stays so, without clipping.`
  return { options: { rewardScale: scale }, notes: [note] }
}
