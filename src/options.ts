import * as z from 'zod/mini'
import { optionElsewhere } from './elsewhere.ts'
import { describe } from './env/require.ts'
import { nearest } from './nearest.ts'

/** An option was misspelt or its value is not allowed. The message is one sentence per fault. */
export class OptionError extends Error {
  override name = 'OptionError'
}

/** A documented option: `description` says what it means, in `--help`; `allowed` which values it takes, there and in errors. */
export const option = <T extends z.ZodMiniType>(type: T, description: string, allowed: string): T =>
  type.check(z.meta({ description, allowed }))

/** What an `option` says of itself. */
export const aboutOption = (type: z.core.$ZodType) =>
  z.globalRegistry.get(type) as { description: string; allowed: string }

/** The same options, all of them optional and without defaults. */
export const withoutDefaults = (shape: z.ZodMiniObject['shape']): Record<string, z.ZodMiniType> =>
  Object.fromEntries(
    Object.entries(shape).map(([name, type]) => {
      const { description, allowed } = aboutOption(type)
      return [name, option(z.optional(innerType(type)), description, allowed)]
    }),
  )

/** A type without its default. */
export const innerType = (type: z.core.$ZodType): z.core.$ZodType =>
  type instanceof z.ZodMiniDefault ? type.def.innerType : type

/** The default of an option, or undefined. */
export const defaultOf = (type: z.core.$ZodType): unknown =>
  type instanceof z.ZodMiniDefault ? type.def.defaultValue : undefined

/** What a value must be, and if it is a number too large or too small for that, the bound: `allowed` may not name it. */
export function requirement(allowed: string, issues: readonly z.core.$ZodIssue[]): string {
  const all = issues.flatMap(issue => (issue.code === 'invalid_union' ? issue.errors.flat() : [issue]))
  const beyond = all.find(issue => issue.code === 'too_big')
  const bound = beyond && !allowed.includes(String(beyond.maximum)) ? `, at most ${beyond.maximum}` : ''
  return `it must be ${allowed}${bound}.`
}

/**
 * Checks options against a schema made of `option`s, and fills in defaults.
 * @throws OptionError naming each faulty option, its value and what is allowed
 */
export function parseOptions<S extends z.ZodMiniObject>(
  schema: S,
  input: Record<string, unknown>,
): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const names = Object.keys(schema.shape)
  const faults = result.error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map(name => unknownOption(name, names))
    const name = String(issue.path[0])
    return `Option ${name} is ${show(input[name])}; ${requirement(aboutOption(schema.shape[name]).allowed, [issue])}`
  })
  throw new OptionError([...new Set(faults)].join('\n'))
}

/**
 * Throws unless options are an object, all of whose names are known: plain JavaScript does not notice a misspelt one.
 * @param call what takes them, such as `train`
 * @throws OptionError that names each unknown option and what was likely meant
 */
export function requireOptions(call: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new OptionError(`${call} takes its options as an object, not ${describe(options)}.`)
  }
  const faults = Object.keys(options).filter(name => !known.includes(name))
  if (faults.length === 0) return
  throw new OptionError(
    faults.map(name => `${unknownOption(name, known)} ${call} takes ${known.join(', ')}.`).join('\n'),
  )
}

function unknownOption(name: string, names: readonly string[]): string {
  const { name: meant = nearest(name, names), note } = optionElsewhere(name, names) ?? {}
  if (meant === undefined) return `There is no option ${name}.`
  return `There is no option ${name}; did you mean ${meant}?${note ? ` Note: ${note}.` : ''}`
}

const LONGEST = 200

function show(value: unknown): string {
  if (value === undefined) return 'missing'
  if (typeof value === 'number') return String(value)
  if (!nestsWithin(value, 20)) return 'nested too deeply to be shown'
  const text = JSON.stringify(value) ?? typeof value
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
}

/** Whether tables and lists are nested at most `depth` deep: JSON.stringify and others crash on deep ones. */
export function nestsWithin(value: unknown, depth: number): boolean {
  // Level by level, each table or list once: a value may also contain itself.
  let level = new Set([value].filter(isNested))
  for (let i = 0; i < depth && level.size > 0; i++) {
    level = new Set([...level].flatMap(nested => Object.values(nested).filter(isNested)))
  }
  return level.size === 0
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null
