/** The settings an agent of Stable-Baselines3 was trained with: each is taken over, or refused, or noted. */
import type { SacOptions, SacOptionsInput } from '../sac/options.ts'
import { hasOption, parseSacOptions } from '../sac/parse-options.ts'
import { excerpt, ModelFileError } from './model-file-error.ts'
import { PickleGlobal, PickleObject } from './pickle.ts'
import type { ImportedAlgorithm } from './stable-baselines3-algorithm.ts'
import {
  countIn,
  isAllowed,
  isTable,
  listed,
  numberIn,
  pickled,
  shown,
  type Table,
} from './stable-baselines3-data.ts'
import { explorationIn } from './stable-baselines3-exploration.ts'
import { optimizerIn } from './stable-baselines3-optimizer.ts'

type Settings = Record<string, readonly (keyof SacOptionsInput)[]>

/** Our names of their settings. */
const SETTINGS: Settings = {
  seed: ['seed'],
  gamma: ['gamma'],
  tau: ['tau'],
  n_steps: ['nStep'],
  batch_size: ['batchSize'],
  buffer_size: ['bufferSize'],
  learning_starts: ['learningStarts'],
  learning_rate: ['actorLearningRate', 'criticLearningRate'],
}
const ENTROPY_SETTINGS: Settings = {
  ...SETTINGS,
  target_entropy: ['targetEntropy'],
  target_update_interval: ['targetUpdateInterval'],
  learning_rate: [...SETTINGS.learning_rate, 'temperatureLearningRate'],
}
const SETTINGS_OF: Record<ImportedAlgorithm, Settings> = {
  sac: ENTROPY_SETTINGS,
  tqc: { ...ENTROPY_SETTINGS, top_quantiles_to_drop_per_net: ['droppedAtoms'] },
  td3: {
    ...SETTINGS,
    // The targets move together with the actor.
    policy_delay: ['policyDelay', 'targetUpdateInterval'],
    target_policy_noise: ['targetNoise'],
    target_noise_clip: ['targetNoiseClip'],
  },
  // Its file has settings of TD3 that together say that there is neither delay nor noise.
  ddpg: SETTINGS,
}

/** No real training uses more, and a file must not be able to claim the memory or time for it. */
const MOST: Record<string, number> = { batch_size: 2 ** 16, buffer_size: 2 ** 30, n_steps: 1000 }
const MOST_UPDATES_PER_STEP = 1000

const words = (text: string) => text.trim().split(/\s+/)

/** Settings that are read elsewhere, or decide nothing about the agent; those that begin with _ are its counters. */
const READ_ELSEWHERE = words(`
  policy_class policy_kwargs observation_space action_space num_timesteps ent_coef use_sde sde_sample_freq
  use_sde_at_warmup n_envs train_freq gradient_steps action_noise replay_buffer_class replay_buffer_kwargs
  optimize_memory_usage verbose start_time tensorboard_log device ep_info_buffer ep_success_buffer lr_schedule
  batch_norm_stats batch_norm_stats_target actor_batch_norm_stats actor_batch_norm_stats_target
  critic_batch_norm_stats critic_batch_norm_stats_target
`)
const DDPG_SETTINGS = words('policy_delay target_policy_noise target_noise_clip')

/** Arguments of the policy that are read here, show in the networks' tensors, or matter only for gSDE. */
const POLICY_ARGUMENTS = words(`
  net_arch activation_fn use_sde log_std_init use_expln clip_mean n_critics n_quantiles features_extractor_class
  features_extractor_kwargs normalize_images share_features_extractor optimizer_class optimizer_kwargs
`)

const ACTIVATIONS: Record<string, 'relu' | 'tanh'> = {
  'torch.nn.modules.activation.ReLU': 'relu',
  'torch.nn.modules.activation.Tanh': 'tanh',
}
/** The plain one, and the one that `n_steps` asks for. */
const REPLAY_BUFFERS = ['ReplayBuffer', 'DictReplayBuffer', 'NStepReplayBuffer'].map(
  name => `stable_baselines3.common.buffers ${name}`,
)

export interface ImportedSettings {
  /** Hyperparameters for `SAC.create`. */
  options: SacOptionsInput
  /** What was not taken over, one sentence each. */
  notes: string[]
}

