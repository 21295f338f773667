/** NumPy's arrays and scalars, as a pickle whose calls are not made (`PickleObject`) describes them. */
import { PickleObject } from './pickle.ts'

/** Some numbers and their shape: empty for one number. */
export interface NumpyArray {
  shape: readonly number[]
  values: readonly number[]
}

/** Bytes of a number, and how to read it, by NumPy's name of the type. */
const TYPES: Record<string, { size: number; read(view: DataView, offset: number): number }> = {
  f4: { size: 4, read: (view, offset) => view.getFloat32(offset, true) },
  f8: { size: 8, read: (view, offset) => view.getFloat64(offset, true) },
  i4: { size: 4, read: (view, offset) => view.getInt32(offset, true) },
  i8: { size: 8, read: (view, offset) => Number(view.getBigInt64(offset, true)) },
}

/** Where NumPy 1 and 2 keep the functions that restore an array. */
const isCall = (value: unknown, name: string): value is PickleObject =>
  value instanceof PickleObject && value.callee.replace(/^numpy\._core\./, 'numpy.core.') === name

/**
 * The numbers of a pickled array, of a scalar, or a plain number.
 * @returns undefined if it is something else, or of a type that is not read: complex, big-endian, in columns
 */
export function numpyArray(value: unknown): NumpyArray | undefined {
  if (typeof value === 'number') return { shape: [], values: [value] }
  if (isCall(value, 'numpy.core.multiarray scalar')) {
    const [type, data] = value.args
    return decode([], type, data)
  }
  if (isCall(value, 'numpy.core.numeric _frombuffer')) {
    const [data, type, shape, order] = value.args
    return order === 'C' ? decode(shape, type, data) : undefined
  }
  if (isCall(value, 'numpy.core.multiarray _reconstruct') && Array.isArray(value.state)) {
    const [, shape, type, isInColumns, data] = value.state
    return isInColumns === false ? decode(shape, type, data) : undefined
  }
  return undefined
}

/** A single number: plain, a scalar, or an array without axes. */
export function numpyNumber(value: unknown): number | undefined {
  const array = numpyArray(value)
  return array?.shape.length === 0 ? array.values[0] : undefined
}

function decode(shape: unknown, type: unknown, data: unknown): NumpyArray | undefined {
  if (!isCall(type, 'numpy dtype') || !Array.isArray(shape)) return undefined
  const [name] = type.args
  const [, byteOrder] = Array.isArray(type.state) ? type.state : []
  const bytes = bytesOf(data)
  if (typeof name !== 'string' || !Object.hasOwn(TYPES, name) || byteOrder !== '<' || !bytes) return undefined
  const { size, read } = TYPES[name]
  const count = shape.reduce((product, extent) => product * Number(extent), 1)
  if (bytes.length !== count * size) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return { shape, values: Array.from({ length: count }, (_, i) => read(view, i * size)) }
}

/** Bytes; the protocols before 3 have them as text that is to be encoded in Latin-1. */
function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof Uint8Array) return data
  if (!isCall(data, '_codecs encode')) return undefined
  const [text, encoding] = data.args
  if (typeof text !== 'string' || encoding !== 'latin1') return undefined
  return Uint8Array.from(text, character => character.charCodeAt(0))
}
