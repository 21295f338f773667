/** The header of a safetensors file: what tensors there are, of which type and shape, and where their bytes are. */

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const

/** The types of numbers that are known here, by their names in the format. */
export type TensorType = keyof typeof ARRAYS

/** An array that holds a tensor's numbers, row-major. */
export type TensorData =
  | Float64Array
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array

/** A tensor as the header describes it. */
export interface TensorInfo {
  dtype: TensorType
  shape: number[]
  /** First byte and the one after the last, counted from the end of the header. */
  data_offsets: [begin: number, end: number]
}

/** What a header says: the tensors in the order of their bytes, and texts. */
export interface Header {
  infos: [name: string, TensorInfo][]
  metadata: Record<string, string>
}

/** Bytes that are not a sound safetensors file. Nothing was read from them. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError'
}

/** Bytes in front of the header, with its length. */
export const LENGTH_BYTES = 8
const METADATA = '__metadata__'
const ALIGNMENT = 8
/** The limit of other readers. */
const LONGEST = 100_000_000

/** The name of an array's type in the format; undefined for anything else. */
export function tensorTypeOf(value: unknown): TensorType | undefined {
  const found = Object.entries(ARRAYS).find(([, Type]) => value instanceof Type)
  return found?.[0] as TensorType | undefined
}

/** An array of `length` zeros. */
export const zeros = (type: TensorType, length: number): TensorData => new ARRAYS[type](length)

/** The memory of an array, seen as bytes. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: TensorData): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** Tensors by name, in the order in which their bytes are to follow each other. */
type Tensors = Iterable<readonly [name: string, { shape: readonly number[]; data: TensorData }]>

/**
 * What a header says about tensors that follow it in the given order without gaps.
 * @throws RangeError if a shape does not fit its data, or a tensor has the name of the format's own entry
 */
export function describeTensors(tensors: Tensors): Header['infos'] {
  let end = 0
  return Array.from(tensors, ([name, { shape, data }]) => {
    if (name === METADATA) throw new RangeError(`A tensor cannot be named ${METADATA}.`)
    if (!isShape(shape) || elementsOf(shape) !== data.length) {
      throw new RangeError(`Tensor ${name} has shape [${shape}] but ${data.length} elements.`)
    }
    const begin = end
    end += data.byteLength
    return [name, { dtype: tensorTypeOf(data)!, shape: [...shape], data_offsets: [begin, end] }]
  })
}

/**
 * The bytes of a file up to its first tensor, for tensors that follow in the given order without gaps.
 * @throws RangeError if a shape does not fit its data, or a tensor has the name of the format's own entry
 */
export function encodeHeader(tensors: Tensors, metadata: Record<string, string>): Uint8Array {
  const entries = [[METADATA, metadata] as const, ...describeTensors(tensors)]
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  // Readers that map the file into memory want the tensors aligned.
  const length = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(LENGTH_BYTES + length).fill(0x20)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true)
  bytes.set(json, LENGTH_BYTES)
  return bytes
}

/**
 * Length of the header, from a file's first bytes (at least `LENGTH_BYTES` of them, if it has as many).
 * @throws SafetensorsError if a file of `fileSize` bytes has no room for it
 */
export function decodeHeaderLength(bytes: Uint8Array, fileSize: number): number {
  if (fileSize < LENGTH_BYTES || bytes.length < LENGTH_BYTES) {
    throw new SafetensorsError(`Not a safetensors file, or cut off: it has only ${fileSize} bytes.`)
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(fileSize - LENGTH_BYTES)) {
    throw new SafetensorsError(
      `Not a safetensors file, or cut off: its header should have ${length} bytes, but ${fileSize - LENGTH_BYTES} are there.`,
    )
  }
  if (length > LONGEST) {
    throw new SafetensorsError(
      `Not a safetensors file: its header should have ${length} bytes, more than are allowed.`,
    )
  }
  return Number(length)
}

/**
 * Reads a header.
 * @param json its bytes, without the length in front
 * @param bodySize how many bytes follow it
 * @throws SafetensorsError if it is damaged, of another format or has tensors of a type that is not known here
 */
export function decodeHeader(json: Uint8Array, bodySize: number): Header {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (cause) {
    throw new SafetensorsError('Not a safetensors file, or damaged: its header is not JSON.', { cause })
  }
  if (!isRecord(header)) throw new SafetensorsError('Not a safetensors file: its header is not a table.')
  const { [METADATA]: metadata = {}, ...entries } = header
  if (!isRecord(metadata) || !Object.values(metadata).every(text => typeof text === 'string')) {
    throw new SafetensorsError(`Not a sound safetensors file: ${METADATA} is not a table of texts.`)
  }
  const infos = Object.entries(entries).map(([name, info]): [string, TensorInfo] => [
    name,
    checkInfo(name, info),
  ])
  infos.sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1])
  requireGapless(infos, bodySize)
  return { infos, metadata: metadata as Record<string, string> }
}

function checkInfo(name: string, info: unknown): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = isRecord(info) ? info : {}
  if (typeof dtype !== 'string' || !isShape(shape) || !isShape(offsets) || offsets.length !== 2) {
    throw new SafetensorsError(
      `Damaged safetensors file: tensor ${name} lacks a proper dtype, shape or data_offsets.`,
    )
  }
  if (!Object.hasOwn(ARRAYS, dtype)) {
    const known = Object.keys(ARRAYS).join(', ')
    throw new SafetensorsError(`Tensor ${name} is of type ${dtype}; only ${known} can be read.`)
  }
  const [begin, end] = offsets
  if (end - begin !== elementsOf(shape) * ARRAYS[dtype as TensorType].BYTES_PER_ELEMENT) {
    throw new SafetensorsError(
      `Damaged safetensors file: tensor ${name} [${shape}] has ${end - begin} bytes of data.`,
    )
  }
  return { dtype: dtype as TensorType, shape: [...shape], data_offsets: [begin, end] }
}

/** Every byte belongs to exactly one tensor: overlaps, holes and missing ends are all damage. */
function requireGapless(infos: Header['infos'], size: number): void {
  let end = 0
  for (const [, { data_offsets }] of infos) {
    if (data_offsets[0] !== end) {
      throw new SafetensorsError(
        `Damaged safetensors file: its tensors overlap or leave a hole at byte ${end}.`,
      )
    }
    end = data_offsets[1]
  }
  if (end !== size) {
    throw new SafetensorsError(
      `Cut off or damaged safetensors file: its tensors take ${end} bytes, but ${size} are there.`,
    )
  }
}

const elementsOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isShape = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every(extent => Number.isSafeInteger(extent) && extent >= 0)
