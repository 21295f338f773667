/** Observations in parts, a `Dict` of Gymnasium: how a MultiInputPolicy joins them, and how they are joined here. */
import { goalsLast } from '../goals-last.ts'
import { ModelFileError } from './model-file-error.ts'
import { numpyNumber } from './numpy.ts'
import { PickleObject } from './pickle.ts'
import { pickled } from './stable-baselines3-data.ts'

/** No observation is larger, and a file must not be able to claim the memory for it. */
const MOST = 2 ** 20

/**
 * For each number of an observation here, its place in what a MultiInputPolicy reads: parts in the order of the space, which
 * Gymnasium sorts by name. It is the same here except that goals come last.
 * @throws ModelFileError for parts that are not read: of other kinds than Box and Discrete, and pictures
 */
export function orderOfParts(space: unknown): number[] {
  const parts = attribute(pickled(space), 'spaces')
  if (!(parts instanceof Map) || parts.size === 0) {
    throw new ModelFileError("The parts of the agent's observation space, a Dict, are not legible.")
  }
  const places = new Map<string, number[]>()
  let next = 0
  for (const [key, part] of parts) {
    const size = sizeOfPart(String(key), part)
    if (next + size > MOST)
      throw new ModelFileError(`The agent's observations have more than ${MOST} numbers.`)
    places.set(
      String(key),
      Array.from({ length: size }, () => next++),
    )
  }
  return goalsLast([...places.keys()]).flatMap(key => places.get(key)!)
}

const attribute = (object: unknown, name: string): unknown =>
  object instanceof PickleObject && object.state instanceof Map ? object.state.get(name) : undefined

/** Numbers of a part; a choice has one, 0 or 1, for each of its values, there as here. */
function sizeOfPart(key: string, part: unknown): number {
  const type = part instanceof PickleObject ? part.callee : ''
  const size = /^(gym|gymnasium)\.spaces\.discrete Discrete$/.test(type)
    ? numberOf(attribute(part, 'n'))
    : /^(gym|gymnasium)\.spaces\.box Box$/.test(type)
      ? sizeOfBox(key, part)
      : undefined
  if (size !== undefined && Number.isSafeInteger(size) && size > 0 && size <= MOST) return size
  throw new ModelFileError(
    `The part ${JSON.stringify(key)} of the agent's observations is ${type.split(' ').pop() || 'not legible'}: only Box ` +
      'and Discrete are read as parts of a Dict.',
  )
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : numpyNumber(value))

function sizeOfBox(key: string, part: unknown): number | undefined {
  const shape = attribute(part, '_shape')
  if (!Array.isArray(shape) || !shape.every(Number.isSafeInteger)) return undefined
  const type = attribute(part, 'dtype')
  if (shape.length === 3 && type instanceof PickleObject && type.args[0] === 'u1') {
    throw new ModelFileError(
      `The part ${JSON.stringify(key)} of the agent's observations is a picture [${shape}], and pixels are not supported.`,
    )
  }
  return shape.reduce((product, extent) => product * extent, 1)
}
