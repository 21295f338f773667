/**
 * The gate for numbers from outside: what environments, callers and files give, checked as it is.
 * Nothing is converted, because null would become 0, '7' the number 7 and [1] the number 1.
 */
import type { Vector } from './env.ts'

/**
 * Throws unless `vector` is `size` numbers that stay finite in float32 (up to 3.4e38 in magnitude).
 * @param what names it in the error, as in "the observation has 2 elements" and "observation[1] is NaN"
 * @throws RangeError naming `what`, the element and its value
 */
export function requireVector(what: string, vector: Vector | undefined, size: number): void {
  if (vector?.length !== size) {
    throw new RangeError(`the ${what} has ${vector?.length ?? 'no'} elements, not ${size}`)
  }
  for (let i = 0; i < size; i++) {
    const value: unknown = vector[i]
    if (!isFiniteFloat32(value)) throw new RangeError(`${what}[${i}] is ${faultOf(value)}`)
  }
}

/**
 * Throws unless `value` is a number that stays finite in float32.
 * @throws RangeError naming `what` and the value
 */
export function requireNumber(what: string, value: unknown): void {
  if (!isFiniteFloat32(value)) throw new RangeError(`the ${what} is ${faultOf(value)}`)
}

/**
 * Throws unless `value` is true or false: 'false' would count as true, and a missing value as false.
 * @throws TypeError naming `what` and the value
 */
export function requireFlag(what: string, value: unknown): void {
  if (typeof value !== 'boolean') throw new TypeError(`${what} is ${describe(value)}, neither true nor false`)
}

/** What others call the parts of a step. */
const OTHER_NAMES = {
  observation: ['obs', 'state', 'ob'],
  action: ['act', 'actions'],
  reward: ['rew', 'rewards'],
  nextObservation: ['nextObs', 'next_obs', 'next_observation', 'nextState', 'next_state'],
  terminated: ['done', 'terminal', 'isDone', 'dones', 'is_terminal'],
} as const

/**
 * Throws if a part of a step is missing that is there by another name, or if the parts are a list.
 * @param what such as `the transition`
 * @throws TypeError that says how to name it
 */
export function requireNames(
  what: string,
  step: unknown,
  names: readonly (keyof typeof OTHER_NAMES)[],
): void {
  if (Array.isArray(step)) {
    throw new TypeError(`${what} is a list; it must be an object { ${names.join(', ')}, truncated }`)
  }
  if (typeof step !== 'object' || step === null)
    throw new TypeError(`${what} is ${describe(step)}, not an object`)
  for (const name of names) {
    if (name in step) continue
    const other = OTHER_NAMES[name].find(other => other in step)
    if (other === undefined) continue
    const note = name === 'terminated' ? ', and true for truncated if the episode was only cut off' : ''
    throw new TypeError(`${what} has no ${name}, but ${other}: name it ${name}${note}`)
  }
}

/** Whether a value is a number that stays finite in float32. */
export const isFiniteFloat32 = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(Math.fround(value))

/** What keeps a value from being finite in float32, with the value itself. */
export function faultOf(value: unknown): string {
  if (typeof value !== 'number') return `${describe(value)}, not a number`
  return `${value}, not finite${Number.isFinite(value) ? ' in float32, which ends at 3.4e38' : ''}`
}

/** A value in few words. */
export function describe(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (typeof value === 'string') return `'${value}'`
  return typeof value === 'object' && value !== null
    ? `an ${Array.isArray(value) ? 'array' : 'object'}`
    : String(value)
}
