import * as z from 'zod/mini'
import { ACTIVATIONS } from '../arithmetic.ts'
import { isFiniteFloat32 } from '../env/require.ts'
import { option } from '../options.ts'

const withDefault = z._default
const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z.int().check(z.minimum(min), z.maximum(max))
/** From 0 to 1. */
const share = () => z.number().check(z.minimum(0), z.maximum(1))
/** The gradient step computes in float32, where larger numbers are infinite. */
const float32 = () => z.number().check(z.refine(isFiniteFloat32))
const positive = () => float32().check(z.positive())
const atLeastZero = () => float32().check(z.minimum(0))
const sizes = () => z.array(wholeNumber(1)).check(z.minLength(1))
const schedules = ['constant', 'linear', 'cosine', 'exponential'] as const
const SCHEDULES = schedules.map(name => `'${name}'`).join(', ')

/** 'auto', or 'auto_' and a number that is above 0 and finite in float32 as well. */
function isAutomaticTemperature(text: string): boolean {
  if (text === 'auto') return true
  const [, start] = /^auto_((?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)$/.exec(text) ?? []
  return Math.fround(Number(start)) > 0 && isFiniteFloat32(Number(start))
}

/** The members of the family. */
export const ALGORITHMS = ['sac', 'td3', 'ddpg', 'redq', 'droq', 'tqc', 'crossq', 'sac-n'] as const
/** A member of the family. */
export type AlgorithmName = (typeof ALGORITHMS)[number]

/**
 * Every hyperparameter of Soft Actor-Critic and its family: its type, its default for `sac`, one line of documentation
 * and its range. Other members have defaults of their own, in `members/`, and no member has every option
 * (`parseSacOptions`). The command line's flags, the validation of `SAC.create` and the reference in the README all come
 * from here.
 */
export const sacOptionsSchema = z.strictObject({
  algorithm: option(
    withDefault(z.enum(ALGORITHMS), 'sac'),
    'Member of the family that learns; the defaults of the other options are those published for it',
    ALGORITHMS.map(name => `'${name}'`).join(', '),
  ),
  seed: option(
    withDefault(wholeNumber(0, 0xffffffff), 0),
    'Seed of every random stream: environment, exploration, replay, updates, initial weights',
    'a whole number from 0 to 4294967295',
  ),
  gamma: option(withDefault(share(), 0.99), 'Discount of the reward one step later', 'a number from 0 to 1'),
  tau: option(
    withDefault(z.number().check(z.positive(), z.maximum(1)), 0.005),
    'Share of the critics that moves into the target critics at each target update (Polyak averaging)',
    'a number above 0, at most 1',
  ),
  nStep: option(
    withDefault(wholeNumber(1), 1),
    'Rewards that a target sums up before it asks the critics; fewer where an episode ends',
    'a whole number of at least 1',
  ),
  hindsight: option(
    withDefault(z.enum(['none', 'future']), 'none'),
    "Goals with which transitions are learned from, in environments that have goals: 'none' is those desired at the time, " +
      "'future' also those achieved later in the episode (HER)",
    "'none' or 'future'",
  ),
  hindsightGoals: option(
    withDefault(wholeNumber(1), 4),
    'With hindsight, transitions with a goal achieved later for each one that keeps its own, k',
    'a whole number of at least 1',
  ),
  prioritizedReplay: option(
    withDefault(z.enum(['none', 'proportional']), 'none'),
    "Which transitions are drawn more often: 'none', each is as likely, or 'proportional' to the critics' errors to the " +
      'power of priorityAlpha',
    "'none' or 'proportional'",
  ),
  priorityAlpha: option(
    withDefault(share(), 0.6),
    'With prioritised replay, how much errors count: 0 draws uniformly, 1 in proportion to them',
    'a number from 0 to 1',
  ),
  priorityBeta: option(
    withDefault(share(), 0.4),
    "With prioritised replay, how far rows that are drawn more often count less in the critics' loss: 1 makes up for all of it",
    'a number from 0 to 1',
  ),
  priorityBetaSchedule: option(
    withDefault(z.enum(schedules), 'constant'),
    'How priorityBeta goes to priorityBetaScheduleEnd within scheduleSteps',
    SCHEDULES,
  ),
  priorityBetaScheduleEnd: option(
    withDefault(share(), 1),
    'Where the schedule of priorityBeta ends',
    'a number from 0 to 1',
  ),
  temperature: option(
    withDefault(z.union([atLeastZero(), z.string().check(z.refine(isAutomaticTemperature))]), 'auto'),
    "Weight alpha of the entropy: a number keeps it fixed, 'auto' tunes it from 1, 'auto_0.1' from 0.1",
    "a number of at least 0, 'auto', or 'auto_' and a starting value above 0, as in 'auto_0.1'",
  ),
  targetEntropy: option(
    withDefault(z.union([z.literal('auto'), float32()]), 'auto'),
    "Entropy that an automatic temperature aims at; 'auto' is minus the number of action dimensions",
    "'auto' or any finite number",
  ),
  entropySchedule: option(
    withDefault(z.enum(schedules), 'constant'),
    'How the entropy that is aimed at, or a fixed temperature, goes to entropyScheduleEnd within scheduleSteps',
    SCHEDULES,
  ),
  entropyScheduleEnd: option(
    z.optional(float32()),
    'Where the entropy schedule ends: a target entropy, or the temperature if that is fixed',
    'any finite number; at least 0 for a fixed temperature',
  ),
  hiddenSizes: option(
    withDefault(sizes(), [256, 256]),
    'Width of each hidden layer of the actor, and of the critics unless criticHiddenSizes says otherwise',
    'a list of one or more whole numbers of at least 1, such as 256,256',
  ),
  activation: option(
    withDefault(z.enum(ACTIVATIONS), 'relu'),
    'Non-linearity of the hidden layers',
    "'relu' or 'tanh'",
  ),
  criticHiddenSizes: option(
    withDefault(z.union([z.literal('same'), sizes()]), 'same'),
    "Width of each hidden layer of the critics; 'same' is those of the actor",
    "'same' or a list of one or more whole numbers of at least 1, such as 512,512",
  ),
  criticActivation: option(
    withDefault(z.enum(['same', ...ACTIVATIONS]), 'same'),
    "Non-linearity of the critics' hidden layers; 'same' is that of the actor",
    "'same', 'relu' or 'tanh'",
  ),
  critics: option(withDefault(wholeNumber(1), 2), 'Number of critics', 'a whole number of at least 1'),
  targetCritics: option(
    withDefault(z.union([z.literal('all'), wholeNumber(1)]), 'all'),
    "Critics of which a target takes the smallest, drawn again for each update; 'all' is all of them",
    "'all' or a whole number from 1 to the number of critics",
  ),
  actorValue: option(
    withDefault(z.enum(['min', 'mean', 'first']), 'min'),
    'What the actor maximises: the smallest of the critics, their mean, or the first one',
    "'min', 'mean' or 'first'",
  ),
  atoms: option(
    z.optional(wholeNumber(1)),
    'Quantiles of the return that each critic gives',
    'a whole number of at least 1',
  ),
  droppedAtoms: option(
    z.optional(wholeNumber(0)),
    'Highest quantiles for each critic that a target leaves out, against overestimation',
    'a whole number of at least 0, below the number of atoms',
  ),
  layerNorm: option(
    withDefault(z.boolean(), false),
    'Layer normalisation in the hidden layers of the critics, before the activation',
    'true or false',
  ),
  layerNormEpsilon: option(
    withDefault(positive(), 1e-5),
    'Term that keeps the division of layer normalisation finite',
    'a number above 0',
  ),
  batchRenorm: option(
    withDefault(z.boolean(), false),
    'Batch renormalisation of the input and after each hidden layer, in actor and critics',
    'true or false',
  ),
  batchRenormWarmup: option(
    withDefault(wholeNumber(0), 100_000),
    'Updates of each network with plain batch normalisation, before its statistics are good enough to correct by',
    'a whole number of at least 0',
  ),
  batchRenormMomentum: option(
    withDefault(share(), 0.99),
    'Share of the running statistics that stays at each update',
    'a number from 0 to 1',
  ),
  batchRenormMaxScale: option(
    withDefault(float32().check(z.minimum(1)), 3),
    'Largest correction r of the deviation; the smallest is its reciprocal',
    'a number of at least 1',
  ),
  batchRenormMaxShift: option(
    withDefault(atLeastZero(), 5),
    'Largest correction d of the mean, in deviations',
    'a number of at least 0',
  ),
  batchRenormEpsilon: option(
    withDefault(positive(), 1e-3),
    'Term that keeps the division of batch renormalisation finite',
    'a number above 0',
  ),
  batchRenormForm: option(
    withDefault(z.enum(['paper', 'folded']), 'paper'),
    "'paper' is (x - mean) / sigma r + d as published; 'folded' takes r and d into mean and variance first, as SBX does; " +
      'they differ where a unit hardly varies',
    "'paper' or 'folded'",
  ),
  dropout: option(
    withDefault(z.number().check(z.minimum(0), z.lt(1)), 0),
    'Share of hidden units of the critics that is left out at random, in every pass of an update',
    'a number of at least 0, below 1',
  ),
  targetNetworks: option(
    withDefault(z.boolean(), true),
    'Slow copies of the networks for the target; false takes the networks themselves',
    'true or false',
  ),
  explorationNoise: option(
    z.optional(atLeastZero()),
    'Standard deviation of the noise added to actions while learning, in units of half the action range',
    'a number of at least 0',
  ),
  explorationNoiseKind: option(
    z.optional(z.enum(['gaussian', 'ornstein-uhlenbeck'])),
    "'gaussian' is independent at each step, 'ornstein-uhlenbeck' wanders and returns to 0",
    "'gaussian' or 'ornstein-uhlenbeck'",
  ),
  explorationNoiseTheta: option(
    z.optional(share()),
    'Share of the way back to 0 that Ornstein-Uhlenbeck noise takes at each step',
    'a number from 0 to 1',
  ),
  explorationNoiseSchedule: option(
    z.optional(z.enum(schedules)),
    'How explorationNoise goes to explorationNoiseScheduleEnd within scheduleSteps',
    SCHEDULES,
  ),
  explorationNoiseScheduleEnd: option(
    z.optional(atLeastZero()),
    'Where the schedule of the exploration noise ends',
    'a number of at least 0',
  ),
  stateDependentNoise: option(
    withDefault(z.boolean(), false),
    'Exploration with noise that is the same function of the state for a while (gSDE), of smooth actions, for robots',
    'true or false',
  ),
  stateDependentNoiseSteps: option(
    withDefault(z.union([z.literal('episode'), wholeNumber(1)]), 'episode'),
    "Steps after which noise that depends on the state is drawn anew; 'episode' keeps it for whole episodes",
    "'episode' or a whole number of at least 1",
  ),
  stateDependentNoiseStart: option(
    withDefault(float32().check(z.minimum(-20), z.maximum(2)), -3),
    'Logarithm of the deviations that noise which depends on the state begins with',
    'a number from -20 to 2',
  ),
  targetNoise: option(
    z.optional(atLeastZero()),
    "Standard deviation of the noise added to the target policy's actions, in units of half the action range",
    'a number of at least 0',
  ),
  targetNoiseClip: option(
    z.optional(atLeastZero()),
    'Largest magnitude of that noise',
    'a number of at least 0',
  ),
  actorLearningRate: option(
    withDefault(positive(), 3e-4),
    "Adam's learning rate for the actor",
    'a number above 0',
  ),
  criticLearningRate: option(
    withDefault(positive(), 3e-4),
    "Adam's learning rate for the critics",
    'a number above 0',
  ),
  temperatureLearningRate: option(
    withDefault(positive(), 3e-4),
    "Adam's learning rate for the logarithm of the temperature",
    'a number above 0',
  ),
  learningRateSchedule: option(
    withDefault(z.enum(schedules), 'constant'),
    'How all learning rates go to learningRateScheduleEnd of themselves within scheduleSteps',
    SCHEDULES,
  ),
  learningRateScheduleEnd: option(
    withDefault(share(), 0),
    'Share of all learning rates that is left where their schedule ends',
    'a number from 0 to 1',
  ),
  scheduleSteps: option(
    withDefault(z.union([z.literal('auto'), wholeNumber(1)]), 'auto'),
    "Environment steps within which schedules run; 'auto' is all steps of the run",
    "'auto' or a whole number of at least 1",
  ),
  beta1: option(
    withDefault(z.number().check(z.minimum(0), z.lt(1)), 0.9),
    "Decay of Adam's first moment, of actor and critics",
    'a number of at least 0, below 1',
  ),
  temperatureBeta1: option(
    withDefault(z.number().check(z.minimum(0), z.lt(1)), 0.9),
    "Decay of Adam's first moment, of the temperature",
    'a number of at least 0, below 1',
  ),
  actorWeightDecay: option(
    withDefault(atLeastZero(), 0),
    "Share of the actor's weights taken away at each update, times its learning rate (AdamW)",
    'a number of at least 0',
  ),
  criticWeightDecay: option(
    withDefault(atLeastZero(), 0),
    "Share of the critics' weights taken away at each update, times their learning rate (AdamW)",
    'a number of at least 0',
  ),
  weightDecayOn: option(
    withDefault(z.enum(['all', 'kernels']), 'all'),
    "Which weights decay: 'all', or the 'kernels' of layers alone",
    "'all' or 'kernels'",
  ),
  maxGradientNorm: option(
    withDefault(z.union([z.literal('none'), positive()]), 'none'),
    'Maximum gradient norm of each optimiser, over all its parameters together; longer gradients are scaled down',
    "'none' or a number above 0",
  ),
  batchSize: option(
    withDefault(wholeNumber(1), 256),
    'Transitions in a gradient update',
    'a whole number of at least 1',
  ),
  bufferSize: option(
    withDefault(wholeNumber(1, 2 ** 30), 1_000_000),
    'Transitions the replay buffer keeps; the oldest make room for the newest',
    'a whole number from 1 to 1073741824',
  ),
  demonstrationShare: option(
    withDefault(share(), 0.5),
    "Share of each batch that comes from demonstrations, if there are any; the rest is the agent's own experience",
    'a number from 0 to 1',
  ),
  cloningWeight: option(
    withDefault(atLeastZero(), 0),
    "Weight in the actor's loss of imitating the demonstrations in a batch, in units of the rest of it; 0 imitates none",
    'a number of at least 0',
  ),
  learningStarts: option(
    withDefault(wholeNumber(0), 1000),
    'Environment steps before the first update, with uniformly random actions, or those of a policy that was loaded',
    'a whole number of at least 0',
  ),
  randomActionRepeat: option(
    withDefault(wholeNumber(1), 1),
    'Steps for which each uniformly random action is held; long swings reach what single random steps do not',
    'a whole number of at least 1',
  ),
  updatesPerStep: option(
    withDefault(z.number().check(z.minimum(0)), 1),
    'Gradient updates per environment step; a fraction such as 0.5 spreads them out',
    'a number of at least 0',
  ),
  normalizeObservations: option(
    withDefault(z.boolean(), false),
    'Shift and scale observations by their running mean and deviation before every network, clipped to 10 deviations',
    'true or false',
  ),
  rewardScale: option(
    withDefault(positive(), 1),
    'Factor by which rewards are multiplied to learn from them; returns are reported as they are',
    'a number above 0',
  ),
  envs: option(
    withDefault(wholeNumber(1), 1),
    'Environments that run side by side, each with its own part of the replay buffer; updates per step stay the same',
    'a whole number of at least 1',
  ),
  policyDelay: option(
    withDefault(wholeNumber(1), 1),
    'The actor and the temperature move every policyDelay updates, counted over the whole run',
    'a whole number of at least 1',
  ),
  targetUpdateInterval: option(
    withDefault(wholeNumber(1), 1),
    'The target networks move every targetUpdateInterval updates, counted over the whole run',
    'a whole number of at least 1',
  ),
  engine: option(
    withDefault(z.enum(['auto', 'wasm', 'wasm-fast', 'native']), 'auto'),
    "What runs the gradient step: 'wasm' gives the same bits on every machine, 'wasm-fast' takes fused multiply-add where " +
      "the platform has it, 'native' computes the same in native code; 'auto' takes 'native' for large networks " +
      "('wasm-fast' where that is missing) and otherwise 'wasm'",
    "'auto', 'wasm', 'wasm-fast' or 'native'",
  ),
  threads: option(
    withDefault(z.union([z.literal('auto'), wholeNumber(1)]), 'auto'),
    "Threads of the engine; 'auto' is one for small networks and one per core for large ones",
    "'auto' or a whole number of at least 1",
  ),
  background: option(
    withDefault(z.boolean(), false),
    "Updates run off the caller's thread, which stays free: for pages and servers with large networks.",
    'true or false',
  ),
})

export type { SacOptions, SacOptionsInput } from './option-types.ts'

/** Groups of options that not every member has. */
export const OPTION_GROUPS = {
  entropy: [
    'temperature',
    'targetEntropy',
    'temperatureLearningRate',
    'temperatureBeta1',
    'entropySchedule',
    'entropyScheduleEnd',
  ],
  exploration: [
    'explorationNoise',
    'explorationNoiseKind',
    'explorationNoiseTheta',
    'explorationNoiseSchedule',
    'explorationNoiseScheduleEnd',
  ],
  stateDependentNoise: ['stateDependentNoise', 'stateDependentNoiseSteps', 'stateDependentNoiseStart'],
  smoothing: ['targetNoise', 'targetNoiseClip'],
  values: ['targetCritics', 'actorValue'],
  quantiles: ['atoms', 'droppedAtoms'],
} as const satisfies Record<string, readonly (keyof typeof sacOptionsSchema.shape)[]>

export type OptionGroup = keyof typeof OPTION_GROUPS
