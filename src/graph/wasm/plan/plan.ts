/**
 * From a step's graph to a list of kernels and a place in memory for everything they read and write.
 *
 * * Products keep a following ReLU or tanh, and the mask of a ReLU's derivative, inside.
 * * Everything element-wise, sums included, gathers in loops, each one pass over memory.
 * * Slices and reshapes are other views of the same memory; what is concatenated is computed where it belongs.
 * * Memory of intermediate values is used again once nothing needs them any more.
 */
import type { StepDefinition } from '../../program.ts'
import { schedule } from '../../schedule.ts'
import { makeTensor, type Shape, sizeOf, type Tensor } from '../../tensor.ts'
import {
  findProducts,
  isContiguous,
  isOuterProduct,
  type Kernel,
  LARGE_LOOP,
  type LoopKernel,
  matrixAxis,
  matrixShape,
} from './kernels.ts'
import { assignAddresses, type Buffer, type Place, temporary } from './memory.ts'

export interface StepPlan {
  kernels: Kernel[]
  /** Where a tensor's values are; undefined where they live only inside a loop. */
  placeOf(tensor: Tensor): Place | undefined
  /** Bytes of intermediate memory. */
  temporaryBytes: number
}

/** Fixed memory of a program, made once for all its steps. */
export interface ProgramBuffers {
  inputs: Record<string, Buffer>
  outputs: Record<string, Buffer>
  present: Record<string, Buffer>
  next: Record<string, Buffer>
}

/** Every operation that works element by element; cheap ones are computed again rather than stored and read. */
const ELEMENTWISE = {
  cheap: ['add', 'sub', 'mul', 'neg', 'square', 'min', 'relu', 'isPositive', 'isAtMost', 'clamp', 'full'],
  dear: ['div', 'exp', 'log', 'sqrt', 'tanh', 'sigmoid', 'softplus'],
}
const elementwise = new Set([...ELEMENTWISE.cheap, ...ELEMENTWISE.dear])
const cheap = new Set(ELEMENTWISE.cheap)

const isSum = (tensor: Tensor) => tensor.operation === 'sum'

