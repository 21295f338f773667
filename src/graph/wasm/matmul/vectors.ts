/** Products with a vector: too little arithmetic to be worth packing a matrix. */
import {
  add,
  type FunctionReference,
  get,
  i32,
  type Local,
  load,
  op,
  shuffle,
  store,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { gather, rowPointers, transpose } from './rows.ts'
import { accumulate, activate, applyMask, type MatmulOptions, storeFirst, zeros } from './sums.ts'

/** Both kernels take the matrix and the vector, and compute the elements from start to end. */
const parameters = {
  matrix: 'i32',
  stride: 'i32',
  x: 'i32',
  c: 'i32',
  bias: 'i32',
  activation: 'i32',
  mask: 'i32',
  k: 'i32',
  start: 'i32',
  end: 'i32',
} as const

export type VectorKernel = FunctionReference<keyof typeof parameters>

/** c[n] = x[k] B[k,n] for the columns in start..end, without packing: B is read just once. */
export const defineVectorTimesMatrix = (module: ModuleBuilder, options: MatmulOptions): VectorKernel =>
  module.function('multiply_vector_matrix', parameters, [], (f, p) => {
    const from = f.local('i32', 'from')
    const x = f.local('i32', 'x')
    const last = f.let('i32', add(get(p.x), times(get(p.k), i32(4))), 'last')
    const at = f.local('i32', 'at')
    /** Columns in blocks of whole vectors; of the very last vector only the first `columns` are stored. */
    const blocks = (vectors: number, atLeast: number, columns: () => Code): void =>
      f.while(
        () => op('i32.ge_s', op('i32.sub', get(p.end), get(p.start)), i32(atLeast)),
        () => {
          const sums = zeros(f, vectors)
          f.set(at, times(get(p.start), i32(4)))
          f.set(from, add(get(p.matrix), get(at)))
          f.set(x, get(p.x))
          f.doWhile(
            () => {
              const scale = f.let('v128', load('v128.load32_splat', get(x)))
              sums.forEach((sum, j) => {
                accumulate(f, options, sum, get(scale), load('v128.load', get(from), 16 * j))
              })
              f.increment(from, get(p.stride))
              f.increment(x, i32(4))
            },
            () => op('i32.ne', get(x), get(last)),
          )
          f.if(get(p.bias), () => {
            sums.forEach((sum, j) => {
              f.set(sum, op('f32x4.add', get(sum), load('v128.load', add(get(p.bias), get(at)), 16 * j)))
            })
          })
          activate(f, options, p.activation, sums)
          sums.forEach((sum, j) => {
            f.if(get(p.mask), () => applyMask(f, sum, add(get(p.mask), get(at)), 16 * j))
            const to = add(get(p.c), get(at))
            if (vectors > 1) f.add(store('v128.store', to, get(sum), 16 * j))
            else storeFirst(f, f.let('i32', to), sum, columns())
          })
          f.increment(p.start, i32(4 * vectors))
        },
      )
    blocks(4, 16, () => i32(4))
    blocks(1, 1, () => op('i32.sub', get(p.end), get(p.start)))
  })

/** c[m] = A[m,k] x[k] for the rows in start..end: lanes are rows, so that sums run in order here too. */
export const defineMatrixTimesVector = (module: ModuleBuilder, options: MatmulOptions): VectorKernel =>
  module.function('multiply_matrix_vector', parameters, [], (f, p) => {
    const groups = 2
    const a = f.local('i32', 'a')
    f.while(
      () => op('i32.lt_s', get(p.start), get(p.end)),
      () => {
        f.set(a, add(get(p.matrix), times(get(p.start), get(p.stride))))
        const rows = rowPointers(f, a, p.stride, op('i32.sub', get(p.end), get(p.start)), 4 * groups)
        const sums = zeros(f, groups)
        const x = f.let('i32', get(p.x), 'x')
        const left = f.let('i32', get(p.k), 'left')
        const advance = (by: number): void => {
          for (const pointer of [...rows, x]) f.increment(pointer, i32(4 * by))
          f.increment(left, i32(-by))
        }
        const ofGroup = (group: number): Local[] => rows.slice(4 * group, 4 * group + 4)
        f.while(
          () => op('i32.ge_s', get(left), i32(4)),
          () => {
            const xs = f.let('v128', load('v128.load', get(x)))
            const columns = sums.map((_, group) =>
              transpose(
                f,
                ofGroup(group).map(row => f.let('v128', load('v128.load', get(row)))),
              ),
            )
            for (let step = 0; step < 4; step++) {
              const scale = f.let('v128', shuffle(get(xs), get(xs), step, step, step, step))
              sums.forEach((sum, group) => {
                accumulate(f, options, sum, get(columns[group]![step]!), get(scale))
              })
            }
            advance(4)
          },
        )
        f.while(
          () => get(left),
          () => {
            const scale = f.let('v128', load('v128.load32_splat', get(x)))
            sums.forEach((sum, group) => {
              accumulate(f, options, sum, gather(ofGroup(group)), get(scale))
            })
            advance(1)
          },
        )
        f.if(get(p.bias), () => {
          for (const sum of sums) {
            f.set(sum, op('f32x4.add', get(sum), load('v128.load32_splat', get(p.bias))))
          }
        })
        activate(f, options, p.activation, sums)
        sums.forEach((sum, group) => {
          const at = add(times(get(p.start), i32(4)), i32(16 * group))
          f.if(op('i32.gt_s', op('i32.sub', get(p.end), get(p.start)), i32(4 * group)), () => {
            f.if(get(p.mask), () => applyMask(f, sum, add(get(p.mask), at)))
            const count = op('i32.sub', op('i32.sub', get(p.end), get(p.start)), i32(4 * group))
            storeFirst(f, f.let('i32', add(get(p.c), at)), sum, count)
          })
        })
        f.increment(p.start, i32(4 * groups))
      },
    )
  })
