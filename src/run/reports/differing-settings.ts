import { isDeepStrictEqual } from 'node:util'
import { flattenSettings, parseSettings, type RunSettings } from '../settings.ts'

/** Settings that differ from their defaults, side by side. */
export function changedSettings(settings: RunSettings): Record<string, unknown> {
  const { environment, steps } = settings
  const defaults = flattenSettings(parseSettings({ environment, steps }))
  return Object.fromEntries(
    Object.entries(flattenSettings(settings)).filter(
      ([name, value]) => !isDeepStrictEqual(value, defaults[name]),
    ),
  )
}

/** Names under which these tables do not all say the same, in the order of the first. */
export function differingNames(tables: readonly Record<string, unknown>[]): string[] {
  const [first = {}, ...others] = tables
  return Object.keys(first).filter(name => others.some(other => !isDeepStrictEqual(first[name], other[name])))
}
