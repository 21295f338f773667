import * as z from 'zod/mini'
import { nestsWithin, option, parseOptions, withoutDefaults } from '../options.ts'
import { ALGORITHMS, type SacOptions, type SacOptionsInput, sacOptionsSchema } from '../sac/options.ts'
import { hasOption, parseSacOptions } from '../sac/parse-options.ts'
import { EVALUATION_STEPS } from '../training/evaluate.ts'
import { environmentName, type NamedEnvironment } from './environment-path.ts'
import { NO_PART_OF_EXPERIMENT } from './experiment.ts'
import type { TrainingSettingsInput } from './training-settings-input.ts'

const atLeastOne = z.int().check(z.minimum(1))
const atLeastZero = z.int().check(z.minimum(0))
const withDefault = z._default

/** Settings of a run other than the hyperparameters. */
export const trainingSchema = z.strictObject({
  steps: option(atLeastOne, 'Environment steps to train for', 'a whole number of at least 1'),
  evaluateEvery: option(
    withDefault(z.union([z.literal('never'), atLeastOne]), 'never'),
    'Environment steps from one evaluation to the next while training',
    "'never' or a whole number of at least 1",
  ),
  timeLimit: option(
    withDefault(z.union([z.literal('own'), atLeastOne]), 'own'),
    "Steps after which an episode that has not ended is cut off; 'own' leaves that to the environment",
    "'own' or a whole number of at least 1",
  ),
  stackFrames: option(
    withDefault(atLeastOne, 1),
    'Number of recent observations to stack into one, for tasks where a single one does not show velocities',
    'a whole number of at least 1',
  ),
  envThreads: option(
    withDefault(z.union([z.literal('auto'), atLeastZero]), 'auto'),
    "Threads over which environments side by side are spread, 0 for none but the agent's own; 'auto' is one per core, " +
      'none for cheap environments',
    "'auto' or a whole number of at least 0",
  ),
  evaluationEpisodes: option(
    withDefault(atLeastOne, 10),
    'Episodes of an evaluation, the one after training included',
    'a whole number of at least 1',
  ),
  evaluationSteps: option(
    withDefault(z.union([z.enum(['auto', 'never']), atLeastOne]), 'auto'),
    `Steps after which an episode of an evaluation is cut off, so that evaluations end; 'auto' is ${EVALUATION_STEPS}, ` +
      "or the timeLimit, 'never' waits for the end of each",
    "'auto', 'never' or a whole number of at least 1",
  ),
  checkpointEvery: option(
    withDefault(z.union([z.enum(['auto', 'never']), atLeastOne]), 'auto'),
    "Environment steps from one checkpoint to the next; there is one at the end too. 'auto' is every 5 minutes",
    "'auto', 'never' or a whole number of at least 1",
  ),
  demonstrationsInto: option(
    withDefault(z.enum(['batches', 'replay']), 'batches'),
    "Where demonstrations go: 'batches' has the demonstrationShare of every batch made of them, 'replay' puts them into the " +
      'replay buffer before training',
    "'batches' or 'replay'",
  ),
  cloningUpdates: option(
    withDefault(atLeastZero, 0),
    'Updates of the actor alone that imitate the demonstrations, before training',
    'a whole number of at least 0',
  ),
  demonstrationUpdates: option(
    withDefault(atLeastZero, 0),
    'Updates of the whole agent on the demonstrations alone, before the first step',
    'a whole number of at least 0',
  ),
  logEvery: option(
    withDefault(z.union([z.literal('auto'), atLeastOne]), 'auto'),
    "Steps from one line of metrics to the next; 'auto' is a thousandth of all steps, at least 100",
    "'auto' or a whole number of at least 1",
  ),
})

/** How deep tables and lists in a config may be nested. */
const DEEPEST = 50
const nestsFarEnough = z.refine(value => nestsWithin(value, DEEPEST))

/** Everything that a config file may say, side by side. */
const settingsSchema = z.strictObject({
  environment: option(
    z.string(),
    'The environment: an id, a file that exports one, or one of Gymnasium',
    "an id such as 'Pendulum-v1', a file such as './my-env.ts', or 'gymnasium:' and an id of Gymnasium",
  ),
  environmentOptions: option(
    withDefault(z.record(z.string(), z.unknown()).check(nestsFarEnough), {}),
    'Settings of the environment',
    `a table of names and values, nested at most ${DEEPEST} deep`,
  ),
  initFrom: option(
    z.optional(z.string()),
    'Directory of a run whose weights to begin with',
    'the directory of a run',
  ),
  demonstrations: option(
    z.optional(z.string()),
    'File of transitions to learn from',
    'a file whose name ends in .jsonl, .parquet, .npz or .hdf5',
  ),
  ...trainingSchema.shape,
  ...withoutDefaults(sacOptionsSchema.shape),
  run: option(
    z.optional(z.unknown().check(nestsFarEnough)),
    "A finished run's record of itself, ignored",
    `anything that is nested at most ${DEEPEST} deep`,
  ),
})

/** A flag, and an entry of config files, that sets several settings. */
export const learningRateSchema = z.strictObject({
  learningRate: option(
    z.optional(z.number().check(z.positive())),
    "Adam's learning rate for actor, critics and temperature, unless one of them is named",
    'a number above 0',
  ),
})

const LEARNING_RATES = ['actorLearningRate', 'criticLearningRate', 'temperatureLearningRate']

/**
 * Settings, checked or not, with the learning rates that the algorithm has in place of `learningRate`; one that is named
 * as well keeps its own value.
 */