/** What the tensors say about an agent. */
interface Known {
  algorithm: ImportedAlgorithm
  /** Fixed weight of the entropy; undefined if it tunes itself, or there is none. */
  temperature?: number
  /** Quantiles of each critic of TQC. */
  atoms?: number
}

/**
 * The settings in `data`.
 *
 * @throws ModelFileError for activations other than PyTorch's ReLU and Tanh
 */
export function settingsIn(data: Table, { algorithm, temperature, atoms }: Known): ImportedSettings {
  const policy = isTable(data.policy_kwargs) ? data.policy_kwargs : {}
  const parts = [
    plainSettings(data, algorithm, atoms),
    updatesPerStepIn(data),
    explorationIn(data.action_noise, algorithm),
    optimizerIn(policy),
  ]
  const options: SacOptionsInput = Object.assign({}, ...parts.map(part => part.options), {
    ...(hasOption(algorithm, 'temperature') && temperatureIn(data, temperature)),
    activation: activationIn(policy),
  })
  const notes = [
    ...parts.flatMap(part => part.notes),
    ...experienceNotes(data),
    ...policyNotes(policy),
    ...unknownNotes(data, algorithm),
  ]
  return { options, notes: notes.map(note => excerpt(note, 400)) }
}

function activationIn({ activation_fn: activation }: Table): 'relu' | 'tanh' {
  if (activation === undefined) return 'relu'
  const name = shown(activation)
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]
  const short = name.replaceAll('torch.nn.modules.activation.', '')
  throw new ModelFileError(`The agent's activation_fn is ${short}; here it is ReLU or Tanh of torch.nn.`)
}

/** What has a name here and is a number, or says 'auto'. */
function plainSettings(data: Table, algorithm: ImportedAlgorithm, atoms = Infinity): ImportedSettings {
  const defaults = defaultsOf(algorithm, atoms)
  // With few quantiles the default of their own number would be too many.
  const options: Table = algorithm === 'tqc' ? { droppedAtoms: defaults.droppedAtoms } : {}
  const notes: string[] = []
  const most: Record<string, number> = { ...MOST, top_quantiles_to_drop_per_net: atoms - 1 }
  for (const [theirs, ours] of Object.entries(SETTINGS_OF[algorithm])) {
    const entry = data[theirs]
    if (entry === undefined || entry === null) continue
    const value = entry === 'auto' ? entry : numberIn(entry)
    const areAllowed = ours.every(name => isAllowed(name, value))
    const isTooMuch = Object.hasOwn(most, theirs) && Number(value) > most[theirs]
    if (value !== undefined && areAllowed && !isTooMuch) {
      for (const name of ours) options[name] = value
    } else {
      const isSchedule = theirs === 'learning_rate' && value === undefined
      const kind = isSchedule ? `a schedule (${shown(entry)})` : shown(entry)
      notes.push(
        `${theirs} is ${kind}, which has no place here; it is the default ${defaults[ours[0]]} (${ours.join(', ')}).`,
      )
    }
  }
  const { target_update_interval: interval } = data
  if (typeof interval === 'number' && interval !== 1) {
    notes.push(
      `target_update_interval is ${interval}; Stable-Baselines3 counts it within each round of updates, here over all updates.`,
    )
  }
  return { options, notes }
}

function defaultsOf(algorithm: ImportedAlgorithm, atoms: number): SacOptions {
  const defaults = parseSacOptions({ algorithm })
  return { ...defaults, droppedAtoms: Math.min(defaults.droppedAtoms ?? 0, atoms - 1) }
}

/** What the temperature is according to the tensors, in the words of the settings where these agree. */
function temperatureIn({ ent_coef: setting }: Table, fixed: number | undefined): SacOptionsInput {
  if (fixed !== undefined) {
    return { temperature: typeof setting === 'number' && Math.fround(setting) === fixed ? setting : fixed }
  }
  const isStart = typeof setting === 'string' && isAllowed('temperature', setting)
  return { temperature: isStart ? setting : 'auto' }
}

