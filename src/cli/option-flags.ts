import { Option } from '@commander-js/extra-typings'
import * as z from 'zod'
import { UsageError } from '../run/usage-error.ts'

/** A seed that every environment takes; the built-in ones would take larger ones as well. */
export const episodeSeedOption = (description: string) =>
  z.int().min(0).max(0x7fffffff).optional().meta({
    description,
    allowed: 'a whole number from 0 to 2147483647',
  })

/** The flags of all options in a schema, under a heading of the help: `batchSize` becomes `--batch-size <value>`. */
export function flagsFor(schema: z.ZodObject, heading = 'Options:'): Option[] {
  const flags = Object.entries(schema.shape).map(([name, type]) => flagFor(name, type as z.ZodType))
  for (const flag of flags) flag.helpGroup(heading)
  return flags
}

function flagFor(name: string, type: z.ZodType): Option {
  const flag = flagName(name)
  const { description, allowed } = type.meta() as { description: string; allowed: string }
  const preset = defaultOf(type)
  const help = `${description} [${allowed}${preset === undefined ? '' : `; default ${formatValue(preset)}`}]`
  const parse = (text: string) => {
    const single = type.safeParse(parseValue(text))
    const result = single.success ? single : type.safeParse(parseValue(text, true))
    if (!result.success) throw new UsageError(`${flag} is '${text}'; it must be ${allowed}.`)
    return result.data
  }
  // Without a value the flag switches it on.
  if (inner(type) instanceof z.ZodBoolean) {
    return new Option(`${flag} [value]`, help).preset('true').argParser(parse)
  }
  return new Option(`${flag} <value>`, help).argParser(parse)
}

/** `batchSize` -> `--batch-size`. */
export const flagName = (name: string) =>
  `--${name.replace(/[A-Z]/g, capital => `-${capital.toLowerCase()}`)}`

/** A value as it is written after its flag; a table, which has no flag, as JSON; a dash for a missing option. */
export function formatValue(value: unknown): string {
  if (value === undefined) return '-'
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return value.join()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** A number or truth value where the text is one, else the text itself; with `list` a list of such, separated by commas. */
export function parseValue(text: string, list = false): unknown {
  if (list) return text.split(',').map(part => parseValue(part.trim()))
  if (text === 'true' || text === 'false') return text === 'true'
  // Number('') is 0, and 'Infinity' and 'NaN' stay text, which no option for numbers takes.
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

const inner = (type: z.ZodType) => (type instanceof z.ZodDefault ? type.unwrap() : type)

const defaultOf = (type: z.ZodType) => (type instanceof z.ZodDefault ? type.parse(undefined) : undefined)
