/** The settings an agent of Stable-Baselines3 was trained with: each is taken over, or refused, or noted. */
import { type SacOptionsInput, sacOptionsSchema } from '../sac/options.ts'
import { excerpt, ModelFileError } from './model-file-error.ts'
import { PickleGlobal, PickleObject } from './pickle.ts'
import {
  className,
  classOf,
  countIn,
  isTable,
  numberIn,
  pickled,
  type Table,
} from './stable-baselines3-data.ts'

/** Our names of their settings. */
const SETTINGS = {
  seed: ['seed'],
  gamma: ['gamma'],
  tau: ['tau'],
  n_steps: ['nStep'],
  target_entropy: ['targetEntropy'],
  batch_size: ['batchSize'],
  buffer_size: ['bufferSize'],
  learning_starts: ['learningStarts'],
  target_update_interval: ['targetUpdateInterval'],
  learning_rate: ['actorLearningRate', 'criticLearningRate', 'temperatureLearningRate'],
} as const

/** Nobody trains with more, and a file must not take the memory for it. */
const MOST: Record<string, number> = { batch_size: 2 ** 16, buffer_size: 2 ** 30, n_steps: 1000 }
const MOST_UPDATES_PER_STEP = 1000

const words = (text: string) => text.trim().split(/\s+/)

/** Settings that are read elsewhere, or decide nothing about the agent; those that begin with _ are its counters. */
const READ_ELSEWHERE = words(`
  policy_class policy_kwargs observation_space action_space num_timesteps ent_coef use_sde sde_sample_freq
  use_sde_at_warmup n_envs train_freq gradient_steps action_noise replay_buffer_class replay_buffer_kwargs
  optimize_memory_usage verbose start_time tensorboard_log device ep_info_buffer ep_success_buffer lr_schedule
  batch_norm_stats batch_norm_stats_target
`)

/** Arguments of the policy that are read here, show in the networks' tensors, or matter only for gSDE. */
const POLICY_ARGUMENTS = words(`
  net_arch activation_fn use_sde log_std_init use_expln clip_mean n_critics features_extractor_class
  features_extractor_kwargs normalize_images share_features_extractor optimizer_class optimizer_kwargs
`)

const ACTIVATIONS: Record<string, 'relu' | 'tanh'> = {
  'torch.nn.modules.activation.ReLU': 'relu',
  'torch.nn.modules.activation.Tanh': 'tanh',
}
const MLP_POLICY_MODULE = 'stable_baselines3.sac.policies'
const FLATTEN = 'stable_baselines3.common.torch_layers.FlattenExtractor'
const ADAM = 'torch.optim.adam.Adam'
/** The plain one, and the one that `n_steps` asks for. */
const REPLAY_BUFFERS = ['ReplayBuffer', 'NStepReplayBuffer'].map(
  name => `stable_baselines3.common.buffers ${name}`,
)

export interface ImportedSettings {
  /** Hyperparameters for `SAC.create`. */
  options: SacOptionsInput
  /** What was not taken over, one sentence each. */
  notes: string[]
}

/**
 * The settings in `data`.
 *
 * @param temperature fixed weight of the entropy; undefined if it tunes itself
 * @throws ModelFileError for what changes how the agent acts and has no place here: policies other than MlpPolicy,
 *   activations other than PyTorch's ReLU and Tanh, features extractors
 */
export function settingsIn(data: Table, temperature: number | undefined): ImportedSettings {
  requireMlpPolicy(data)
  const policy = isTable(data.policy_kwargs) ? data.policy_kwargs : {}
  const { options, notes } = plainSettings(data)
  const updates = updatesPerStepIn(data)
  Object.assign(options, updates.options, temperatureIn(data, temperature), {
    activation: activationIn(policy),
  })
  notes.push(...updates.notes, ...experienceNotes(data), ...policyNotes(policy), ...unknownNotes(data))
  return { options, notes: notes.map(note => excerpt(note, 400)) }
}

/** @throws ModelFileError for gSDE, whose networks are others */
export function refuseStateDependentNoise({ use_sde: usesSde, policy_kwargs: policy }: Table): void {
  if (usesSde !== true && !(isTable(policy) && policy.use_sde === true)) return
  throw new ModelFileError('The agent explores by gSDE (use_sde), which has no place here; train it without.')
}

function requireMlpPolicy({ policy_class: policyClass, policy_kwargs: policy }: Table): void {
  const module = isTable(policyClass) ? policyClass.__module__ : undefined
  if (module !== undefined && module !== MLP_POLICY_MODULE) {
    throw new ModelFileError(
      `The agent's policy is a class of ${shown(module)}, not MlpPolicy of Stable-Baselines3's SAC.`,
    )
  }
  const extractor = isTable(policy) ? policy.features_extractor_class : undefined
  if (extractor !== undefined && shown(extractor) !== FLATTEN) {
    throw new ModelFileError(
      `The agent's features_extractor_class is ${shown(extractor)}: a features extractor has no place here.`,
    )
  }
}

function activationIn({ activation_fn: activation }: Table): 'relu' | 'tanh' {
  if (activation === undefined) return 'relu'
  const name = shown(activation)
  if (Object.hasOwn(ACTIVATIONS, name)) return ACTIVATIONS[name]
  const short = name.replaceAll('torch.nn.modules.activation.', '')
  throw new ModelFileError(`The agent's activation_fn is ${short}; here it is ReLU or Tanh of torch.nn.`)
}