export function spreadLearningRate(
  { learningRate, ...named }: Record<string, unknown>,
  algorithm: unknown = named.algorithm,
): Record<string, unknown> {
  if (learningRate === undefined) return named
  parseOptions(learningRateSchema, { learningRate })
  const rates = LEARNING_RATES.filter(name => isOptionOf(algorithm, name)).map(name => [name, learningRate])
  return { ...Object.fromEntries(rates), ...named }
}

/** Whether an algorithm has an option; one that does not exist, which is found elsewhere, counts as the default one. */
const isOptionOf = (algorithm: unknown, name: string): boolean =>
  hasOption(ALGORITHMS.find(known => known === algorithm) ?? 'sac', name)

/** All that decides how a run goes: with the same settings on the same machine it goes the same way again. */
export interface RunSettings extends NamedEnvironment, Required<TrainingSettingsInput> {
  /** Directory of a run whose weights to begin with. */
  initFrom?: string
  /** File of transitions to learn from. */
  demonstrations?: string
  /** The agent's options, with every default filled in. */
  options: SacOptions
}

/** Settings as a config file has them, hyperparameters side by side with the rest. */
export interface RunSettingsInput extends TrainingSettingsInput, SacOptionsInput {
  /** The environment: an id such as 'Pendulum-v1', the path of a file that exports one, or 'gymnasium:' and an id of Gymnasium. */
  environment: string
  /** Settings of the environment by name. Default: none. */
  environmentOptions?: Record<string, unknown>
  /** Directory of a run whose weights to begin with. Default: none. */
  initFrom?: string
  /** File of transitions to learn from. Default: none. */
  demonstrations?: string
}

/**
 * Checks settings as a config file has them, hyperparameters side by side with the rest, and fills in defaults.
 * @throws OptionError naming each faulty setting, its value and what is allowed
 * @example
 * const settings = parseSettings({ environment: 'Pendulum-v1', steps: 5000, batchSize: 128 })
 */
export function parseSettings(input: RunSettingsInput | Record<string, unknown>): RunSettings {
  const table = parseOptions(z.strictObject({ settings: tableOption }), { settings: input }).settings
  const { run: _, ...flat } = parseOptions(settingsSchema, spreadLearningRate(table))
  const entries = Object.entries(flat)
  const isHyperparameter = ([name]: [string, unknown]) => Object.hasOwn(sacOptionsSchema.shape, name)
  const hyperparameters: SacOptionsInput = Object.fromEntries(entries.filter(isHyperparameter))
  return {
    ...Object.fromEntries(entries.filter(entry => !isHyperparameter(entry))),
    options: parseSacOptions(hyperparameters),
  } as RunSettings
}

/** The options of a run's agent: schedules that last as long as the run get its steps. */
export const agentOptions = ({ options, steps }: Pick<RunSettings, 'options' | 'steps'>): SacOptions =>
  options.scheduleSteps === 'auto' ? { ...options, scheduleSteps: steps } : options

/** Stored settings. Earlier versions also trained on ONNX Runtime; such a run resumes on what takes its place. */
export const withPresentEngine = <Settings>(settings: Settings): Settings =>
  settings instanceof Object && 'engine' in settings && settings.engine === 'onnx'
    ? { ...settings, engine: 'auto' }
    : settings

const tableOption = option(z.record(z.string(), z.unknown()), 'All settings', 'a table of names and values')

/**
 * The reverse of `parseSettings`: everything side by side.
 * @example
 * const { batchSize } = flattenSettings(loadSettings('runs/Pendulum-v1-seed1'))
 */
export function flattenSettings({ options, ...rest }: RunSettings): Record<string, unknown> {
  return { ...rest, ...options }
}

/** The settings, side by side, that must stay the same for a run to resume exactly. */
export function learningSettings(settings: RunSettings): Record<string, unknown> {
  const { environmentOptions, timeLimit, stackFrames, options } = settings
  // Only its name, because a run and its environment may move together.
  const environment = environmentName(settings.environment)
  return { environment, environmentOptions, timeLimit, stackFrames, ...options }
}

/** What runs that differ only in their seeds have in common: their settings, side by side, without those. */
export const experimentOf = (settings: RunSettings): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(flattenSettings(settings)).filter(([name]) => !NO_PART_OF_EXPERIMENT.includes(name)),
  )

/** Steps after which an episode of an evaluation is cut off. */
export function evaluationLimit({
  evaluationSteps,
  timeLimit,
}: Pick<RunSettings, 'evaluationSteps' | 'timeLimit'>): number {
  if (typeof evaluationSteps === 'number') return evaluationSteps
  return evaluationSteps === 'never' || timeLimit !== 'own' ? Infinity : EVALUATION_STEPS
}

/** Steps from one line of metrics to the next. */
export const logInterval = ({ steps, logEvery }: Pick<RunSettings, 'steps' | 'logEvery'>): number =>
  logEvery === 'auto' ? Math.max(100, Math.round(steps / 1000)) : logEvery

/** Steps from one examination by the doctor to the next: enough to distinguish chance from trouble. */
export const examinationInterval = ({ steps }: Pick<RunSettings, 'steps'>): number =>
  Math.max(2000, Math.round(steps / 100))

/** Steps from one policy that is kept for looking back to the next. */
export const policyInterval = ({ steps }: Pick<RunSettings, 'steps'>): number =>
  Math.max(1000, Math.round(steps / 20))
