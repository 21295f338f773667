import * as z from 'zod'
import { nearest } from '../nearest.ts'
import { OptionError, parseSacOptions, type SacOptions, sacOptionsSchema } from '../sac/options.ts'

const atLeastOne = z.int().min(1)

/** Settings of a run beside the hyperparameters. */
export const trainingSchema = z.strictObject({
  steps: atLeastOne.meta({
    description: 'Environment steps to train for',
    allowed: 'a whole number of at least 1',
  }),
  evaluateEvery: z
    .union([z.literal('never'), atLeastOne])
    .default('never')
    .meta({
      description: 'Evaluate every so many steps while training',
      allowed: "'never' or a whole number of at least 1",
    }),
  evaluationEpisodes: atLeastOne.default(10).meta({
    description: 'Episodes of an evaluation, the one after training included',
    allowed: 'a whole number of at least 1',
  }),
})

/** All that decides how a run goes: with the same settings on the same machine it goes the same way again. */
export interface RunSettings extends z.output<typeof trainingSchema> {
  /** Id of the environment, as `makeEnv` knows it. */
  environment: string
  environmentOptions: Record<string, unknown>
  options: SacOptions
}

const NAMES = [
  'environment',
  'environmentOptions',
  ...Object.keys(trainingSchema.shape),
  ...Object.keys(sacOptionsSchema.shape),
  // A finished run's record of itself, ignored here.
  'run',
]

/**
 * Checks settings as a config file has them, hyperparameters side by side with the rest, and fills in defaults.
 * @throws OptionError naming each faulty setting, its value and what is allowed
 */
export function parseSettings(input: unknown): RunSettings {
  if (!isRecord(input)) throw new OptionError('Settings must be a table of names and values.')
  const unknown = Object.keys(input).filter(name => !NAMES.includes(name))
  if (unknown.length > 0) {
    const sentences = unknown.map(name => {
      const near = nearest(name, NAMES)
      return `There is no option ${name}${near ? `; did you mean ${near}?` : '.'}`
    })
    throw new OptionError(sentences.join('\n'))
  }
  const { environment, environmentOptions = {}, run: _, ...rest } = input
  if (typeof environment !== 'string') throw fault('environment', environment, "an id such as 'Pendulum-v1'")
  if (!isRecord(environmentOptions)) throw fault('environmentOptions', environmentOptions, 'a table')

  const { steps, evaluateEvery, evaluationEpisodes, ...hyperparameters } = rest
  const training = { steps, evaluateEvery, evaluationEpisodes }
  for (const [name, schema] of Object.entries(trainingSchema.shape)) {
    const value = training[name as keyof typeof training]
    if (!schema.safeParse(value).success) throw fault(name, value, schema.meta()?.allowed)
  }
  return {
    environment,
    environmentOptions,
    ...trainingSchema.parse(training),
    options: parseSacOptions(hyperparameters),
  }
}

/** The reverse of `parseSettings`: everything side by side. */
export function flattenSettings({ options, ...rest }: RunSettings): Record<string, unknown> {
  return { ...rest, ...options }
}

const fault = (name: string, value: unknown, allowed: unknown) =>
  new OptionError(`Option ${name} is ${JSON.stringify(value) ?? 'missing'}; it must be ${allowed}.`)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
