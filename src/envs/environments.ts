import { catalogue } from './catalogue.ts'
import type { EnvEntry } from './entry.ts'
import { registered } from './registry.ts'

/**
 * Everything known about the environments `makeEnv` can make, in the order they were registered.
 * @example
 * for (const { id, summary, options } of environments()) console.log(id, summary, options)
 */
export function environments(): EnvEntry[] {
  return [...registered].map(([id, { about, ...maker }]) => ({
    summary: '',
    ...(about ?? catalogue[id as keyof typeof catalogue]),
    id,
    ...maker,
  }))
}
