/**
 * `data` in a file of Stable-Baselines3: JSON, in which a table with base64 of a pickle represents what JSON cannot.
 * Next to the pickle the table has the object's attributes as text, which is read wherever it suffices.
 */
import { type SacOptionsInput, sacOptionsSchema } from '../sac/options.ts'
import { excerpt, ModelFileError } from './model-file-error.ts'
import { numpyNumber } from './numpy.ts'
import { readPickle } from './pickle.ts'

export type Table = Record<string, unknown>

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws ModelFileError unless the bytes are a table in JSON; `what` names them */
export function parseData(bytes: Uint8Array, what: string): Table {
  let data: unknown
  try {
    data = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new ModelFileError(`${what} is not JSON: ${(cause as Error).message}.`, { cause })
  }
  if (isTable(data)) return data
  throw new ModelFileError(`${what} is not a table of settings.`)
}

/**
 * What a pickle of Stable-Baselines3 may name: its own objects, spaces, numbers and what environments put into
 * their infos. Nothing of them is called; the list is for refusing by name what no such file holds.
 */
const INERT = [
  /^(?:numpy|gym|gymnasium|stable_baselines3)(?:\.\w+)* \w+$/,
  /^(?:builtins|__builtin__) (?:getattr|set|frozenset|bytearray|complex|slice|range)$/,
  /^(?:_codecs encode|collections (?:deque|defaultdict|Counter)|(?:datetime|pathlib) \w+)$/,
]

/**
 * The value of a pickle that Stable-Baselines3 wrote, with objects as `PickleObject`.
 * @throws ModelFileError if it is damaged, or names what is of none of the libraries
 */
export function readObjects(bytes: Uint8Array, what: string): unknown {
  return readPickle(bytes, what, {
    globals: { 'collections OrderedDict': () => new Map() },
    inert: name => INERT.some(pattern => pattern.test(name)),
    persistent: () => {
      throw new ModelFileError(`${what} refers to something outside it.`)
    },
  })
}

/** The class of an object in `data`, such as `gymnasium.spaces.box.Box`; undefined if it is none, or does not say. */
export function classOf(entry: unknown): string | undefined {
  const type = isTable(entry) ? entry[':type:'] : undefined
  return typeof type === 'string' ? className(type) : undefined
}

/** The name of a class as Python prints it: `<class 'torch.nn.modules.activation.ReLU'>` without the trimmings. */
export const className = (text: string): string => text.replace(/<class '([^']*)'>/g, '$1')

/** A setting for a sentence. What is nested in it is left out: a hostile file nests without end. */
export function shown(entry: unknown): string {
  if (typeof entry === 'string') return excerpt(className(entry))
  const flat = (key: string, value: unknown) => (key === '' || typeof value !== 'object' ? value : '\u2026')
  return excerpt(classOf(entry) ?? String(JSON.stringify(entry, flat)))
}

/** Entries of a table that differ from what is expected, as `name value, name value`; empty if there are none. */
export const listed = (table: unknown, isExpected: (key: string, value: unknown) => boolean): string =>
  Object.entries(isTable(table) ? table : {})
    .filter(([key, value]) => !isExpected(key, value))
    .map(([key, value]) => `${key} ${shown(value)}`)
    .join(', ')

/** Whether an option here can have a value. */
export const isAllowed = (name: keyof SacOptionsInput, value: unknown): boolean =>
  sacOptionsSchema.shape[name].safeParse(value).success

/** The pickled object of an entry of `data`; undefined if there is none, or it has parts that are not read. */
export function pickled(entry: unknown): unknown {
  const text = isTable(entry) ? entry[':serialized:'] : undefined
  if (typeof text !== 'string') return undefined
  try {
    const bytes = Uint8Array.from(atob(text.trim()), character => character.charCodeAt(0))
    return readObjects(bytes, 'A setting')
  } catch {
    // Mostly functions, and classes of the user's own. The caller notes what could not be read.
    return undefined
  }
}

/** A number in `data`: in plain JSON, or a scalar of NumPy; undefined if it is something else. */
export const numberIn = (entry: unknown): number | undefined =>
  typeof entry === 'number' ? entry : numpyNumber(pickled(entry))

export const countIn = (data: Table, name: string) =>
  Number.isSafeInteger(data[name]) ? Math.max(Number(data[name]), 0) : 0
