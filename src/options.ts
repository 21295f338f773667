import type * as z from 'zod'
import { nearest } from './nearest.ts'

/** An option was misspelt or its value is not allowed. The message is one sentence per fault. */
export class OptionError extends Error {
  override name = 'OptionError'
}

/** A documented option: what it means, and which values are allowed (used in error messages and `--help`). */
export const option = <T extends z.ZodType>(type: T, description: string, allowed: string) =>
  type.meta({ description, allowed })

/**
 * Checks options against a schema made of `option`s, and fills in defaults.
 * @throws OptionError naming each faulty option, its value and what is allowed
 */
export function parseOptions<S extends z.ZodObject>(schema: S, input: Record<string, unknown>): z.output<S> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const names = Object.keys(schema.shape)
  const faults = result.error.issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map(name => unknownOption(name, names))
    const name = String(issue.path[0])
    const type: z.ZodType = schema.shape[name]
    return `Option ${name} is ${show(input[name])}; it must be ${type.meta()?.allowed}.`
  })
  throw new OptionError([...new Set(faults)].join('\n'))
}

function unknownOption(name: string, names: readonly string[]): string {
  const near = nearest(name, names)
  return `There is no option ${name}${near ? `; did you mean ${near}?` : '.'}`
}

const show = (value: unknown): string =>
  value === undefined ? 'missing' : typeof value === 'number' ? String(value) : JSON.stringify(value)
