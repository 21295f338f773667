import type { NamedTensors } from '../encoding/safetensors.ts'
import { ModelFileError } from './model-file-error.ts'
import { type PickleContext, PickleGlobal, readNextPickle, readPickle } from './pickle.ts'
import { unpackedLimit, unzip } from './zip.ts'

/** Bytes of one number, and how to read it, by the type of storage. */
const STORAGES: Record<string, { size: number; read(view: DataView, offset: number): number }> = {
  'torch FloatStorage': { size: 4, read: (view, offset) => view.getFloat32(offset, true) },
  'torch DoubleStorage': { size: 8, read: (view, offset) => view.getFloat64(offset, true) },
}

/** More axes than any layer has; each costs time for every element. */
const MOST_AXES = 8

/** How files of `torch.save` began before it wrote zip archives: two numbers, each a pickle. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn
const LEGACY_PROTOCOL = 1001

/** The numbers behind one or more tensors: where to find them. */
interface Storage {
  type: string
  name: string
  count: number
}

/** A tensor as a pickle describes it: elements of a storage, from `first` on, at distances `strides`. */
class TensorView {
  readonly storage: Storage
  readonly first: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  constructor(storage: Storage, first: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage
    this.first = first
    this.shape = shape
    this.strides = strides
  }
}

/** The parts of a file. */
interface SavedFile {
  /** What its pickle says. */
  value: unknown
  /** The bytes of each storage. */
  storages: Map<string, Uint8Array>
  /** Bytes of all its parts. */
  size: number
}

/**
 * The tensors of a state dictionary that PyTorch saved, by name and as float32: from a zip archive, as PyTorch writes
 * since 1.6, or from a row of pickles, as before. Nothing in the file is executed: it can name tensors of float32 or
 * float64 and ordered dictionaries, and everything else is refused.
 *
 * @param what the file, for messages
 * @param limit how many bytes its parts may unpack to, together
 * @throws ModelFileError if it is cut off, damaged, or anything else than a table of such tensors
 */
export function readStateDict(bytes: Uint8Array, what: string, limit = unpackedLimit(bytes)): NamedTensors {
  const { value, storages, size } =
    bytes[0] === 0x80 ? readRowOfPickles(bytes, what) : readArchive(bytes, what, limit)
  if (!(value instanceof Map)) throw new ModelFileError(`${what} does not hold a table of tensors.`)
  const tensors: NamedTensors = {}
  // Views may overlap, but a file in which they claim more than there is was made to exhaust memory.
  let room = size
  for (const [name, view] of value) {
    if (typeof name !== 'string') throw new ModelFileError(`${what} does not hold a table of tensors.`)
    if (!(view instanceof TensorView))
      throw new ModelFileError(`${what} does not hold a table of tensors: ${name} is none.`)
    room -= sizeOf(view, what)
    if (room < 0) throw new ModelFileError(`${what} has tensors of more numbers than there are in it.`)
    tensors[name] = readTensor(view, storages.get(view.storage.name), what)
  }
  return tensors
}

function refuse(what: string): never {
  throw new ModelFileError(`${what} is damaged: the parts of a tensor do not fit together.`)
}

function readArchive(bytes: Uint8Array, what: string, limit: number): SavedFile {
  const files = unzip(bytes, what, { limit })
  const pickle = [...files.keys()].find(path => /^[^/]+\/data\.pkl$/.test(path))
  if (pickle === undefined) {
    throw new ModelFileError(`${what} was not saved by PyTorch: it has no data.pkl.`)
  }
  const folder = pickle.slice(0, -'data.pkl'.length)
  const byteOrder = files.get(`${folder}byteorder`)
  if (byteOrder && new TextDecoder().decode(byteOrder) !== 'little') return refuseBigEndian(what)
  const data = `${folder}data/`
  const storages = [...files].filter(([path]) => path.startsWith(data))
  return {
    value: readPickle(files.get(pickle)!, `${what}/${pickle}`, tensorContext(what)),
    storages: new Map(storages.map(([path, content]) => [path.slice(data.length), content])),
    size: [...files.values()].reduce((sum, { length }) => sum + length, 0),
  }
}

/**
 * The format before zip archives: pickles of a magic number, a version, the machine's properties, the tensors and the
 * storages' names; then each storage, as its count in eight bytes and its numbers.
 */
