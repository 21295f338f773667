/**
 * Actions in the form in which they are learned from, their code: of a box within [-1, 1], of a discrete space one number
 * that counts all of its actions from 0.
 */
import type { Random } from '../random.ts'
import { fromUnitAction, requireBounded, toUnitAction } from './action-scaling.ts'
import { actionAt, type Discrete, indexOfAction } from './discrete.ts'
import type { Vector } from './env.ts'
import type { ActionSpace, Box } from './spaces.ts'

/** Actions of which each has an output of its own: more would make networks of outputs alone. */
const MOST_ACTIONS = 4096

/** Numbers in an action's code. */
export const codeSize = (space: ActionSpace): number => (space.kind === 'discrete' ? 1 : space.size)

/** What a policy decides about: the numbers in an action, or of how many actions it takes one. */
export const decisionSize = (space: ActionSpace): number => (space.kind === 'discrete' ? space.n : space.size)

/** The smallest and the largest value of each number of an action. */
export function boundsOf(space: ActionSpace): { low: number[]; high: number[] } {
  if (space.kind === 'box') return { low: [...space.low], high: [...space.high] }
  return { low: [...space.start], high: space.nvec.map((n, i) => space.start[i] + n - 1) }
}

/**
 * From the environment's units to the code.
 * @param out receives the result; may be `action` itself
 * @throws RangeError for an action that is none of a discrete space's
 */
export function encodeAction(space: ActionSpace, action: Vector, out: Float32Array): Float32Array {
  if (space.kind === 'box') return toUnitAction(space, action, out)
  out[0] = indexOfAction(space, action)
  return out
}

/**
 * From the code to the environment's units.
 * @param out receives the result; may be `code` itself
 */
export const decodeAction = (space: ActionSpace, code: Vector, out: Float32Array): Float32Array =>
  space.kind === 'box' ? fromUnitAction(space, code, out) : actionAt(space, code[0], out)

/** The code of an action of which each is equally likely. */
export const drawCode = (space: ActionSpace, random: Random): Float32Array =>
  space.kind === 'box'
    ? random.fillUniform(new Float32Array(space.size), -1, 1)
    : Float32Array.of(random.integer(space.n))

/** An action, in the environment's units, of which each is equally likely. Bounds of a box must be finite. */
export function drawAction(space: ActionSpace, random: Random): Float32Array {
  if (space.kind === 'discrete') {
    return Float32Array.from(space.nvec, (n, i) => space.start[i] + random.integer(n))
  }
  const { low, high, size } = space
  return Float32Array.from({ length: size }, (_, i) => random.uniform(low[i], high[i]))
}

/**
 * Throws unless an agent can act in a space.
 * @throws RangeError for a box whose bounds are not finite, a discrete space that is too large or not made with
 * `discrete`, and for spaces of other kinds
 */
export function requireActionSpace(space: ActionSpace): void {
  if (space?.kind === 'box') requireBounded(space)
  else {
    const other = space?.kind !== 'discrete'
    const fault = other ? aboutOtherSpace((space as Box | undefined)?.kind) : faultOfDiscrete(space)
    if (fault) throw new RangeError(fault)
  }
}

/** What is wrong with a discrete action space, if anything is. */
export function faultOfDiscrete({ n, nvec, start, size }: Discrete): string | undefined {
  const isSound =
    Array.isArray(nvec) &&
    nvec.length === size &&
    start?.length === size &&
    nvec.every(count => Number.isInteger(count) && count >= 1) &&
    n === nvec.reduce((product, count) => product * count, 1)
  if (!isSound)
    return 'The action space was not made with discrete(n) or multiDiscrete(nvec): make it with one of them.'
  if (n <= MOST_ACTIONS) return undefined
  return (
    `The action space has ${n} actions${size > 1 ? `, because each combination of its ${size} numbers is one` : ''}; ` +
    `at most ${MOST_ACTIONS} can be chosen from. Give it fewer choices, or a box whose numbers the environment rounds.`
  )
}

/** Why a space of another kind is not taken. */
export const aboutOtherSpace = (kind: unknown): string =>
  `The action space is of kind ${String(kind)}; it must be made with box() for real numbers, discrete() for one choice or ` +
  'multiDiscrete() for several. A list of switches is multiDiscrete with 2 choices for each. Numbers and choices together are not supported: ' +
  'make the choices numbers that the environment rounds, or the numbers choices.'
