/** The inner loop of a product: a panel of 4 rows of A times one of 8 or 4 columns of B, in registers. */
import {
  add,
  type FunctionReference,
  get,
  i32,
  load,
  op,
  store,
  tee,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { accumulate, activate, applyMask, type MatmulOptions, storeFirst, zeros } from './sums.ts'

/** Computes `4 x width` elements of C from a panel of A and one of B. */
export const defineKernel = (
  module: ModuleBuilder,
  options: MatmulOptions,
  width: 4 | 8,
): FunctionReference =>
  module.function(
    `multiply_4x${width}`,
    {
      a: 'i32',
      b: 'i32',
      k: 'i32',
      c: 'i32',
      cStride: 'i32',
      bias: 'i32',
      activation: 'i32',
      mask: 'i32',
      maskStride: 'i32',
      rows: 'i32',
      columns: 'i32',
    },
    [],
    (f, { a, b, k, c, cStride, bias, activation, mask, maskStride, rows, columns }) => {
      const vectors = width / 4
      const sums = Array.from({ length: 4 }, () => zeros(f, vectors))
      const end = f.let('i32', add(get(a), times(get(k), i32(16))), 'end')
      // V8 puts the loads of a straight run of code first and the arithmetic after them. Two steps without a
      // branch in between thus need more than the 15 registers it has on x86, and spill. The exits below keep
      // the steps apart (and serve any k).
      const unroll = 4
      f.add([['block'], ['loop']])
      for (let step = 0; step < unroll; step++) {
        const bs = Array.from({ length: vectors }, (_, j) =>
          f.let('v128', load('v128.load', get(b), 4 * width * step + 16 * j), 'b'),
        )
        for (const [row, rowSums] of sums.entries()) {
          const x = f.let('v128', load('v128.load32_splat', get(a), 16 * step + 4 * row), 'x')
          rowSums.forEach((sum, j) => {
            accumulate(f, options, sum, get(x), get(bs[j]!))
          })
        }
        if (step < unroll - 1)
          f.add(op('i32.eq', add(get(a), i32(16 * (step + 1))), get(end)), [['br_if', 1]])
      }
      f.increment(b, i32(4 * width * unroll))
      f.add(op('i32.ne', tee(a, add(get(a), i32(16 * unroll))), get(end)), [['br_if', 0], ['end'], ['end']])

      f.if(get(bias), () => {
        for (let j = 0; j < vectors; j++) {
          const b = f.let('v128', load('v128.load', get(bias), 16 * j))
          for (const row of sums) f.set(row[j]!, op('f32x4.add', get(row[j]!), get(b)))
        }
      })
      activate(f, options, activation, sums.flat())
      const storeRow = (row: number): void => {
        f.if(get(mask), () => {
          sums[row]!.forEach((sum, j) => {
            applyMask(f, sum, get(mask), 16 * j)
          })
          f.increment(mask, get(maskStride))
        })
        if (width === 4) storeFirst(f, f.let('i32', get(c)), sums[row]![0]!, get(columns))
        else f.add(...sums[row]!.map((sum, j) => store('v128.store', get(c), get(sum), 16 * j)))
        if (row === 3) return
        f.if(op('i32.gt_s', get(rows), i32(row + 1)), () => {
          f.increment(c, get(cStride))
          storeRow(row + 1)
        })
      }
      storeRow(0)
    },
  )
