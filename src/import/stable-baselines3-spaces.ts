/** The spaces in `data` of Stable-Baselines3: boxes that reach the networks as they are, and observations made of them. */
import { ModelFileError } from './model-file-error.ts'
import { numpyArray } from './numpy.ts'
import { PickleObject } from './pickle.ts'
import { classOf, isTable, pickled, type Table } from './stable-baselines3-data.ts'
import { orderOfParts } from './stable-baselines3-parts.ts'

/** Why observations or actions of other kinds are refused. */
const REASONS: Record<string, string> = {
  Tuple: 'there is no order in which to join its parts',
  Discrete: 'Stable-Baselines3 turns each value into a one-hot vector first',
  MultiDiscrete: 'Stable-Baselines3 turns each value into one-hot vectors first',
  MultiBinary: 'here observations and actions are boxes',
}

export interface SpaceSizes {
  /** Numbers of an element; undefined where the file does not say. */
  observationSize?: number
  actionSize?: number
  /** For each number of an observation here its place there; missing if it is the same. */
  order?: number[]
}

/**
 * How many numbers the observations and actions of an agent have.
 * @throws ModelFileError for spaces that are no boxes and observations that are no `Dict` of them, and for images, which Stable-Baselines3 divides by 255
 */
export function spaceSizesIn({ observation_space, action_space }: Table): SpaceSizes {
  requireBox(action_space, 'action')
  if (classOf(observation_space) === 'gymnasium.spaces.dict.Dict') {
    const order = orderOfParts(observation_space)
    return { observationSize: order.length, actionSize: sizeOf(shapeOf(action_space)), order }
  }
  requireBox(observation_space, 'observation')
  const shape = shapeOf(observation_space)
  if (isTable(observation_space) && observation_space.dtype === 'uint8' && shape?.length === 3) {
    throw new ModelFileError(
      `The agent's observations are images of bytes [${shape}], which Stable-Baselines3 divides by 255 and may turn ` +
        'to channels first; give it them as plain vectors of float32.',
    )
  }
  return { observationSize: sizeOf(shape), actionSize: sizeOf(shapeOf(action_space)) }
}

function requireBox(space: unknown, name: string): void {
  const type = classOf(space)
  if (type === undefined || /^(gym|gymnasium)\.spaces\.box\.Box$/.test(type)) return
  const kind = type.slice(type.lastIndexOf('.') + 1)
  const reason = Object.hasOwn(REASONS, kind) ? REASONS[kind] : 'it is not known here'
  throw new ModelFileError(
    `The agent's ${name} space is ${kind} (${type}), not Box: ${reason}. Plain vectors are read, and a Dict of them.`,
  )
}

function shapeOf(space: unknown): number[] | undefined {
  const shape = isTable(space) ? space._shape : undefined
  return Array.isArray(shape) && shape.every(Number.isSafeInteger) ? shape : undefined
}

const sizeOf = (shape: number[] | undefined) => shape?.reduce((product, extent) => product * extent, 1)

/**
 * One end of the bounds of a space: as NumPy prints them, such as `[-1. -1.]`, or where it prints them in part from the
 * pickle next to it.
 * @returns undefined if neither is legible
 */
export function boundsIn(space: unknown, end: 'low' | 'high', size: number): number[] | undefined {
  const text = isTable(space) && typeof space[end] === 'string' ? space[end] : ''
  const printed = (text.match(/[^\s[\]]+/g) ?? []).map(Number)
  const isWhole = (bounds: readonly number[]) => bounds.length === size && bounds.every(Number.isFinite)
  if (isWhole(printed)) return printed
  const object = pickled(space)
  const state = object instanceof PickleObject && object.state instanceof Map ? object.state : undefined
  const stored = numpyArray(state?.get(end))?.values
  return stored && isWhole(stored) ? [...stored] : undefined
}