function readRowOfPickles(bytes: Uint8Array, what: string): SavedFile {
  let offset = 0
  const next = () => {
    const { value, end } = readNextPickle(bytes, offset, what, tensorContext(what))
    offset = end
    return value
  }
  if (next() !== LEGACY_MAGIC || next() !== LEGACY_PROTOCOL) {
    throw new ModelFileError(`${what} was not saved by PyTorch: it begins in another way.`)
  }
  const machine = next()
  if (!(machine instanceof Map) || machine.get('little_endian') !== true) return refuseBigEndian(what)
  const value = next()
  const names = next()
  if (!Array.isArray(names)) return refuse(what)

  const sizes = new Map<unknown, number>()
  for (const { storage } of viewsIn(value)) sizes.set(storage.name, STORAGES[storage.type].size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const storages = new Map<string, Uint8Array>()
  for (const name of names) {
    const size = sizes.get(name)
    // Where it ends is unknown without a tensor that names its type.
    if (size === undefined || offset + 8 > bytes.length) return refuse(what)
    const end = offset + 8 + Number(view.getBigUint64(offset, true)) * size
    if (end > bytes.length) throw new ModelFileError(`${what} is cut off: a storage lacks some numbers.`)
    storages.set(name, bytes.subarray(offset + 8, end))
    offset = end
  }
  return { value, storages, size: bytes.length }
}

const viewsIn = (value: unknown): TensorView[] =>
  value instanceof Map ? [...value.values()].filter(view => view instanceof TensorView) : []

function refuseBigEndian(what: string): never {
  throw new ModelFileError(`${what} was saved on a big-endian machine, which is not read.`)
}

/** What the pickle of a state dictionary may name. */
function tensorContext(what: string): PickleContext {
  return {
    globals: {
      'collections OrderedDict': () => new Map(),
      'torch._utils _rebuild_tensor_v2': args => rebuildTensor(args, what),
      ...Object.fromEntries(Object.keys(STORAGES).map(type => [type, () => refuse(what)])),
    },
    persistent: key => findStorage(key, what),
  }
}

/** The storage of a key ('storage', type, name, device, count), behind which the old format has more. */
function findStorage(key: unknown, what: string): Storage {
  const [kind, type, name, , count] = Array.isArray(key) ? key : []
  if (kind !== 'storage' || !(type instanceof PickleGlobal) || !Object.hasOwn(STORAGES, type.name)) {
    return refuse(what)
  }
  if (typeof name !== 'string' || !isIndex(count)) return refuse(what)
  return { type: type.name, name, count }
}

const isStorage = (value: unknown): value is Storage =>
  typeof value === 'object' && value !== null && 'type' in value && 'count' in value

/** A tensor from storage, index of its first element, shape and strides; the rest is of no use here. */
function rebuildTensor([storage, first, shape, strides]: readonly unknown[], what: string): TensorView {
  if (!isStorage(storage) || !isIndex(first) || !isIndices(shape) || !isIndices(strides)) return refuse(what)
  if (shape.length !== strides.length) return refuse(what)
  return new TensorView(storage, first, shape, strides)
}

const elementsOf = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1)

/** Bytes of a tensor's elements; each of them lies in the storage. */
function sizeOf({ storage, first, shape, strides }: TensorView, what: string): number {
  const elements = elementsOf(shape)
  const last = shape.reduce((index, extent, axis) => index + (extent - 1) * strides[axis], first)
  if (elements > storage.count || (elements > 0 && last >= storage.count)) return refuse(what)
  return elements * STORAGES[storage.type].size
}

/** Reads the elements of a tensor, not its whole storage: of that others may have a share. */
function readTensor(
  { storage, first, shape, strides }: TensorView,
  bytes: Uint8Array | undefined,
  what: string,
): NamedTensors[string] {
  const { size, read } = STORAGES[storage.type]
  if (bytes?.length !== size * storage.count) return refuse(what)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data = Float32Array.from({ length: elementsOf(shape) }, (_, element) => {
    let index = first
    for (let axis = shape.length - 1, rest = element; axis >= 0; axis--) {
      index += (rest % shape[axis]) * strides[axis]
      rest = Math.floor(rest / shape[axis])
    }
    return read(view, index * size)
  })
  return { shape, data }
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isIndices = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every(isIndex)
