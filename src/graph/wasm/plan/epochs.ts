/**
 * Which kernels run between two barriers. Threads deal out the rows of large kernels, all in the same way. As long as
 * each thread reads only rows that it wrote itself, no thread needs to wait: an epoch ends where data crosses threads.
 */
import type { Tensor } from '../../tensor.ts'
import { isSum } from './graph.ts'
import {
  isOuterProduct,
  type Kernel,
  type LoopKernel,
  matrixShape,
  type ProductKernel,
  sumsAcrossRows,
} from './kernels.ts'
import type { Buffer, Place } from './memory.ts'

/** How a kernel is dealt out; undefined: the first thread does it alone. */
export type Split = 'rows' | 'columns' | undefined

export interface Scheduled<K extends Kernel = Kernel> {
  readonly kernel: K
  readonly split: Split
}

/** Kernels of fewer rows are one thread's, */
const ROWS_OF_PRODUCT = 8
const ROWS_OF_LOOP = 64
/** loops over fewer elements in one row too, and sums over rows with fewer columns. */
const LENGTH_TO_SHARE = 4096
const COLUMNS_TO_SHARE = 64

/** How threads deal out a kernel. */
function splitOf(kernel: Kernel): Split {
  if (kernel.kind === 'product') {
    return matrixShape(kernel.matmul.shape)[0] >= ROWS_OF_PRODUCT ? 'rows' : undefined
  }
  const { rows, columns, copies } = kernel
  const members = [...kernel.members]
  if (rows === 1) return members.some(isSum) || columns < LENGTH_TO_SHARE ? undefined : 'columns'
  if (!members.some(sumsAcrossRows)) return rows >= ROWS_OF_LOOP ? 'rows' : undefined
  const sumsOnly = copies.length === 0 && members.every(m => isSum(m) && m.attributes.axis !== undefined)
  const overRows = sumsOnly && members.every(sumsAcrossRows)
  return overRows && columns >= COLUMNS_TO_SHARE && columns % 4 === 0 ? 'columns' : undefined
}

/** What a kernel reads or writes, and which thread touches which part of it. */
interface Access {
  readonly place: Place
  readonly rows: number
  readonly columns: number
  readonly write: boolean
  /** Equal for accesses of which each thread has the same part; undefined where every thread touches everything. */
  readonly owner: string | undefined
}

/** How a plan is read: where a tensor lies, and what a kernel takes in. */
export interface Layout {
  readonly placeOf: (tensor: Tensor) => Place | undefined
  readonly readBy: (kernel: Kernel) => readonly Tensor[]
}

const access = (tensor: Tensor, place: Place, owner: string | undefined, write = false): Access => {
  const [rows, columns] = matrixShape(tensor.shape)
  return { place, rows, columns, write, owner }
}

/** If a kernel is not dealt out, the first thread does all of it. */
const ALONE = 'first thread'

function accessesOfProduct(kernel: ProductKernel, split: Split, layout: Layout): Access[] {
  const { matmul, result, mask } = kernel
  const [a, b, bias] = matmul.inputs
  const whole = split ? undefined : ALONE
  const own = split ? `rows of ${matrixShape(matmul.shape)[0]}` : ALONE
  const found: Access[] = []
  const note = (tensor: Tensor | undefined, owner: string | undefined, write = false): void => {
    const place = tensor && layout.placeOf(tensor)
    if (place) found.push(access(tensor, place, owner, write))
  }
  note(a, matmul.attributes.transposeA ? whole : own)
  note(b, whole)
  note(bias, whole)
  note(mask, own)
  note(result, own, true)
  return found
}

function accessesOfLoop(kernel: LoopKernel, split: Split, layout: Layout): Access[] {
  const { rows, columns, members, copies } = kernel
  const own = split === 'rows' ? `rows of ${rows}` : split ? `columns of ${columns}` : ALONE
  const whole = split ? undefined : ALONE
  const ownerOfOperand = ({ shape }: Tensor): string | undefined => {
    const [r, c] = matrixShape(shape)
    const mine = split === 'rows' ? r === rows : rows === 1 && c === columns
    return mine ? own : whole
  }
  const found: Access[] = []
  const seen = new Set<Tensor>(members)
  const read = (tensor: Tensor): void => {
    if (seen.has(tensor)) return
    seen.add(tensor)
    const place = layout.placeOf(tensor)
    if (place) found.push(access(tensor, place, ownerOfOperand(tensor)))
    else tensor.inputs.forEach(read) // computed again here
  }
  layout.readBy(kernel).forEach(read)
  // The column of an outer product may be a row as stored.
  for (const { inputs } of [...members].filter(isOuterProduct)) {
    for (const operand of inputs) {
      const place = layout.placeOf(operand)
      if (place) found.push(access(operand, place, whole))
    }
  }
  for (const member of members) {
    const place = layout.placeOf(member)
    if (place) found.push(access(member, place, own, true))
  }
  for (const { source, to } of copies) found.push(access(source, to, own, true))
  return found
}

