import { Option } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { flagName, formatValue, optionValue, parseValue } from '../option-text.ts'
import { aboutOption, defaultOf, innerType, option, requirement } from '../options.ts'
import { UsageError } from '../run/usage-error.ts'

/** A seed that every environment takes; the built-in ones would take larger ones as well. */
export const episodeSeedOption = (description: string) =>
  option(
    z.optional(z.int().check(z.minimum(0), z.maximum(0x7fffffff))),
    description,
    'a whole number from 0 to 2147483647',
  )

/** The flags of all options in a schema, under a heading of the help: `batchSize` becomes `--batch-size <value>`. */
export function flagsFor(schema: z.ZodMiniObject, heading = 'Options:'): Option[] {
  const flags = Object.entries(schema.shape).map(([name, type]) => flagFor(name, type as z.ZodMiniType))
  for (const flag of flags) flag.helpGroup(heading)
  return flags
}

function flagFor(name: string, type: z.ZodMiniType): Option {
  const flag = flagName(name)
  const { description, allowed } = aboutOption(type)
  const preset = defaultOf(type)
  const help = `${description} [${allowed}${preset === undefined ? '' : `; default ${formatValue(preset)}`}]`
  const parse = (text: string) => {
    const result = optionValue(type, text)
    if (result) return result.value
    const { error } = type.safeParse(parseValue(text))
    throw new UsageError(`${flag} is '${text}'; ${requirement(allowed, error?.issues ?? [])}`)
  }
  // Without a value the flag switches it on.
  if (innerType(type) instanceof z.ZodMiniBoolean) {
    return new Option(`${flag} [value]`, help).preset('true').argParser(parse)
  }
  return new Option(`${flag} <value>`, help).argParser(parse)
}
