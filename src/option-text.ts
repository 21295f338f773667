import type * as z from 'zod/mini'

/** The value of an option that a text means: itself where the type takes it, else a list separated by commas; undefined if it takes neither. */
export function optionValue(type: z.ZodMiniType, text: string): { value: unknown } | undefined {
  const single = type.safeParse(parseValue(text))
  const result = single.success ? single : type.safeParse(parseValue(text, true))
  return result.success ? { value: result.data } : undefined
}

/** A number or truth value where the text is one, else the text itself; with `list` a list of such, separated by commas. */
export function parseValue(text: string, list = false): unknown {
  if (list) return text.split(',').map(part => parseValue(part.trim()))
  if (text === 'true' || text === 'false') return text === 'true'
  // Number('') is 0, and 'Infinity' and 'NaN' stay text, which no option for numbers takes.
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** A value as it is written in a text; a table as JSON; a dash for a missing option. */
export function formatValue(value: unknown): string {
  if (value === undefined) return '-'
  if (Array.isArray(value) && value.every(item => typeof item !== 'object')) return value.join()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
/** `batchSize` -> `--batch-size`. */
export const flagName = (name: string) =>
  `--${name.replace(/[A-Z]/g, capital => `-${capital.toLowerCase()}`)}`