const accessesOf = ({ kernel, split }: Scheduled, layout: Layout): Access[] =>
  kernel.kind === 'product' ? accessesOfProduct(kernel, split, layout) : accessesOfLoop(kernel, split, layout)

/** Whether two accesses to the same buffer may meet. */
function overlap(a: Access, b: Access): boolean {
  const end = ({ place, rows, columns }: Access) => place.offset + (rows - 1) * place.stride + columns
  return a.place.offset < end(b) && b.place.offset < end(a)
}

/** Whether each thread touches the same elements in both, or none that another touches in the other. */
function sameOwner(a: Access, b: Access): boolean {
  if (a.owner === undefined || a.owner !== b.owner) return false
  if (a.owner === ALONE) return true
  if (a.place.stride !== b.place.stride) return false
  // Rows may begin anywhere in the same row of the buffer; columns must be the same ones.
  if (!a.owner.startsWith('rows')) return a.place.offset === b.place.offset
  const rowOf = ({ place: { offset, stride } }: Access) => Math.floor(offset / stride)
  return rowOf(a) === rowOf(b)
}

/** How two kernels, the first of which comes first, depend on each other. */
type Dependence = 'none' | 'order' | 'barrier'

function dependence(first: readonly Access[], second: ReadonlyMap<Buffer, readonly Access[]>): Dependence {
  let found: Dependence = 'none'
  for (const a of first) {
    for (const b of second.get(a.place.buffer) ?? []) {
      if (!(a.write || b.write) || !overlap(a, b)) continue
      if (!sameOwner(a, b)) return 'barrier'
      found = 'order'
    }
  }
  return found
}

/** What a kernel touches, by the buffer: most pairs of kernels have none in common. */
function byBuffer(accesses: readonly Access[]): Map<Buffer, Access[]> {
  const found = new Map<Buffer, Access[]>()
  for (const each of accesses) {
    const others = found.get(each.place.buffer)
    if (others) others.push(each)
    else found.set(each.place.buffer, [each])
  }
  return found
}

/** Every kernel by itself, undivided: the epochs of one thread. */
export const oneByOne = (kernels: readonly Kernel[]): Scheduled[][] =>
  kernels.map(kernel => [{ kernel, split: undefined }])

/** Puts kernels into as few epochs as a greedy choice finds: each takes every kernel that does not have to wait. */
export function intoEpochs(kernels: readonly Kernel[], layout: Layout): Scheduled[][] {
  const scheduled = kernels.map((kernel): Scheduled => ({ kernel, split: splitOf(kernel) }))
  const accesses = scheduled.map(each => accessesOf(each, layout))
  /** Earlier kernels that a kernel depends on, and how. */
  const before = accesses.map((second, j) => {
    const touched = byBuffer(second)
    return accesses.slice(0, j).map(first => dependence(first, touched))
  })
  /** The epoch of each kernel that has one. */
  const epochOf = new Map<number, number>()
  const epochs: Scheduled[][] = []
  while (epochOf.size < kernels.length) {
    const epoch = epochs.push([]) - 1
    // In one pass: a kernel never has to wait for a later one.
    for (const [j, each] of scheduled.entries()) {
      if (epochOf.has(j)) continue
      const canRun = before[j].every((how, i) => {
        const done = epochOf.get(i)
        return how === 'none' || (done !== undefined && (how === 'order' || done < epoch))
      })
      if (!canRun) continue
      epochOf.set(j, epoch)
      epochs[epoch].push(each)
    }
  }
  return epochs
}

/** Calls `touch` with each place that a kernel reads or writes. */
export function forEachPlace(each: Scheduled, layout: Layout, touch: (place: Place) => void): void {
  for (const { place } of accessesOf(each, layout)) touch(place)
}
