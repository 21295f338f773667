import * as z from 'zod'
import { isFiniteFloat32 } from '../env/require.ts'
import { option, parseOptions } from '../options.ts'

const wholeNumber = (min: number) => z.int().min(min)
/** The gradient step computes in float32, where larger numbers are infinite. */
const float32 = () => z.number().refine(isFiniteFloat32)
const positive = () => float32().positive()

/** 'auto', or 'auto_' and a number that is above 0 and finite in float32 as well. */
function isAutomaticTemperature(text: string): boolean {
  if (text === 'auto') return true
  const [, start] = /^auto_((?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)$/.exec(text) ?? []
  return Math.fround(Number(start)) > 0 && isFiniteFloat32(Number(start))
}

/**
 * Every hyperparameter of Soft Actor-Critic: its type, its default, one line of documentation and its range.
 * The command line's flags, the validation of `SAC.create` and the reference in the README all come from here.
 */
export const sacOptionsSchema = z.strictObject({
  seed: option(
    z.int().min(0).max(0xffffffff).default(0),
    'Seed of every random stream: environment, exploration, replay, updates, initial weights',
    'a whole number from 0 to 4294967295',
  ),
  gamma: option(
    z.number().min(0).max(1).default(0.99),
    'Discount of the reward one step later',
    'a number from 0 to 1',
  ),
  tau: option(
    z.number().positive().max(1).default(0.005),
    'Share of the critics that moves into the target critics at each target update (Polyak averaging)',
    'a number above 0, at most 1',
  ),
  temperature: option(
    z.union([float32().min(0), z.string().refine(isAutomaticTemperature)]).default('auto'),
    "Weight alpha of the entropy: a number keeps it fixed, 'auto' tunes it from 1, 'auto_0.1' from 0.1",
    "a number of at least 0, 'auto', or 'auto_' and a starting value above 0, as in 'auto_0.1'",
  ),
  targetEntropy: option(
    z.union([z.literal('auto'), float32()]).default('auto'),
    "Entropy that an automatic temperature aims at; 'auto' is minus the number of action dimensions",
    "'auto' or any finite number",
  ),
  hiddenSizes: option(
    z.array(wholeNumber(1)).min(1).default([256, 256]),
    'Width of each hidden layer, of actor and critics alike',
    'a list of one or more whole numbers of at least 1, such as 256,256',
  ),
  activation: option(
    z.enum(['relu', 'tanh']).default('relu'),
    'Non-linearity of the hidden layers',
    "'relu' or 'tanh'",
  ),
  actorLearningRate: option(
    positive().default(3e-4),
    "Adam's learning rate for the actor",
    'a number above 0',
  ),
  criticLearningRate: option(
    positive().default(3e-4),
    "Adam's learning rate for the critics",
    'a number above 0',
  ),
  temperatureLearningRate: option(
    positive().default(3e-4),
    "Adam's learning rate for the logarithm of the temperature",
    'a number above 0',
  ),
  maxGradientNorm: option(
    z.union([z.literal('none'), positive()]).default('none'),
    'Longest gradient each optimiser may see, over all its parameters together; longer ones are scaled down',
    "'none' or a number above 0",
  ),
  batchSize: option(
    wholeNumber(1).default(256),
    'Transitions in a gradient update',
    'a whole number of at least 1',
  ),
  bufferSize: option(
    wholeNumber(1).default(1_000_000),
    'Transitions the replay buffer keeps; the oldest make room for the newest',
    'a whole number of at least 1',
  ),
  learningStarts: option(
    wholeNumber(0).default(1000),
    'Environment steps before the first update, with uniformly random actions, or those of a policy that was loaded',
    'a whole number of at least 0',
  ),
  randomActionRepeat: option(
    wholeNumber(1).default(1),
    'Steps for which each uniformly random action is held; long swings reach what single random steps do not',
    'a whole number of at least 1',
  ),
  updatesPerStep: option(
    z.number().min(0).finite().default(1),
    'Gradient updates per environment step; a fraction such as 0.5 spreads them out',
    'a number of at least 0',
  ),
  normalizeObservations: option(
    z.boolean().default(false),
    'Shift and scale observations by their running mean and deviation before every network, clipped to 10 deviations',
    'true or false',
  ),
  rewardScale: option(
    positive().default(1),
    'Factor by which rewards are multiplied to learn from them; returns are reported as they are',
    'a number above 0',
  ),
  envs: option(
    wholeNumber(1).default(1),
    'Environments that run side by side, each with its own part of the replay buffer; updates per step stay the same',
    'a whole number of at least 1',
  ),
  policyDelay: option(
    wholeNumber(1).default(1),
    'Actor and temperature move on every so-manieth update, counted over the whole run',
    'a whole number of at least 1',
  ),
  targetUpdateInterval: option(
    wholeNumber(1).default(1),
    'Target critics move on every so-manieth update, counted over the whole run',
    'a whole number of at least 1',
  ),
  engine: option(
    z.enum(['auto', 'wasm', 'wasm-fast', 'native', 'onnx']).default('auto'),
    "What runs the gradient step: 'wasm' gives the same bits on every machine, 'wasm-fast' takes fused multiply-add where " +
      "the platform has it, 'native' computes the same in native code, 'onnx' is ONNX Runtime; 'auto' takes 'native' for " +
      "large networks ('onnx' where that is missing) and else 'wasm'",
    "'auto', 'wasm', 'wasm-fast', 'native' or 'onnx'",
  ),
  threads: option(
    z.union([z.literal('auto'), wholeNumber(1)]).default('auto'),
    "Threads of the engine; 'auto' is one for small networks and one per core for large ones",
    "'auto' or a whole number of at least 1",
  ),
})

/** Options as a user gives them: everything may be left out. */
export type SacOptionsInput = z.input<typeof sacOptionsSchema>

/** Options with every default filled in. */
export type SacOptions = z.output<typeof sacOptionsSchema>

/**
 * Fills in defaults and checks every value.
 * @throws OptionError naming each faulty option, its value and what is allowed.
 */
export const parseSacOptions = (input: SacOptionsInput = {}): SacOptions =>
  parseOptions(sacOptionsSchema, input)