/** What has a name here and is a number, or says 'auto'. */
function plainSettings(data: Table): ImportedSettings {
  const options: Table = {}
  const notes: string[] = []
  for (const [theirs, ours] of Object.entries(SETTINGS)) {
    const entry = data[theirs]
    if (entry === undefined || entry === null) continue
    const value = entry === 'auto' ? entry : numberIn(entry)
    const isAllowed = ours.every(name => sacOptionsSchema.shape[name].safeParse(value).success)
    const isTooMuch = Object.hasOwn(MOST, theirs) && Number(value) > MOST[theirs]
    if (value !== undefined && isAllowed && !isTooMuch) {
      for (const name of ours) options[name] = value
    } else {
      const isSchedule = theirs === 'learning_rate' && value === undefined
      const kind = isSchedule ? `a schedule (${shown(entry)})` : shown(entry)
      const taken = sacOptionsSchema.shape[ours[0]].parse(undefined)
      notes.push(
        `${theirs} is ${kind}, which has no place here; it is the default ${taken} (${ours.join(', ')}).`,
      )
    }
  }
  const { target_update_interval: interval } = data
  if (typeof interval === 'number' && interval !== 1) {
    notes.push(
      `target_update_interval is ${interval}; Stable-Baselines3 counts it anew in every round of updates, here it counts all updates.`,
    )
  }
  return { options, notes }
}

/** A setting for a sentence. What is nested in it is left out: a hostile file nests without end. */
function shown(entry: unknown): string {
  if (typeof entry === 'string') return excerpt(className(entry))
  const flat = (key: string, value: unknown) => (key === '' || typeof value !== 'object' ? value : '\u2026')
  return excerpt(classOf(entry) ?? String(JSON.stringify(entry, flat)))
}

/** Entries of a table that differ from what is expected, as `name value, name value`; empty if there are none. */
const listed = (table: unknown, isExpected: (key: string, value: unknown) => boolean): string =>
  Object.entries(isTable(table) ? table : {})
    .filter(([key, value]) => !isExpected(key, value))
    .map(([key, value]) => `${key} ${shown(value)}`)
    .join(', ')

/** What the temperature is according to the tensors, in the words of the settings where these agree. */
function temperatureIn({ ent_coef: setting }: Table, fixed: number | undefined): SacOptionsInput {
  if (fixed !== undefined) {
    return { temperature: typeof setting === 'number' && Math.fround(setting) === fixed ? setting : fixed }
  }
  const isStart = typeof setting === 'string' && sacOptionsSchema.shape.temperature.safeParse(setting).success
  return { temperature: isStart ? setting : 'auto' }
}

/** Steps of each environment between rounds of updates; undefined if that is not a number of steps, or not legible. */
function stepsPerRound({ train_freq: setting }: Table): number | undefined {
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

/** How it explored and what it remembered, as far as that differs from here. */
function experienceNotes({
  action_noise: noise,
  replay_buffer_class: buffer,
  replay_buffer_kwargs: bufferArguments,
}: Table): string[] {
  const notes: string[] = []
  if (noise !== undefined && noise !== null) {
    notes.push(`action_noise is ${shown(noise)}; here nothing is added to the policy's own actions.`)
  }
  const bufferClass = pickled(buffer)
  const bufferName = bufferClass instanceof PickleGlobal ? bufferClass.name : undefined
  if (isTable(buffer) && !REPLAY_BUFFERS.includes(String(bufferName))) {
    const name = bufferName?.replace(' ', '.') ?? `a class of ${shown(buffer.__module__)}`
    notes.push(`replay_buffer_class is ${name}; here experience is replayed uniformly, as it was stored.`)
  }
  const others = listed(
    bufferArguments,
    (key, value) =>
      ['n_steps', 'gamma'].includes(key) || (key === 'handle_timeout_termination' && value === true),
  )
  if (others) notes.push(`replay_buffer_kwargs are not taken over: ${others}.`)
  return notes
}

function policyNotes(policy: Table): string[] {
  const notes: string[] = []
  const { optimizer_class: optimizer, optimizer_kwargs: optimizerArguments } = policy
  if (optimizer !== undefined && shown(optimizer) !== ADAM) {
    notes.push(`optimizer_class is ${shown(optimizer)}; here it is Adam.`)
  }
  if (isTable(optimizerArguments) ? Object.keys(optimizerArguments).length > 0 : optimizerArguments != null) {
    notes.push(
      `optimizer_kwargs are ${shown(optimizerArguments)}; here Adam's constants are PyTorch's defaults.`,
    )
  }
  const others = listed(policy, key => POLICY_ARGUMENTS.includes(key) || key.startsWith(':'))
  if (others) notes.push(`policy_kwargs that are not known here are not taken over: ${others}.`)
  return notes
}

/** Settings of a version, or of a class of the user's own, that nothing here knows. */
function unknownNotes(data: Table): string[] {
  const known = [...READ_ELSEWHERE, ...Object.keys(SETTINGS)]
  const others = listed(
    data,
    (key, value) => key.startsWith('_') || known.includes(key) || value === null || value === false,
  )
  return others ? [`Settings that are not known here are not taken over: ${others}.`] : []
}
