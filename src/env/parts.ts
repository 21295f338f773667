/** Observations in named parts, which agents see as one flat vector. */
import { goalsLast } from '../goals-last.ts'
import type { Vector } from './env.ts'
import { describe, requireVector } from './require.ts'
import { type Box, box } from './spaces.ts'

/** An observation by its parts: a vector for each, flat. */
export type Parts<Name extends string = string> = Readonly<Record<Name, Vector>>

/** A space of observations in parts. */
export interface Dict<Name extends string = string> {
  /** The flat space, for `Env.observationSpace`. */
  readonly space: Box
  /** Names in the order in which their parts follow each other. */
  readonly names: readonly Name[]
  /**
   * One vector of all parts, for `reset` and `step` to return.
   * @throws TypeError for anything but an object
   * @throws RangeError for a part that is missing, unknown, of another length or not of finite numbers
   */
  flatten(parts: Parts<Name>): Float64Array
  /**
   * The parts of a flat observation.
   * @throws RangeError for another length, or numbers that are not finite
   */
  split(observation: Vector): Record<Name, Float64Array>
}

/**
 * Describes observations in named parts, as Gymnasium's `Dict` does. In the flat vector they follow each other by name, in
 * the order of their characters, as Gymnasium sorts them; `achieved_goal` and `desired_goal`, if there are both, come last.
 *
 * @throws RangeError without any part, or for a part that is no box
 * @example
 * const parts = dict({ position: box({ low: -1, high: 1, shape: [2] }), speed: box({ low: 0, high: 5 }) })
 * // observationSpace: parts.space, and in reset() and step():
 * // observation: parts.flatten({ position: [0.1, -0.4], speed: [2] })
 */
export function dict<Name extends string>(spaces: Readonly<Record<Name, Box>>): Dict<Name> {
  const names = goalsLast((Object.keys(spaces ?? {}) as Name[]).sort(byCodePoints))
  if (names.length === 0) throw new RangeError('dict() has no parts: name at least one, each with a box')
  for (const name of names) {
    const { kind }: Partial<Box> = spaces[name] ?? {}
    if (kind === 'box') continue
    throw new RangeError(`part ${name} is ${describe(spaces[name])}: it must be a space made with box()`)
  }
  const all = (bound: 'low' | 'high') => names.flatMap(name => [...spaces[name][bound]])
  const space = box({ low: all('low'), high: all('high') })

  return {
    space,
    names,

    flatten(parts) {
      if (typeof parts !== 'object' || parts === null || Array.isArray(parts) || ArrayBuffer.isView(parts)) {
        throw new TypeError(
          `the observation is ${describe(parts)}: it must be an object with ${names.join(', ')}`,
        )
      }
      const surplus = Object.keys(parts).find(name => !Object.hasOwn(spaces, name))
      if (surplus !== undefined) {
        throw new RangeError(`the observation has a part ${surplus}: the space has ${names.join(', ')}`)
      }
      const flat = new Float64Array(space.size)
      let offset = 0
      for (const name of names) {
        const { size } = spaces[name]
        requireVector(name, parts[name], size)
        for (let i = 0; i < size; i++) flat[offset++] = parts[name][i]
      }
      return flat
    },

    split(observation) {
      requireVector('observation', observation, space.size)
      let offset = 0
      const entries = names.map(name => {
        const part = Float64Array.from({ length: spaces[name].size }, () => observation[offset++])
        return [name, part] as const
      })
      return Object.fromEntries(entries) as Record<Name, Float64Array>
    },
  }
}

/** As Python sorts, whatever the language of the machine. */
function byCodePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const difference = x[i].codePointAt(0)! - y[i].codePointAt(0)!
    if (difference !== 0) return difference
  }
  return x.length - y.length
}
