import { isDeepStrictEqual } from 'node:util'

/** Names under which these tables do not all say the same, in the order of the first. */
export function differingNames(tables: readonly Record<string, unknown>[]): string[] {
  const [first = {}, ...others] = tables
  return Object.keys(first).filter(name => others.some(other => !isDeepStrictEqual(first[name], other[name])))
}