/** Steps of each environment between rounds of updates; undefined if that is not a number of steps, or not legible. */
export function stepsPerRound({ train_freq: setting }: Table): number | undefined {
  if (setting === undefined) return 1
  if (typeof setting === 'number') return wholeNumber(setting)
  const object = pickled(setting)
  const [frequency, unit] = Array.isArray(setting)
    ? setting
    : object instanceof PickleObject
      ? object.args
      : []
  // The unit is a member of an enumeration, pickled as getattr(TrainFrequencyUnit, 'STEP') or TrainFrequencyUnit('step').
  const name = unit instanceof PickleObject ? unit.args[unit.args.length - 1] : unit
  const isSteps = typeof name === 'string' && name.toLowerCase() === 'step'
  return isSteps ? wholeNumber(frequency) : undefined
}

const wholeNumber = (value: unknown): number => (Number.isSafeInteger(value) ? Number(value) : Number.NaN)

/** After every round of steps of all environments Stable-Baselines3 makes `gradient_steps` updates, -1 for one a step. */
function updatesPerStepIn(data: Table): ImportedSettings {
  const { gradient_steps: gradientSteps = 1, n_envs: environments = 1 } = data
  const notes: string[] = []
  if (environments !== 1) {
    notes.push(
      `n_envs is ${shown(environments)}: it learned from as many environments side by side; envs is 1.`,
    )
  }
  const steps = (stepsPerRound(data) ?? Number.NaN) * wholeNumber(environments)
  const updates = gradientSteps === -1 ? steps : wholeNumber(gradientSteps)
  const updatesPerStep = updates / steps
  if (steps > 0 && updatesPerStep >= 0 && updatesPerStep <= MOST_UPDATES_PER_STEP) {
    if (steps !== 1) {
      notes.push(
        `Python trained in rounds: updates after every ${steps} steps, ${updates} at once (train_freq, gradient_steps); ` +
          `updatesPerStep is ${updatesPerStep}, spread over the steps.`,
      )
    }
    return { options: updatesPerStep === 1 ? {} : { updatesPerStep }, notes }
  }
  if (gradientSteps === -1) {
    notes.push(
      'Python made as many updates as steps, after each round of them (train_freq); updatesPerStep is 1.',
    )
    return { options: {}, notes }
  }
  const learningSteps = countIn(data, 'num_timesteps') - countIn(data, 'learning_starts')
  const soFar = countIn(data, '_n_updates') / learningSteps
  const options = soFar > 0 && soFar <= MOST_UPDATES_PER_STEP ? { updatesPerStep: soFar } : {}
  notes.push(
    `train_freq and gradient_steps (${shown(gradientSteps)}) do not give a number of updates per step; updatesPerStep is ` +
      `${options.updatesPerStep ? `${soFar.toPrecision(3)}, as in its training so far` : 'the default 1'}.`,
  )
  return { options, notes }
}

/** What it remembered, as far as that differs from here. */
function experienceNotes({
  n_steps: steps = 1,
  gamma,
  replay_buffer_class: buffer,
  replay_buffer_kwargs: bufferArguments,
}: Table): string[] {
  const notes: string[] = []
  const bufferClass = pickled(buffer)
  const bufferName = bufferClass instanceof PickleGlobal ? bufferClass.name : undefined
  if (isTable(buffer) && !REPLAY_BUFFERS.includes(String(bufferName))) {
    const name = bufferName?.replace(' ', '.') ?? `a class of ${shown(buffer.__module__)}`
    notes.push(`replay_buffer_class is ${name}; here experience is replayed uniformly, as it was stored.`)
  }
  const expected: Table = { n_steps: steps, gamma, handle_timeout_termination: true }
  const others = listed(
    bufferArguments,
    (key, value) => Object.hasOwn(expected, key) && value === expected[key],
  )
  if (others) notes.push(`replay_buffer_kwargs are not taken over: ${others}.`)
  return notes
}

function policyNotes(policy: Table): string[] {
  const others = listed(policy, key => POLICY_ARGUMENTS.includes(key) || key.startsWith(':'))
  return others ? [`policy_kwargs that are not known here are not taken over: ${others}.`] : []
}

/** Settings of a version, or of a class of the user's own, that nothing here knows. */
function unknownNotes(data: Table, algorithm: ImportedAlgorithm): string[] {
  const known = [...READ_ELSEWHERE, ...Object.keys(SETTINGS_OF[algorithm])]
  if (algorithm === 'ddpg') known.push(...DDPG_SETTINGS)
  const others = listed(
    data,
    (key, value) => key.startsWith('_') || known.includes(key) || value === null || value === false,
  )
  return others ? [`Settings that are not known here are not taken over: ${others}.`] : []
}
