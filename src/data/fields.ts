/** The fields of a transition, by the names that files give them, and what they must hold. */
import type { Vector } from '../env/env.ts'
import { requireFlag, requireNumber, requireVector } from '../env/require.ts'
import type { Spaces } from '../env/spaces.ts'
import { requireWithin } from '../env/within.ts'
import type { Transition } from '../replay/transition.ts'
import { DataError } from './data-error.ts'

/** The names of each field: ours first, then those of Gymnasium's, Minari's and D4RL's files. */
export const FIELDS = {
  observation: ['observation', 'observations', 'obs'],
  action: ['action', 'actions'],
  reward: ['reward', 'rewards'],
  nextObservation: [
    'nextObservation',
    'next_observation',
    'nextObservations',
    'next_observations',
    'nextObs',
    'next_obs',
  ],
  terminated: ['terminated', 'terminations', 'termination', 'terminals', 'terminal'],
  truncated: ['truncated', 'truncations', 'truncation', 'timeouts', 'timeout'],
} as const

export type Field = keyof typeof FIELDS

/** What a file calls each field; `truncated` may be missing. */
export type FieldNames = Record<Exclude<Field, 'truncated'>, string> & { truncated?: string }

/** A transition as it stands in a file, still to be checked. */
export interface Row {
  /** Its number, counted from 1; or where it is, in words. */
  place: number | string
  values: Record<Field, unknown>
}

/**
 * Finds out what a file calls each field.
 * @param optional fields that may be missing
 * @throws DataError if one is missing, or there under two names
 */
export function fieldNames(
  where: string,
  names: readonly string[],
  optional: readonly Field[] = ['truncated'],
): FieldNames {
  const found: Partial<Record<Field, string>> = {}
  for (const field of Object.keys(FIELDS) as Field[]) {
    const known = FIELDS[field].filter(name => names.includes(name))
    if (known.length > 1) throw new DataError(`${where} has both ${known.join(' and ')}: leave one of them.`)
    if (known.length === 0 && !optional.includes(field)) throw new DataError(missing(where, field, names))
    if (known.length === 1) found[field] = known[0]
  }
  return found as FieldNames
}

function missing(where: string, field: Field, names: readonly string[]): string {
  const done = names.find(name => ['done', 'dones'].includes(name))
  if (field === 'terminated' && done !== undefined) {
    return (
      `${where} has ${done}, which does not say whether the task itself ended or time ran out. Give it terminated and ` +
      'truncated instead: only after a terminated step is there nothing more to earn.'
    )
  }
  const there = names.length > 0 ? `there is ${names.join(', ')}` : 'it is empty'
  return `${where} has no ${FIELDS[field].slice(0, 2).join(' or ')}; ${there}.`
}

/** Checks rows, and makes transitions of them. */
export type RowCheck = (row: Row, names: FieldNames) => Transition

/**
 * Checks each row against the spaces or, without any, against the sizes of the first row.
 * @param file its name, for errors
 */
export function createRowCheck(file: string, spaces: Spaces | undefined): RowCheck {
  let observationSize = spaces?.observationSpace.size
  let actionSize = spaces?.actionSpace.size

  return ({ place, values }, names) => {
    const action = vector(values.action)
    const observation = vector(values.observation)
    const nextObservation = vector(values.nextObservation)
    const { reward, terminated, truncated = false } = values
    observationSize ??= observation?.length ?? 0
    actionSize ??= action?.length ?? 0
    try {
      requireVector(names.observation, observation, observationSize)
      requireVector(names.action, action, actionSize)
      requireNumber(names.reward, reward)
      requireVector(names.nextObservation, nextObservation, observationSize)
      requireFlag(names.terminated, terminated)
      requireFlag(names.truncated ?? 'truncated', truncated)
      if (spaces) requireWithin(names.action, spaces.actionSpace, action)
    } catch (cause) {
      const where = typeof place === 'number' ? `row ${place}` : place
      throw new DataError(`${file}, ${where}: ${(cause as Error).message}.`, { cause })
    }
    return { observation, action, reward, nextObservation, terminated, truncated } as Transition
  }
}

/** A number counts as a vector of one. */
const vector = (value: unknown): Vector | undefined =>
  typeof value === 'number' ? [value] : isVector(value) ? value : undefined

const isVector = (value: unknown): value is Vector => Array.isArray(value) || ArrayBuffer.isView(value)
