/** Spaces of settings as people write them, in a file or in code. */
import * as z from 'zod/mini'
import { nearest } from '../../nearest.ts'
import { formatValue, optionValue } from '../../option-text.ts'
import { OptionError, option, parseOptions } from '../../options.ts'
import { sacOptionsSchema } from '../../sac/options.ts'
import { type Choice, isChoices, type Point, type Range, requireSpace, type Space } from '../../tune/space.ts'
import { NO_PART_OF_EXPERIMENT } from '../experiment.ts'
import { learningRateSchema, type RunSettings, trainingSchema } from '../settings.ts'
import { UsageError } from '../usage-error.ts'

/**
 * The values of a setting that are searched: all from `low` to `high`, or each of a list. Ranges of settings that are whole
 * numbers have whole numbers alone.
 */
export type SpaceInput = Record<string, Range | readonly (Choice | readonly number[])[]>

/** What makes all settings of a trial of those that differ from the preset. */
export type Resolve = (settings: Record<string, unknown>) => RunSettings

const rangeSchema = z.strictObject({
  low: option(z.number(), 'The smallest', 'a number'),
  high: option(z.number(), 'The largest', 'a number'),
  log: option(z._default(z.boolean(), false), 'Whether each factor counts the same', 'true or false'),
  step: option(z.optional(z.number().check(z.positive())), 'Distance of the numbers', 'a number above 0'),
})

const valueSchema = z.union([z.number(), z.string(), z.boolean(), z.array(z.int()).check(z.minLength(1))])
const listSchema = z.array(valueSchema).check(z.minLength(1))

const schemas: Record<string, z.ZodMiniType> = {
  ...sacOptionsSchema.shape,
  ...trainingSchema.shape,
  ...learningRateSchema.shape,
}

/** Settings that trials must have in common, because they would not compare or would not differ otherwise. */
const COMMON = [...NO_PART_OF_EXPERIMENT, 'engine', 'timeLimit']

/**
 * Checks a space of settings.
 * @param settings those of all trials that differ from the preset
 * @throws OptionError that names each fault, its setting and what is allowed
 */
export function parseSpace(
  input: Record<string, unknown>,
  settings: Record<string, unknown>,
  resolve: Resolve,
): Space {
  const faults: string[] = []
  const space: Record<string, Space[string]> = {}
  for (const [name, part] of Object.entries(input)) {
    try {
      requireName(name, settings)
      space[name] = parsePart(name, part)
    } catch (error) {
      if (!(error instanceof OptionError)) throw error
      faults.push(error.message)
    }
  }
  if (faults.length > 0) throw new OptionError(faults.join('\n'))
  requireSpace(space)
  requireValues(space, settings, resolve)
  return space
}

function requireName(name: string, settings: Record<string, unknown>): void {
  const names = Object.keys(schemas).filter(known => !COMMON.includes(known))
  if (COMMON.includes(name)) {
    throw new OptionError(`The setting ${name} cannot be searched: it must be the same in all trials.`)
  }
  if (!names.includes(name)) {
    const meant = nearest(name, names)
    throw new OptionError(
      `There is no setting ${name} to search; ${meant ? `did you mean ${meant}?` : `there are ${names.join(', ')}.`}`,
    )
  }
  if (Object.hasOwn(settings, name)) {
    throw new OptionError(
      `The setting ${name} is in the space, and all trials are to have ${formatValue(settings[name])}; leave out one of the two.`,
    )
  }
}

function parsePart(name: string, part: unknown): Space[string] {
  const list = listSchema.safeParse(part)
  // Lists of sizes are texts, as on the command line, so that other programs can show them.
  if (list.success) {
    return { choices: list.data.map(value => (Array.isArray(value) ? formatValue(value) : value)) }
  }
  if (typeof part !== 'object' || part === null || Array.isArray(part)) {
    throw new OptionError(
      `The space of ${name} is ${JSON.stringify(part)}; it must be a list of values, such as [0.98, 0.99], or a range, ` +
        'such as { low: 0.0001, high: 0.01, log: true }.',
    )
  }
  try {
    const range = parseOptions(rangeSchema, part as Record<string, unknown>)
    return { ...range, step: range.step ?? (takesFractions(name, range) ? undefined : 1) }
  } catch (cause) {
    if (!(cause instanceof OptionError)) throw cause
    throw new OptionError(`The space of ${name}: ${cause.message.replaceAll('\n', ' ')}`, { cause })
  }
}

/** Whether a setting takes any number with a fraction in a range, parts of which may not be allowed. */
const takesFractions = (name: string, { low, high }: Range): boolean =>
  [1, 2, 4, 8, 16].some(part => schemas[name].safeParse(low + (high - low) / (part * Math.PI)).success)

/** Tries each end and each choice alone, and then each two of them, so that no search begins that must fail. */
function requireValues(space: Space, settings: Record<string, unknown>, resolve: Resolve): void {
  const values = Object.entries(space).flatMap(([name, part]) =>
    (isChoices(part) ? part.choices : [part.low, part.high]).map((value): Point => ({ [name]: value })),
  )
  const faultOf = (point: Point): string[] => {
    try {
      resolve({ ...settings, ...settingsOf(point) })
      return []
    } catch (error) {
      if (!(error instanceof OptionError || error instanceof UsageError)) throw error
      const named = Object.entries(point).map(([name, value]) => `${name} ${formatValue(value)}`)
      return [`The space has ${named.join(' and ')}: ${error.message.replaceAll('\n', ' ')}`]
    }
  }
  const alone = values.flatMap(faultOf)
  if (alone.length > 0) throw new OptionError(alone.join('\n'))
  for (const [i, first] of values.entries()) {
    for (const second of values.slice(i + 1)) {
      if (Object.keys(first)[0] === Object.keys(second)[0]) continue
      const [fault] = faultOf({ ...first, ...second })
      if (fault) throw new OptionError(fault)
    }
  }
}

/** A point as settings: texts become what they stand for, such as `64,64` a list. */
export const settingsOf = (point: Point): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(point).map(([name, value]) => {
      const parsed = typeof value === 'string' ? optionValue(schemas[name], value) : undefined
      return [name, parsed ? parsed.value : value]
    }),
  )
