/**
 * The safetensors format: 8 bytes with the header's length (little-endian), a header in JSON (each tensor's type,
 * shape and place; texts of one's own under `__metadata__`), then the tensors' bytes. Python and numpy read it too.
 */
import { crc32 } from './crc32.ts'

/** Float32 tensors by name, row-major. */
export type NamedTensors = Record<string, { shape: readonly number[]; data: Float32Array }>

/** Bytes that are not a sound safetensors file. Nothing was read from them. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError'
}

/** What `decodeSafetensors` finds. */
export interface DecodedTensors {
  tensors: NamedTensors
  metadata: Record<string, string>
}

interface TensorInfo {
  dtype: string
  shape: number[]
  /** First byte and the one behind the last, counted from the end of the header. */
  data_offsets: [begin: number, end: number]
}

const METADATA = '__metadata__'
/** The format has no checksum of its own, so a flipped bit would pass for another weight. */
const CHECKSUM = 'crc32'
const LENGTH_BYTES = 8
const ALIGNMENT = 8

/**
 * Float32 tensors, and texts such as settings, as the bytes of a file.
 * The metadata also receives the checksum `crc32` of the tensors' bytes, which `decodeSafetensors` verifies.
 *
 * @throws RangeError if a shape does not fit its data, or a name is one that the format keeps for itself
 */
export function encodeSafetensors(tensors: NamedTensors, metadata: Record<string, string> = {}): Uint8Array {
  if (Object.hasOwn(tensors, METADATA)) throw new RangeError(`A tensor cannot be named ${METADATA}.`)
  if (Object.hasOwn(metadata, CHECKSUM))
    throw new RangeError(`The metadata cannot have an entry ${CHECKSUM}.`)

  let size = 0
  const infos = Object.entries(tensors).map(([name, { shape, data }]): [string, TensorInfo] => {
    if (!isShape(shape) || elementsOf(shape) !== data.length) {
      throw new RangeError(`Tensor ${name} has shape [${shape}] but ${data.length} elements.`)
    }
    const begin = size
    size += data.byteLength
    return [name, { dtype: 'F32', shape: [...shape], data_offsets: [begin, size] }]
  })
  const body = new Uint8Array(size)
  Object.values(tensors).forEach(({ data }, i) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    body.set(bytes, infos[i][1].data_offsets[0])
  })

  const texts = { ...metadata, [CHECKSUM]: String(crc32(body)) }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries([[METADATA, texts], ...infos])))
  // Readers that map the file into memory want the tensors aligned.
  const headerLength = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT
  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + size).fill(0x20, 0, LENGTH_BYTES + headerLength)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.set(json, LENGTH_BYTES)
  bytes.set(body, LENGTH_BYTES + headerLength)
  return bytes
}

/**
 * Reads what `encodeSafetensors`, or any other writer of float32 tensors, wrote. The tensors are copies.
 * @throws SafetensorsError for bytes that are cut off, damaged, of another format or of another type than F32
 */
export function decodeSafetensors(bytes: Uint8Array): DecodedTensors {
  const { header, body } = split(bytes)
  const { [METADATA]: texts = {}, ...entries } = header
  if (!isRecord(texts) || !Object.values(texts).every(text => typeof text === 'string')) {
    throw new SafetensorsError(`Not a sound safetensors file: ${METADATA} is not a table of texts.`)
  }
  const infos = Object.entries(entries).map(([name, info]): [string, TensorInfo] => [
    name,
    checkInfo(name, info),
  ])
  requireGapless(infos, body.length)

  const { [CHECKSUM]: checksum, ...metadata } = texts as Record<string, string>
  if (checksum !== undefined && checksum !== String(crc32(body))) {
    throw new SafetensorsError('The safetensors file is damaged: its tensors do not match their checksum.')
  }
  const tensors = infos.map(
    ([
      name,
      {
        shape,
        data_offsets: [begin, end],
      },
    ]) => {
      return [
        name,
        { shape, data: new Float32Array(new Uint8Array(body.subarray(begin, end)).buffer) },
      ] as const
    },
  )
  return { tensors: Object.fromEntries(tensors), metadata }
}

function split(bytes: Uint8Array): { header: Record<string, unknown>; body: Uint8Array } {
  if (bytes.length < LENGTH_BYTES) {
    throw new SafetensorsError(`Not a safetensors file, or cut off: it has only ${bytes.length} bytes.`)
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > BigInt(bytes.length - LENGTH_BYTES)) {
    throw new SafetensorsError(
      `Not a safetensors file, or cut off: its header should have ${length} bytes, but ${bytes.length - LENGTH_BYTES} are there.`,
    )
  }
  const end = LENGTH_BYTES + Number(length)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, end)))
  } catch (cause) {
    throw new SafetensorsError('Not a safetensors file, or damaged: its header is not JSON.', { cause })
  }
  if (!isRecord(header)) throw new SafetensorsError('Not a safetensors file: its header is not a table.')
  return { header, body: bytes.subarray(end) }
}

function checkInfo(name: string, info: unknown): TensorInfo {
  const { dtype, shape, data_offsets: offsets } = isRecord(info) ? info : {}
  if (typeof dtype !== 'string' || !isShape(shape) || !isShape(offsets) || offsets.length !== 2) {
    throw new SafetensorsError(
      `Damaged safetensors file: tensor ${name} lacks a proper dtype, shape or data_offsets.`,
    )
  }
  if (dtype !== 'F32') throw new SafetensorsError(`Tensor ${name} is of type ${dtype}; only F32 can be read.`)
  const [begin, end] = offsets
  if (end - begin !== elementsOf(shape) * Float32Array.BYTES_PER_ELEMENT) {
    throw new SafetensorsError(
      `Damaged safetensors file: tensor ${name} [${shape}] has ${end - begin} bytes of data.`,
    )
  }
  return { dtype, shape: [...shape], data_offsets: [begin, end] }
}

/** Every byte belongs to exactly one tensor: overlaps, holes and missing ends are all damage. */
function requireGapless(infos: readonly [string, TensorInfo][], size: number): void {
  const places = infos.map(([, { data_offsets }]) => data_offsets).sort((a, b) => a[0] - b[0] || a[1] - b[1])
  let end = 0
  for (const [begin, next] of places) {
    if (begin !== end) {
      throw new SafetensorsError(
        `Damaged safetensors file: its tensors overlap or leave a hole at byte ${end}.`,
      )
    }
    end = next
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
