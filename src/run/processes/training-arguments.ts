import { flagName, formatValue } from '../../option-text.ts'

/**
 * Settings as arguments of `sac`, the command included, as people would write them.
 * @param settings side by side; those that are undefined are left out
 */
export function trainingArguments(settings: Record<string, unknown>): string[] {
  const { environment, environmentOptions = {}, ...rest } = settings
  const named = Object.entries(rest).filter(([, value]) => value !== undefined)
  const flags = named.flatMap(([name, value]) => [flagName(name), formatValue(value)])
  const options = Object.entries(environmentOptions as Record<string, unknown>).flatMap(([name, value]) => [
    '--env-option',
    `${name}=${typeof value === 'string' && PLAIN.test(value) ? value : inOneLine(value)}`,
  ])
  return ['train', String(environment), ...flags, ...options]
}

/** A text that is not taken for anything else where it stands without quotation marks. */
const PLAIN = /^(?!(?:true|false|null|Infinity)$)[A-Za-z/][\w./:-]*$/

/** A value as YAML has it in one line. JSON has no infinite numbers. */
function inOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`
  if (!(value instanceof Object)) return typeof value === 'number' ? String(value) : JSON.stringify(value)
  const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${inOneLine(each)}`)
  return `{${entries.join(', ')}}`
}