export function planStep(step: StepDefinition, fixed: ProgramBuffers): StepPlan {
  const roots: [tensor: Tensor, buffer: Buffer][] = [
    ...Object.entries(step.updates).map(([name, tensor]) => [tensor, fixed.next[name]] as [Tensor, Buffer]),
    ...Object.entries(step.outputs).map(
      ([name, tensor]) => [tensor, fixed.outputs[name]] as [Tensor, Buffer],
    ),
  ]
  const { tensors, find } = schedule(roots.map(([tensor]) => tensor))
  const users = new Map<Tensor, Tensor[]>(tensors.map(tensor => [tensor, []]))
  for (const tensor of tensors) for (const x of tensor.inputs) users.get(x)!.push(tensor)
  const rootTensors = new Set(roots.map(([tensor]) => find(tensor)))
  const usedOnlyBy = (tensor: Tensor, user: Tensor) =>
    !rootTensors.has(tensor) && users.get(tensor)!.every(other => other === user)

  const products = findProducts(tensors, usedOnlyBy)
  const absorbed = new Set([...products.values()].filter(p => p.matmul !== p.result).map(p => p.matmul))
  const sourcesOf = (tensor: Tensor): Tensor[] => {
    const product = products.get(tensor)
    return product ? [...product.matmul.inputs, ...(product.mask ? [product.mask] : [])] : [...tensor.inputs]
  }

  // What the roots need once products have taken in their neighbours.
  const needed = new Set<Tensor>()
  const require = (tensor: Tensor): void => {
    if (needed.has(tensor)) return
    needed.add(tensor)
    sourcesOf(tensor).forEach(require)
  }
  rootTensors.forEach(require)
  const order = tensors.filter(tensor => needed.has(tensor) && !absorbed.has(tensor))

  const isView = ({ operation }: Tensor) => operation === 'slice' || operation === 'reshape'
  /** Most constants are written into the code; those that others than loops read are computed like anything else. */
  const isStoredConstant = (tensor: Tensor) =>
    tensor.operation === 'constant' &&
    users.get(tensor)?.some(user => !(elementwise.has(user.operation) || isSum(user)))
  const isLoopMember = (tensor: Tensor) =>
    !products.has(tensor) &&
    (elementwise.has(tensor.operation) || isSum(tensor) || isOuterProduct(tensor) || isStoredConstant(tensor))
  const isComputed = (tensor: Tensor) => products.has(tensor) || isLoopMember(tensor)

  // ------------------------------------------------------------ places that others decide

  const places = new Map<Tensor, Place>()
  const wantsDense = (tensor: Tensor): boolean =>
    users.get(tensor)!.some(user => user.operation === 'reshape' || isOuterProduct(user))
  /** The tensor whose memory a view shows. */
  const origin = (tensor: Tensor): Tensor =>
    tensor.operation === 'reshape' ? origin(tensor.inputs[0]) : tensor

  /** Lets a tensor be computed at `place`; false if it lies elsewhere already. */
  const settle = (tensor: Tensor, place: Place): boolean => {
    const target = origin(tensor)
    const [rows, columns] = matrixShape(tensor.shape)
    const dense = rows === 1 || place.stride === columns
    if (places.has(target) || !(isComputed(target) || target.operation === 'concat')) return false
    if (!dense && (target !== tensor || wantsDense(target))) return false
    places.set(target, dense ? { ...place, stride: matrixShape(target.shape)[1] } : place)
    return true
  }
  const copies = new Map<Tensor, { source: Tensor; to: Place }[]>()
  const finalCopies: { source: Tensor; to: Place }[] = []
  for (const [root, buffer] of roots) {
    const source = find(root)
    const to = { buffer, offset: 0, stride: matrixShape(source.shape)[1] }
    if (!settle(source, to)) finalCopies.push({ source, to })
  }
  for (const tensor of [...order].reverse()) {
    if (tensor.operation === 'reshape' && !isContiguous(tensor.inputs[0])) {
      const [source] = tensor.inputs
      const buffer = temporary(sizeOf(tensor.shape))
      places.set(tensor, { buffer, offset: 0, stride: matrixShape(tensor.shape)[1] })
      copies.set(tensor, [{ source, to: { buffer, offset: 0, stride: matrixShape(source.shape)[1] } }])
    }
    if (tensor.operation !== 'concat' && tensor.operation !== 'pad') continue
    const [, columns] = matrixShape(tensor.shape)
    if (!places.has(tensor))
      places.set(tensor, { buffer: temporary(sizeOf(tensor.shape)), offset: 0, stride: columns })
    const { buffer, offset, stride } = places.get(tensor)!
    const alongColumns = matrixAxis(tensor, tensor.attributes.axis!) === 1
    let position = 0
    if (tensor.operation === 'pad') {
      position = tensor.attributes.start!
      copies.set(tensor, [{ source: zeros(tensor.shape), to: places.get(tensor)! }])
    }
    for (const source of tensor.inputs) {
      const [rows, width] = matrixShape(source.shape)
      const to = { buffer, offset: offset + position * (alongColumns ? 1 : stride), stride }
      position += alongColumns ? width : rows
      if (tensor.operation === 'concat' && settle(source, to)) continue
      copies.set(tensor, [...(copies.get(tensor) ?? []), { source, to }])
    }
  }

  // ------------------------------------------------------------ kernels

  const kernels: Kernel[] = []
  /** After which kernel a tensor can be read from memory. */
  const readyAfter = new Map<Tensor, number>()
  const ready = (tensor: Tensor): number => readyAfter.get(tensor) ?? -1

  const loopShape = (tensor: Tensor) => matrixShape(isSum(tensor) ? tensor.inputs[0].shape : tensor.shape)
  const sumsAcrossRows = (tensor: Tensor) =>
    isSum(tensor) &&
    (tensor.attributes.axis === undefined || matrixAxis(tensor.inputs[0], tensor.attributes.axis) === 0)

  const canJoin = (tensor: Tensor, loop: LoopKernel, index: number): boolean => {
    const [rows, columns] = loopShape(tensor)
    if (loop.rows !== rows || loop.columns !== columns) return false
    // A large loop stays without sums across rows, or is nothing but them.
    if (rows * columns >= LARGE_LOOP) {
      const serial = [...loop.members].some(sumsAcrossRows)
      if (serial || sumsAcrossRows(tensor)) return false
    }
    return tensor.inputs.every(
      x => (loop.members.has(x) && !isSum(x) && !isOuterProduct(tensor)) || ready(x) < index,
    )
  }
  const loopFor = (tensor: Tensor): [LoopKernel, number] => {
    for (let index = kernels.length - 1; index >= 0; index--) {
      const kernel = kernels[index]
      if (kernel.kind === 'loop' && canJoin(tensor, kernel, index)) return [kernel, index]
    }
    return newLoop(loopShape(tensor))
  }
  const newLoop = ([rows, columns]: [number, number]): [LoopKernel, number] => {
    const loop: LoopKernel = { kind: 'loop', rows, columns, members: new Set(), copies: [] }
    return [loop, kernels.push(loop) - 1]
  }
  const addCopy = (copy: { source: Tensor; to: Place }): number => {
    const [loop, index] = newLoop(matrixShape(copy.source.shape))
    loop.copies.push(copy)
    return index
  }

  const loopOf = new Map<Tensor, LoopKernel>()
  for (const tensor of order) {
    const product = products.get(tensor)
    if (product) {
      readyAfter.set(tensor, kernels.push(product) - 1)
    } else if (isLoopMember(tensor)) {
      const [loop, index] = loopFor(tensor)
      loop.members.add(tensor)
      loopOf.set(tensor, loop)
      readyAfter.set(tensor, index)
    } else {
      const copied = (copies.get(tensor) ?? []).map(addCopy)
      readyAfter.set(tensor, Math.max(-1, ...tensor.inputs.map(ready), ...copied))
    }
  }
  finalCopies.forEach(addCopy)

  // ------------------------------------------------------------ what is stored

  const inMemory = (tensor: Tensor): boolean =>
    tensor.operation === 'constant' || (isView(tensor) ? inMemory(tensor.inputs[0]) : !isLoopMember(tensor))
  /** Cheap to compute from what is in memory anyway: rather than stored, it is computed wherever it is needed. */
  const isRepeated = (tensor: Tensor) =>
    isLoopMember(tensor) && cheap.has(tensor.operation) && tensor.inputs.every(inMemory)
  const readByKernel = (kernel: Kernel): Tensor[] =>
    kernel.kind === 'product'
      ? sourcesOf(kernel.result)
      : [...kernel.copies.map(copy => copy.source), ...[...kernel.members].flatMap(member => member.inputs)]
  /** What has to be in memory, because a kernel cannot compute it as it goes. */
  const readFromMemory = (kernel: Kernel): Tensor[] =>
    kernel.kind === 'product'
      ? sourcesOf(kernel.result)
      : [...kernel.members].filter(isOuterProduct).flatMap(product => product.inputs)

  const isComputedHere = (tensor: Tensor, kernel: Kernel): boolean =>
    kernel.kind === 'loop' &&
    (kernel.members.has(tensor) || isRepeated(tensor) || tensor.operation === 'constant')

  const place = (tensor: Tensor): Place => {
    let found = places.get(tensor)
    if (!found) {
      found = { buffer: temporary(sizeOf(tensor.shape)), offset: 0, stride: matrixShape(tensor.shape)[1] }
      places.set(tensor, found)
    }
    return found
  }
  const resolve = (tensor: Tensor): Place | undefined => {
    const { operation, attributes, inputs } = tensor
    if (operation === 'input') {
      const name = attributes.name!
      const buffer = fixed.inputs[name] ?? fixed.present[name]
      return { buffer, offset: 0, stride: matrixShape(tensor.shape)[1] }
    }
    if (operation === 'constant') return places.get(tensor)
    if (operation === 'reshape' && !places.has(tensor)) {
      const source = resolve(inputs[0])
      return source && { ...source, stride: matrixShape(tensor.shape)[1] }
    }
    if (operation === 'slice') {
      const source = resolve(inputs[0])
      const alongColumns = matrixAxis(tensor, attributes.axis!) === 1
      const step = alongColumns ? 1 : (source?.stride ?? 0)
      return source && { ...source, offset: source.offset + attributes.start! * step }
    }
    return places.get(tensor)
  }

  for (const kernel of kernels) {
    for (const source of readFromMemory(kernel)) if (isComputed(storageOf(source))) place(storageOf(source))
    for (const source of readByKernel(kernel)) {
      const stored = storageOf(source)
      if (!isComputed(stored) || (stored === source && isComputedHere(stored, kernel))) continue
      place(stored)
    }
  }
  for (const tensor of order) if (isSum(tensor) && isLoopMember(tensor)) place(tensor)

  // ------------------------------------------------------------ lifetimes

  const touch = (at: Place | undefined, index: number) => {
    if (at?.buffer.kind !== 'temporary') return
    at.buffer.first = Math.min(at.buffer.first, index)
    at.buffer.last = Math.max(at.buffer.last, index)
  }
  kernels.forEach((kernel, index) => {
    const read = (tensor: Tensor): void => {
      if (kernel.kind === 'loop' && kernel.members.has(tensor)) return
      const at = resolve(tensor)
      if (at) touch(at, index)
      else tensor.inputs.forEach(read) // computed again here
    }
    readByKernel(kernel).forEach(read)
    if (kernel.kind === 'product') touch(resolve(kernel.result), index)
    else {
      for (const member of kernel.members) touch(places.get(member), index)
      for (const { to } of kernel.copies) touch(to, index)
    }
  })
  const temporaries = new Set<Buffer>()
  for (const { buffer } of [...places.values(), ...[...copies.values()].flat().map(copy => copy.to)]) {
    if (buffer.kind === 'temporary') temporaries.add(buffer)
  }
  return {
    kernels,
    placeOf: resolve,
    temporaryBytes: assignAddresses([...temporaries].filter(b => b.last >= 0)),
  }
}

const zeros = (shape: Shape): Tensor => makeTensor('constant', [], shape, { value: 0 })

/** The tensor in whose memory a view's elements are. */
function storageOf(tensor: Tensor): Tensor {
  return tensor.operation === 'slice' || tensor.operation === 'reshape' ? storageOf(tensor.inputs[0]) : tensor
}
