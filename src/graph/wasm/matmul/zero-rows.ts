/**
 * Products of matrices of which whole rows are zero: the other rows are put together, multiplied, and put back.
 *
 * An actor that is judged by the smaller of its critics sends each row back through one of them only; in what passes
 * back through the others, that row is zero. Which rows these are is known when the step runs, so they are found by
 * looking at them, which costs little beside a product. The sums of a zero row are zero: bits stay as they would be.
 */
import {
  add,
  callNamed,
  type FunctionBuilder,
  type FunctionReference,
  f32x4,
  get,
  i32,
  type Local,
  load,
  op,
  store,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Matmul, Product } from './matmul.ts'
import { applyMask } from './sums.ts'

const pickParameters = {
  from: 'i32',
  stride: 'i32',
  bytes: 'i32',
  start: 'i32',
  end: 'i32',
  to: 'i32',
  list: 'i32',
} as const

const putParameters = {
  from: 'i32',
  list: 'i32',
  count: 'i32',
  mask: 'i32',
  maskStride: 'i32',
  to: 'i32',
  stride: 'i32',
  bytes: 'i32',
  start: 'i32',
  end: 'i32',
} as const

/** The functions of a module for products with zero rows. */
export interface ZeroRows {
  readonly pick: FunctionReference<keyof typeof pickParameters>
  readonly put: FunctionReference<keyof typeof putParameters>
}

export const defineZeroRows = (module: ModuleBuilder): ZeroRows => ({
  pick: definePick(module),
  put: definePut(module),
})

/** Whether rows of these lengths are whole vectors, and a product of them large enough to repay the copies. */
export const repaysZeroRows = ({ m, n, k }: Pick<Product, 'm' | 'n' | 'k'>): boolean =>
  n % 4 === 0 && k % 4 === 0 && m >= 32 && n * k >= 64 * 64

/** The scratch memory in addition to that of the product: a list of rows, and both matrices without their zero rows. */
export const zeroRowsBytes = ({ m, n, k }: Pick<Product, 'm' | 'n' | 'k'>): number =>
  64 + listBytes(m) + 4 * m * (k + n)

const listBytes = (m: number): number => 64 * Math.ceil(m / 16)

/** Appends a product of A, not transposed, that skips the zero rows of A. */
export function emitWithoutZeroRows(
  f: FunctionBuilder,
  { pick, put }: ZeroRows,
  { product, scratchBytes }: Matmul,
  given: Product,
): void {
  const { m, n, k, aStride = k, cStride = n, maskStride = n } = given
  const { start, end } = given.rows ?? { start: i32(0), end: i32(m) }
  // The product's own scratch memory comes first.
  const list = f.let('i32', add(given.scratch, i32(64 * Math.ceil(scratchBytes({ m, k }) / 64))), 'list')
  const a = add(get(list), i32(listBytes(m)))
  const c = add(get(list), i32(listBytes(m) + 4 * m * k))
  const picked = { from: given.a, stride: i32(4 * aStride), bytes: i32(4 * k), start, end, to: a }
  const count = f.let('i32', callNamed(pick, { ...picked, list: get(list) }), 'count')
  const { mask, ...unmasked } = given
  const rows = { start: i32(0), end: get(count) }
  f.if(get(count), () => f.add(product({ ...unmasked, a, aStride: k, c, cStride: n, rows })))
  f.add(
    callNamed(put, {
      ...{ from: c, list: get(list), count: get(count) },
      ...{ mask: mask ?? i32(0), maskStride: i32(4 * maskStride) },
      ...{ to: given.c, stride: i32(4 * cStride), bytes: i32(4 * n), start, end },
    }),
  )
}

/** Copies the rows of start..end that are not zero to where they follow one another; lists and counts them. */
const definePick = (module: ModuleBuilder): ZeroRows['pick'] =>
  module.function('pick_rows', pickParameters, ['i32'], (f, p) => {
    const row = rowPointer(f, p.from, p.stride, p.start)
    const next = f.let('i32', get(p.list), 'next')
    forRows(f, p, () => {
      const at = f.let('i32', get(row), 'at')
      const last = f.let('i32', add(get(row), get(p.bytes)), 'last')
      const found = f.local('i32', 'found')
      f.doWhile(
        () => {
          f.set(found, op('v128.any_true', op('f32x4.ne', load('v128.load', get(at)), f32x4(0))))
          f.increment(at, i32(16))
        },
        () => op('i32.and', op('i32.eqz', get(found)), op('i32.ne', get(at), get(last))),
      )
      f.if(get(found), () => {
        f.add(store('i32.store', get(next), get(p.start)))
        f.increment(next, i32(4))
        f.add(op('memory.copy', get(p.to), get(row), get(p.bytes)))
        f.increment(p.to, get(p.bytes))
      })
      f.increment(row, get(p.stride))
    })
    f.add(op('i32.shr_u', op('i32.sub', get(next), get(p.list)), i32(2)))
  })

/** Puts rows back where they were picked, where the mask (if any) is positive; all other elements become zero. */
const definePut = (module: ModuleBuilder): ZeroRows['put'] =>
  module.function('put_rows', putParameters, [], (f, p) => {
    const row = rowPointer(f, p.to, p.stride, p.start)
    const maskRow = rowPointer(f, p.mask, p.maskStride, p.start)
    const listEnd = f.let('i32', add(get(p.list), times(get(p.count), i32(4))), 'list_end')
    forRows(f, p, () => {
      const isNext = op('i32.eq', load('i32.load', get(p.list)), get(p.start))
      f.if(
        op('i32.and', op('i32.ne', get(p.list), get(listEnd)), isNext),
        () => {
          f.increment(p.list, i32(4))
          f.if(
            get(p.mask),
            () => copyMasked(f, p.from, row, maskRow, p.bytes),
            () => f.add(op('memory.copy', get(row), get(p.from), get(p.bytes))),
          )
          f.increment(p.from, get(p.bytes))
        },
        () => f.add(op('memory.fill', get(row), i32(0), get(p.bytes))),
      )
      f.increment(row, get(p.stride))
      f.increment(maskRow, get(p.maskStride))
    })
  })

function copyMasked(f: FunctionBuilder, from: Local, to: Local, mask: Local, bytes: Local): void {
  const value = f.local('v128', 'value')
  const [source, target, masking] = [from, to, mask].map(pointer => f.let('i32', get(pointer), 'at'))
  const last = f.let('i32', add(get(from), get(bytes)), 'last')
  f.doWhile(
    () => {
      f.set(value, load('v128.load', get(source)))
      applyMask(f, value, get(masking))
      f.add(store('v128.store', get(target), get(value)))
      for (const pointer of [source, target, masking]) f.increment(pointer, i32(16))
    },
    () => op('i32.ne', get(source), get(last)),
  )
}

/** Where the first of the rows begins. */
const rowPointer = (f: FunctionBuilder, matrix: Local, stride: Local, start: Local): Local =>
  f.let('i32', add(get(matrix), times(get(start), get(stride))), 'row')

/** Counts `start` up to `end`. */
const forRows = (f: FunctionBuilder, { start, end }: { start: Local; end: Local }, body: () => void): void =>
  f.while(
    () => op('i32.lt_u', get(start), get(end)),
    () => {
      body()
      f.increment(start, i32(1))
    },
  )
