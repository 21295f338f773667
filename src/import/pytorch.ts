import type { NamedTensors } from '../encoding/safetensors.ts'
import { ModelFileError } from './model-file-error.ts'
import { PickleGlobal, readPickle } from './pickle.ts'
import { unzip } from './zip.ts'

/** Bytes of one number, and how to read it, by the type of storage. */
const STORAGES: Record<string, { size: number; read(view: DataView, offset: number): number }> = {
  'torch FloatStorage': { size: 4, read: (view, offset) => view.getFloat32(offset, true) },
  'torch DoubleStorage': { size: 8, read: (view, offset) => view.getFloat64(offset, true) },
}

/**
 * The tensors of a state dictionary that PyTorch (1.6 or newer) saved, by name and as float32. Nothing in the file is
 * executed: it can name tensors of float32 or float64 and ordered dictionaries, and all else is refused.
 *
 * @param what the file, for messages
 * @throws ModelFileError if it is cut off, damaged, or anything else than a table of such tensors
 */
export function readStateDict(bytes: Uint8Array, what: string): NamedTensors {
  const files = unzip(bytes, what)
  const pickle = [...files.keys()].find(path => /^[^/]+\/data\.pkl$/.test(path))
  if (pickle === undefined) {
    throw new ModelFileError(`${what} was not saved by PyTorch 1.6 or newer: it has no data.pkl.`)
  }
  const folder = pickle.slice(0, -'data.pkl'.length)
  const byteOrder = files.get(`${folder}byteorder`)
  if (byteOrder && new TextDecoder().decode(byteOrder) !== 'little') {
    throw new ModelFileError(`${what} was saved on a big-endian machine, which is not read.`)
  }
  const value = readPickle(files.get(pickle)!, `${what}/${pickle}`, {
    globals: {
      'collections OrderedDict': () => new Map(),
      'torch._utils _rebuild_tensor_v2': args => rebuildTensor(args, what),
      ...Object.fromEntries(Object.keys(STORAGES).map(type => [type, () => refuse(what)])),
    },
    persistent: key => readStorage(key, name => files.get(`${folder}data/${name}`), what),
  })
  if (!(value instanceof Map)) throw new ModelFileError(`${what} does not hold a table of tensors.`)
  return Object.fromEntries(
    [...value].map(([name, tensor]) => [String(name), requireTensor(tensor, name, what)]),
  )
}

type Tensor = NamedTensors[string]

function refuse(what: string): never {
  throw new ModelFileError(`${what} is damaged: the parts of a tensor do not fit together.`)
}

/** The numbers behind one or more tensors, from a key ('storage', type, name, device, count). */
function readStorage(
  key: unknown,
  find: (name: unknown) => Uint8Array | undefined,
  what: string,
): Float32Array {
  const [kind, type, name, , count] = Array.isArray(key) ? key : []
  const storage = type instanceof PickleGlobal ? STORAGES[type.name] : undefined
  const data = find(name)
  if (kind !== 'storage' || !storage || data?.length !== storage.size * count) return refuse(what)
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return Float32Array.from({ length: count }, (_, i) => storage.read(view, i * storage.size))
}

/** A tensor from storage, index of its first element, shape and strides; the rest is of no use here. */
function rebuildTensor([storage, first, shape, strides]: readonly unknown[], what: string): Tensor {
  if (!(storage instanceof Float32Array) || !isIndex(first) || !isIndices(shape) || !isIndices(strides)) {
    return refuse(what)
  }
  const size = shape.reduce((product, extent) => product * extent, 1)
  const last = shape.reduce((index, extent, axis) => index + (extent - 1) * strides[axis], first)
  if (shape.length !== strides.length || size > storage.length || (size > 0 && last >= storage.length)) {
    return refuse(what)
  }
  const data = Float32Array.from({ length: size }, (_, element) => {
    let index = first
    for (let axis = shape.length - 1, rest = element; axis >= 0; axis--) {
      index += (rest % shape[axis]) * strides[axis]
      rest = Math.floor(rest / shape[axis])
    }
    return storage[index]
  })
  return { shape, data }
}

function requireTensor(value: unknown, name: unknown, what: string): Tensor {
  // Nothing else that a pickle may hold here has data.
  const tensor = value as Tensor | null
  if (tensor?.data instanceof Float32Array) return tensor
  throw new ModelFileError(`${what} does not hold a table of tensors: ${String(name)} is none.`)
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isIndices = (value: unknown): value is number[] => Array.isArray(value) && value.every(isIndex)
