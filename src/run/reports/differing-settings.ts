import { isDeepStrictEqual } from 'node:util'
import { flattenSettings, parseSettings, type RunSettings } from '../settings.ts'

/** Settings that differ from the defaults of their member of the family, side by side. */
export function changedSettings(settings: RunSettings): Record<string, unknown> {
  const { environment, steps, options } = settings
  const defaults: Record<string, unknown> = { ...defaultsOf(options.algorithm), environment, steps }
  return Object.fromEntries(
    Object.entries(flattenSettings(settings)).filter(([name, value]) =>
      name === 'algorithm' ? value !== 'sac' : !isDeepStrictEqual(value, defaults[name]),
    ),
  )
}

const known = new Map<string, Record<string, unknown>>()

/** Worked out once, because a table may have a thousand runs. */
function defaultsOf(algorithm: string): Record<string, unknown> {
  const defaults =
    known.get(algorithm) ?? flattenSettings(parseSettings({ environment: '', steps: 1, algorithm }))
  known.set(algorithm, defaults)
  return defaults
}

/** Names under which these tables do not all say the same, in the order of their first appearance. */
export function differingNames(tables: readonly Record<string, unknown>[]): string[] {
  const [first = {}, ...others] = tables
  const names = new Set(tables.flatMap(table => Object.keys(table)))
  return [...names].filter(name => others.some(other => !isDeepStrictEqual(first[name], other[name])))
}
