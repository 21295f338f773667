/** NumPy's format for one array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). */
import { DataError } from './data-error.ts'
import type { Column, Numbers } from './table.ts'

/** More than any observation has, and what one row may take of memory. */
const WIDEST = 2 ** 22

const MAGIC = '\x93NUMPY'

/** Types of numbers, by NumPy's names without the byte order. */
const TYPES: Record<string, { bytes: number; of: (buffer: ArrayBuffer) => Numbers }> = {
  f4: { bytes: 4, of: buffer => new Float32Array(buffer) },
  f8: { bytes: 8, of: buffer => new Float64Array(buffer) },
  b1: { bytes: 1, of: buffer => new Uint8Array(buffer) },
  i1: { bytes: 1, of: buffer => new Int8Array(buffer) },
  u1: { bytes: 1, of: buffer => new Uint8Array(buffer) },
  i2: { bytes: 2, of: buffer => new Int16Array(buffer) },
  u2: { bytes: 2, of: buffer => new Uint16Array(buffer) },
  i4: { bytes: 4, of: buffer => new Int32Array(buffer) },
  u4: { bytes: 4, of: buffer => new Uint32Array(buffer) },
  i8: { bytes: 8, of: buffer => new BigInt64Array(buffer) },
  u8: { bytes: 8, of: buffer => new BigUint64Array(buffer) },
}

/** An array of which the rows are read in their order. */
export interface NpyColumn extends Column {
  rows: number
}

/**
 * Begins to read an array; its first extent counts the rows.
 * @param what names it in errors
 * @throws DataError for bytes that are no such array, or one of a kind that is not read here
 */
export async function openNpy(what: string, pieces: AsyncIterable<Uint8Array>): Promise<NpyColumn> {
  const take = byteReader(what, pieces)
  const start = await take(10)
  if (String.fromCharCode(...start.subarray(0, 6)) !== MAGIC)
    throw new DataError(`${what} is no NumPy array.`)
  const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // From version 2 on, the length has 4 bytes.
  const short = view(start).getUint16(8, true)
  const length = start[6] === 1 ? short : short + 2 ** 16 * view(await take(2)).getUint16(0, true)
  if (length > 2 ** 16) throw new DataError(`${what} is no sound NumPy array: its header is too long.`)
  const header = new TextDecoder().decode(await take(length))
  const [, descr] = /'descr': '([^']*)'/.exec(header) ?? []
  const [, fortran] = /'fortran_order': (True|False)/.exec(header) ?? []
  const [, extents] = /'shape': \(([\d, ]*)\)/.exec(header) ?? []
  if (fortran === undefined || extents === undefined)
    throw new DataError(`${what} is no sound NumPy array: ${header}`)
  const type =
    /^[<|]/.test(descr ?? '') && Object.hasOwn(TYPES, descr.slice(1)) ? TYPES[descr.slice(1)] : undefined
  if (!type) {
    throw new DataError(
      `${what} has numbers of type ${descr ?? 'object'}; save it as float32 or float64, as in array.astype('<f4').`,
    )
  }
  const shape = extents.split(',').flatMap(extent => (extent.trim() === '' ? [] : [Number(extent)]))
  if (shape.length === 0) throw new DataError(`${what} is a single number, not one or more for each row.`)
  if (fortran === 'True' && shape.length > 1) {
    throw new DataError(`${what} is stored column by column; save np.ascontiguousarray of it.`)
  }
  const [rows, ...others] = shape
  const width = others.reduce((product, extent) => product * extent, 1)
  if (width > WIDEST) throw new DataError(`${what} has rows of ${width} numbers, more than ${WIDEST}.`)
  return {
    rows,
    width,
    async next(count) {
      const bytes = await take(count * width * type.bytes)
      // Copied, because the numbers of a view must be aligned.
      return type.of(bytes.slice().buffer as ArrayBuffer)
    },
  }
}

/** Takes bytes from pieces, as many as are wanted each time. */
function byteReader(what: string, pieces: AsyncIterable<Uint8Array>) {
  const source = pieces[Symbol.asyncIterator]()
  let piece: Uint8Array = new Uint8Array(0)
  return async (count: number): Promise<Uint8Array> => {
    if (piece.length >= count) {
      const taken = piece.subarray(0, count)
      piece = piece.subarray(count)
      return taken
    }
    const taken = new Uint8Array(count)
    for (let have = 0; have < count; ) {
      if (piece.length === 0) {
        const { done, value } = await source.next()
        if (done) throw new DataError(`${what} is cut off.`)
        piece = value
        continue
      }
      const part = piece.subarray(0, count - have)
      taken.set(part, have)
      have += part.length
      piece = piece.subarray(part.length)
    }
    return taken
  }
}

/** An array as a file, row-major. */
export function encodeNpy(
  data: Float32Array | Float64Array | Uint8Array,
  shape: readonly number[],
): Uint8Array {
  const descr = data instanceof Float32Array ? '<f4' : data instanceof Float64Array ? '<f8' : '|b1'
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${extents}), }`
  // The numbers begin at a multiple of 64 bytes, behind a line break.
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`
  const bytes = new Uint8Array(10 + padded.length + data.byteLength)
  bytes.set(Array.from(MAGIC, character => character.charCodeAt(0)))
  bytes.set([1, 0, padded.length & 0xff, padded.length >> 8], 6)
  bytes.set(new TextEncoder().encode(padded), 10)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + padded.length)
  return bytes
}
