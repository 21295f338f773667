/** The gate for environments and spaces from outside: plain JavaScript passes anything. */

import type { Env } from './env.ts'
import { describe } from './require.ts'
import type { Spaces } from './spaces.ts'

/**
 * Throws unless `spaces` is an environment, or anything with its two spaces.
 * @param call what was called, for the message, such as `SAC.create`
 * @throws TypeError that says what it is and what to pass
 */
export function requireSpaces(call: string, spaces: unknown): asserts spaces is Spaces {
  const wanted = `${call} takes an environment`
  if (spaces === undefined) throw new TypeError(`${wanted}, but nothing was passed: ${call}(env, ...).`)
  if (typeof spaces === 'string') {
    throw new TypeError(`${wanted}, not '${spaces}': make it first, by await makeEnv('${spaces}').`)
  }
  if (typeof spaces !== 'object' || spaces === null) {
    throw new TypeError(`${wanted}, not ${describe(spaces)}.`)
  }
  if ('then' in spaces) {
    throw new TypeError(`${wanted}, not a promise of one: await it first, as in await makeEnv(id).`)
  }
  for (const name of ['observationSpace', 'actionSpace'] as const) requireSpace(wanted, name, spaces)
}

/**
 * Throws unless `env` is an environment.
 * @throws TypeError that says what it lacks
 */
export function requireEnv(call: string, env: unknown): asserts env is Env {
  requireSpaces(call, env)
  for (const name of ['reset', 'step'] as const) {
    const method: unknown = (env as Partial<Env>)[name]
    if (typeof method === 'function') continue
    throw new TypeError(
      `${call} takes an environment, but this one's ${name} is ${describe(method)}, not a function.`,
    )
  }
}

function requireSpace(wanted: string, name: 'observationSpace' | 'actionSpace', spaces: object): void {
  const space: unknown = (spaces as Record<string, unknown>)[name]
  const example = `make it by box({ low: -1, high: 1, shape: [3] })`
  if (typeof space !== 'object' || space === null) {
    throw new TypeError(`${wanted}, but the ${name} of this one is ${describe(space)}: ${example}.`)
  }
  const { kind, low, high, size } = space as Record<string, unknown>
  if (kind === undefined) {
    throw new TypeError(`${wanted}, but the ${name} of this one is a plain object: ${example}.`)
  }
  if (kind !== 'box') return
  const sound =
    low instanceof Float32Array &&
    high instanceof Float32Array &&
    [low.length, high.length].every(length => length === size && length > 0)
  if (!sound) {
    throw new TypeError(
      `${wanted}, but the ${name} of this one is a box whose bounds are not Float32Arrays of its size: ${example}.`,
    )
  }
}
