/** gSDE in the settings of an agent of Stable-Baselines3. */
import { MEAN_LIMIT } from '../policy/state-dependent.ts'
import { ModelFileError } from './model-file-error.ts'
import { isAllowed, isTable, numberIn, shown, type Table } from './stable-baselines3-data.ts'
import { type ImportedSettings, stepsPerRound } from './stable-baselines3-settings.ts'

/**
 * How the noise is drawn.
 * @param isThere whether the tensors have its deviations
 * @throws ModelFileError if settings and tensors contradict each other, and for the forms of gSDE that are not the usual one
 */
export function stateDependentNoiseIn(data: Table, isThere: boolean): ImportedSettings {
  const policy = isTable(data.policy_kwargs) ? data.policy_kwargs : {}
  const isNamed = data.use_sde === true || policy.use_sde === true
  if (isNamed && !isThere) {
    throw new ModelFileError(
      'The agent explores by gSDE (use_sde), but there is no actor.log_std [features, actions] in its policy.',
    )
  }
  if (!isThere) return { options: {}, notes: [] }
  const { use_expln: isLinear = false, clip_mean: limit = MEAN_LIMIT, log_std_init: start = -3 } = policy
  if (isLinear !== false) {
    throw new ModelFileError(
      'The agent explores by gSDE with use_expln, which has no place here: train it without.',
    )
  }
  if (limit !== MEAN_LIMIT) {
    throw new ModelFileError(
      `The agent explores by gSDE with clip_mean ${shown(limit)}, which has no place here: it is ${MEAN_LIMIT}, the default.`,
    )
  }
  const notes: string[] = []
  const stateDependentNoiseStart = numberIn(start)
  const isStart = isAllowed('stateDependentNoiseStart', stateDependentNoiseStart)
  if (!isStart) notes.push(`log_std_init is ${shown(start)}, which has no place here; it is the default -3.`)
  if (data.use_sde_at_warmup === true) {
    notes.push('use_sde_at_warmup is true; here the first actions are uniformly random (learningStarts).')
  }
  return {
    options: {
      stateDependentNoiseSteps: stepsOf(data),
      ...(isStart && { stateDependentNoiseStart }),
    },
    notes,
  }
}

/** Stable-Baselines3 draws noise anew with every round of steps, and within it every `sde_sample_freq` steps if above 0. */
function stepsOf(data: Table): number | 'episode' {
  const { sde_sample_freq: frequency } = data
  const round = stepsPerRound(data) ?? Number.POSITIVE_INFINITY
  const steps = typeof frequency === 'number' && frequency > 0 ? Math.min(frequency, round) : round
  return Number.isInteger(steps) && steps > 0 ? steps : 'episode'
}
