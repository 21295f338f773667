/**
 * Matrix products C = op(A) op(B), with bias, activation and mask fused into the store.
 *
 * Whatever kernel computes it, an element of C is the sum over k = 0, 1, 2, ... in this order, started from zero,
 * one float32 product and one float32 sum at a time; then the bias is added. So the result is a property of the
 * formula: it depends neither on how the kernels cut the matrix into tiles nor on how threads split its rows.
 *
 * Both operands are copied into panels that the inner loop reads front to back (which also transposes, so one
 * kernel serves all forms): A in panels of 4 rows, B in panels of 8 columns or 4.
 *
 * Loads may read up to 12 bytes past the end of a matrix, so 16 bytes must be addressable after each; stores are
 * exact. C must not overlap A, B, the bias or the mask, since edge tiles of C may be computed twice.
 */
import {
  type Code,
  call,
  type FunctionBuilder,
  type FunctionReference,
  f32x4,
  get,
  i32,
  type Local,
  load,
  type ModuleBuilder,
  op,
  shuffle,
  store,
  tee,
} from './encoder.ts'

/** Which of A [m,k] and B [k,n] are stored transposed (T), as [k,m] and [n,k]. */
export type ProductForm = 'NN' | 'TN' | 'NT' | 'TT'

/** 'none', 'relu', or the index of one of the functions given to {@link defineMatmul}. */
export type ProductActivation = 'none' | 'relu' | number

export interface Product {
  readonly form: ProductForm
  readonly m: number
  readonly n: number
  readonly k: number
  /** Addresses, and the distances between rows as stored, in floats, where they differ from the row lengths. */
  readonly a: Code
  readonly b: Code
  readonly c: Code
  readonly aStride?: number
  readonly bStride?: number
  readonly cStride?: number
  /** Address of n floats that are added to each row of C. */
  readonly bias?: Code
  readonly activation?: ProductActivation
  /** Address of a matrix like C: where it is not positive, C becomes zero (the derivative of a ReLU). */
  readonly mask?: Code
  readonly maskStride?: number
  /** Address of {@link scratchBytes} bytes, aligned to 16, that no other thread uses. */
  readonly scratch: Code
  /** Only these rows of C are computed (all by default): how threads share a product. Whole fours split best. */
  readonly rows?: { readonly start: Code; readonly end: Code }
}

export interface MatmulOptions {
  /** Uses relaxed SIMD's multiply-add: faster, but rounds differently from one machine to another. */
  readonly relaxed?: boolean
  /** Functions from vector to vector that can be applied before C is stored. */
  readonly activations?: readonly FunctionReference[]
}

export interface Matmul {
  /** The call that computes a product; the kernel is chosen by its shape. */
  readonly product: (product: Product) => Code
}

/** The scratch memory a product needs: packed A, and one panel of B. */
export const scratchBytes = ({ m, k }: Pick<Product, 'm' | 'k'>): number => 4 * k * (4 * Math.ceil(m / 4) + 8)

const add = (a: Code, b: Code): Code => op('i32.add', a, b)
const times = (a: Code, b: Code): Code => op('i32.mul', a, b)

/** Stores the first `count` floats of a vector (all of them if there are more). */
const storeFirst = (f: FunctionBuilder, address: Local, vector: Local, count: Code): void => {
  const n = f.let('i32', count)
  f.if(
    op('i32.ge_s', get(n), i32(4)),
    () => f.add(store('v128.store', get(address), get(vector))),
    () => {
      f.if(op('i32.and', get(n), i32(2)), () => {
        f.add(store('v128.store64_lane', get(address), get(vector), 0, 0))
        f.set(vector, shuffle(get(vector), get(vector), 2, 3, 2, 3))
        f.increment(address, i32(8))
      })
      f.if(op('i32.and', get(n), i32(1)), () =>
        f.add(store('v128.store32_lane', get(address), get(vector), 0, 0)),
      )
    },
  )
}

/** Rows of four vectors become columns. */
const transpose = (f: FunctionBuilder, rows: Local[]): Local[] => {
  const [a, b, c, d] = rows.map(get) as [Code, Code, Code, Code]
  const pairs = [
    [a, b, 0, 4, 1, 5],
    [c, d, 0, 4, 1, 5],
    [a, b, 2, 6, 3, 7],
    [c, d, 2, 6, 3, 7],
  ] as const
  const [ab, cd, AB, CD] = pairs.map(([x, y, ...lanes]) => get(f.let('v128', shuffle(x, y, ...lanes))))
  return [
    shuffle(ab!, cd!, 0, 1, 4, 5),
    shuffle(ab!, cd!, 2, 3, 6, 7),
    shuffle(AB!, CD!, 0, 1, 4, 5),
    shuffle(AB!, CD!, 2, 3, 6, 7),
  ].map(column => f.let('v128', column))
}

/** Defines the kernels in a module and returns what calls them. */
export function defineMatmul(module: ModuleBuilder, options: MatmulOptions = {}): Matmul {
  const accumulate = (f: FunctionBuilder, sum: Local, x: Code, y: Code): void =>
    f.set(
      sum,
      options.relaxed
        ? op('f32x4.relaxed_madd', x, y, get(sum))
        : op('f32x4.add', get(sum), op('f32x4.mul', x, y)),
    )

  const zeros = (f: FunctionBuilder, count: number): Local[] =>
    Array.from({ length: count }, () => f.let('v128', f32x4(0), 'sum'))

  const activate = (f: FunctionBuilder, activation: Local, sums: readonly Local[]): void =>
    f.if(get(activation), () => {
      f.if(op('i32.eq', get(activation), i32(1)), () => {
        // pmax(x, 0) is x < 0 ? 0 : x, one instruction on x86 where max takes several.
        for (const sum of sums) f.set(sum, op('f32x4.pmax', get(sum), f32x4(0)))
      })
      options.activations?.forEach((callee, index) => {
        f.if(op('i32.eq', get(activation), i32(index + 2)), () => {
          for (const sum of sums) f.set(sum, call(callee, get(sum)))
        })
      })
    })

  /** Computes `4 x width` elements of C from a panel of A and one of B. */
  const defineKernel = (width: 4 | 8): FunctionReference =>
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
              accumulate(f, sum, get(x), get(bs[j]!))
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
        activate(f, activation, sums.flat())
        const storeRow = (row: number): void => {
          f.if(get(mask), () => {
            sums[row]!.forEach((sum, j) => {
              const keep = op('f32x4.gt', load('v128.load', get(mask), 16 * j), f32x4(0))
              f.set(sum, op('v128.and', get(sum), keep))
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

  /** Copies `width` columns of a matrix with k rows: to[k][width]. */
  const definePackColumns = (width: 4 | 8): FunctionReference =>
    module.function(
      `pack_${width}_columns`,
      { from: 'i32', stride: 'i32', k: 'i32', to: 'i32' },
      [],
      (f, { from, stride, k, to }) => {
        const end = f.let('i32', add(get(to), times(get(k), i32(4 * width))), 'end')
        f.doWhile(
          () => {
            for (let j = 0; j < width; j += 4) {
              f.add(store('v128.store', get(to), load('v128.load', get(from), 4 * j), 4 * j))
            }
            f.increment(from, get(stride))
            f.increment(to, i32(4 * width))
          },
          () => op('i32.ne', get(to), get(end)),
        )
      },
    )

  /** Pointers to four rows from `from` on; those beyond the last row point to the last. */
  const rowPointers = (f: FunctionBuilder, from: Local, stride: Local, rows: Code, count = 4): Local[] => {
    const last = f.let('i32', add(get(from), times(op('i32.sub', rows, i32(1)), get(stride))), 'last')
    const pointers = [f.let('i32', get(from), 'row')]
    while (pointers.length < count) {
      const next = f.let('i32', add(get(pointers.at(-1)!), get(stride)), 'row')
      f.set(next, [...get(next), ...get(last), ...op('i32.le_u', get(next), get(last)), ['select']])
      pointers.push(next)
    }
    return pointers
  }

  /** One float of each of four rows, as a vector. */
  const gather = (rows: readonly Local[]): Code => {
    const [a, b, c, d] = rows.map(row => load('v128.load32_splat', get(row))) as [Code, Code, Code, Code]
    return shuffle(shuffle(a, b, 0, 4, 0, 4), shuffle(c, d, 0, 4, 0, 4), 0, 1, 6, 7)
  }

  /** Copies four rows of k floats, transposed: to[k][4], `step` bytes from one k to the next. */
  const packRows = module.function(
    'pack_4_rows',
    { from: 'i32', stride: 'i32', rows: 'i32', k: 'i32', to: 'i32', step: 'i32' },
    [],
    (f, { from, stride, rows, k, to, step }) => {
      const pointers = rowPointers(f, from, stride, get(rows))
      const next = (code: Code): void => {
        f.add(store('v128.store', get(to), code))
        f.increment(to, get(step))
      }
      const advance = (by: number): void => {
        for (const pointer of pointers) f.increment(pointer, i32(4 * by))
        f.increment(k, i32(-by))
      }
      f.while(
        () => op('i32.ge_s', get(k), i32(4)),
        () => {
          const loaded = pointers.map(pointer => f.let('v128', load('v128.load', get(pointer)), 'row'))
          for (const column of transpose(f, loaded)) next(get(column))
          advance(4)
        },
      )
      f.while(
        () => get(k),
        () => {
          next(gather(pointers))
          advance(1)
        },
      )
    },
  )

  const [kernel4, kernel8] = [defineKernel(4), defineKernel(8)]
  const [packColumns4, packColumns8] = [definePackColumns(4), definePackColumns(8)]

  const general = module.function(
    'multiply',
    {
      a: 'i32',
      aStride: 'i32',
      aTransposed: 'i32',
      b: 'i32',
      bStride: 'i32',
      bTransposed: 'i32',
      c: 'i32',
      cStride: 'i32',
      bias: 'i32',
      activation: 'i32',
      mask: 'i32',
      maskStride: 'i32',
      scratch: 'i32',
      n: 'i32',
      k: 'i32',
      start: 'i32',
      end: 'i32',
    },
    [],
    (f, p) => {
      const panelA = f.let('i32', times(get(p.k), i32(16)), 'panelA')
      const packedA = f.let('i32', add(get(p.scratch), times(get(p.k), i32(32))), 'packedA')
      const row = f.let('i32', get(p.start), 'row')
      const rowBytes = f.local('i32', 'rowBytes')
      f.set(rowBytes, [...i32(4), ...get(p.aStride), ...get(p.aTransposed), ['select']])
      const to = f.let('i32', get(packedA), 'to')
      const rows = f.local('i32', 'rows')
      f.set(p.a, add(get(p.a), times(get(p.start), get(rowBytes))))
      const forRows = (pointer: Local, body: () => void): void => {
        f.set(row, get(p.start))
        f.set(pointer, get(packedA))
        f.while(
          () => op('i32.gt_s', tee(rows, op('i32.sub', get(p.end), get(row))), i32(0)),
          () => {
            body()
            f.increment(row, i32(4))
            f.increment(pointer, get(panelA))
          },
        )
      }
      forRows(to, () => {
        f.if(
          get(p.aTransposed),
          () => f.add(call(packColumns4, get(p.a), get(p.aStride), get(p.k), get(to))),
          () => f.add(call(packRows, get(p.a), get(p.aStride), get(rows), get(p.k), get(to), i32(16))),
        )
        f.increment(p.a, times(get(rowBytes), i32(4)))
      })

      const column = f.let('i32', i32(0), 'column')
      const c = f.local('i32', 'c')
      const offset = f.local('i32', 'offset')
      const panel = f.local('i32', 'panel')
      const mask = f.local('i32', 'mask')
      /** Packs one panel of B, of `width` columns, and multiplies all panels of A with it. */
      const forPanel = (width: 4 | 8): void => {
        // The last panel is shifted left to end with the matrix: some columns are computed twice, to the same
        // values, which is cheaper than storing parts of vectors. Fewer than four columns leave no choice.
        f.set(offset, op('i32.sub', get(p.n), i32(width)))
        f.set(offset, [
          ...get(column),
          ...get(offset),
          ...op('i32.lt_s', get(column), get(offset)),
          ['select'],
        ])
        if (width === 4) {
          f.set(offset, [...get(offset), ...i32(0), ...op('i32.gt_s', get(offset), i32(0)), ['select']])
        }
        f.if(
          get(p.bTransposed),
          () => {
            for (let j = 0; j < width; j += 4) {
              const from = add(get(p.b), times(add(get(offset), i32(j)), get(p.bStride)))
              const rowsOfB = op('i32.sub', get(p.n), get(offset))
              f.add(
                call(
                  packRows,
                  from,
                  get(p.bStride),
                  rowsOfB,
                  get(p.k),
                  add(get(p.scratch), i32(4 * j)),
                  i32(4 * width),
                ),
              )
            }
          },
          () => {
            const from = add(get(p.b), times(get(offset), i32(4)))
            f.add(
              call(width === 4 ? packColumns4 : packColumns8, from, get(p.bStride), get(p.k), get(p.scratch)),
            )
          },
        )
        f.set(offset, times(get(offset), i32(4)))
        f.set(c, add(add(get(p.c), times(get(p.start), get(p.cStride))), get(offset)))
        const ifGiven = (pointer: Local, code: Code): Code => [
          ...code,
          ...i32(0),
          ...get(pointer),
          ['select'],
        ]
        const bias = ifGiven(p.bias, add(get(p.bias), get(offset)))
        f.set(
          mask,
          ifGiven(p.mask, add(add(get(p.mask), times(get(p.start), get(p.maskStride))), get(offset))),
        )
        forRows(panel, () => {
          f.add(
            call(
              width === 4 ? kernel4 : kernel8,
              get(panel),
              get(p.scratch),
              get(p.k),
              get(c),
              get(p.cStride),
              bias,
              get(p.activation),
              get(mask),
              get(p.maskStride),
              get(rows),
              get(p.n),
            ),
          )
          f.increment(c, times(get(p.cStride), i32(4)))
          f.if(get(mask), () => f.increment(mask, times(get(p.maskStride), i32(4))))
        })
      }
      f.doWhile(
        () => {
          f.if(
            op(
              'i32.or',
              op('i32.le_s', op('i32.sub', get(p.n), get(column)), i32(4)),
              op('i32.lt_s', get(p.n), i32(8)),
            ),
            () => {
              forPanel(4)
              f.increment(column, i32(4))
            },
            () => {
              forPanel(8)
              f.increment(column, i32(8))
            },
          )
        },
        () => op('i32.lt_s', get(column), get(p.n)),
      )
    },
  )

  /** c[n] = x[k] B[k,n] for the columns in start..end, without packing: B is read just once. */
  const vectorTimesMatrix = module.function(
    'multiply_vector_matrix',
    {
      x: 'i32',
      b: 'i32',
      bStride: 'i32',
      c: 'i32',
      bias: 'i32',
      activation: 'i32',
      mask: 'i32',
      k: 'i32',
      start: 'i32',
      end: 'i32',
    },
    [],
    (f, p) => {
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
            f.set(from, add(get(p.b), get(at)))
            f.set(x, get(p.x))
            f.doWhile(
              () => {
                const scale = f.let('v128', load('v128.load32_splat', get(x)))
                sums.forEach((sum, j) => {
                  accumulate(f, sum, get(scale), load('v128.load', get(from), 16 * j))
                })
                f.increment(from, get(p.bStride))
                f.increment(x, i32(4))
              },
              () => op('i32.ne', get(x), get(last)),
            )
            f.if(get(p.bias), () => {
              sums.forEach((sum, j) => {
                f.set(sum, op('f32x4.add', get(sum), load('v128.load', add(get(p.bias), get(at)), 16 * j)))
              })
            })
            activate(f, p.activation, sums)
            sums.forEach((sum, j) => {
              f.if(get(p.mask), () => {
                const keep = op('f32x4.gt', load('v128.load', add(get(p.mask), get(at)), 16 * j), f32x4(0))
                f.set(sum, op('v128.and', get(sum), keep))
              })
              const to = add(get(p.c), get(at))
              if (vectors > 1) f.add(store('v128.store', to, get(sum), 16 * j))
              else storeFirst(f, f.let('i32', to), sum, columns())
            })
            f.increment(p.start, i32(4 * vectors))
          },
        )
      blocks(4, 16, () => i32(4))
      blocks(1, 1, () => op('i32.sub', get(p.end), get(p.start)))
    },
  )

  /** c[m] = A[m,k] x[k] for the rows in start..end: lanes are rows, so that sums run in order here too. */
  const matrixTimesVector = module.function(
    'multiply_matrix_vector',
    {
      a: 'i32',
      aStride: 'i32',
      x: 'i32',
      c: 'i32',
      bias: 'i32',
      activation: 'i32',
      mask: 'i32',
      k: 'i32',
      start: 'i32',
      end: 'i32',
    },
    [],
    (f, p) => {
      const groups = 2
      const a = f.local('i32', 'a')
      f.while(
        () => op('i32.lt_s', get(p.start), get(p.end)),
        () => {
          f.set(a, add(get(p.a), times(get(p.start), get(p.aStride))))
          const rows = rowPointers(f, a, p.aStride, op('i32.sub', get(p.end), get(p.start)), 4 * groups)
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
                  accumulate(f, sum, get(columns[group]![step]!), get(scale))
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
                accumulate(f, sum, gather(ofGroup(group)), get(scale))
              })
              advance(1)
            },
          )
          f.if(get(p.bias), () => {
            for (const sum of sums) {
              f.set(sum, op('f32x4.add', get(sum), load('v128.load32_splat', get(p.bias))))
            }
          })
          activate(f, p.activation, sums)
          sums.forEach((sum, group) => {
            const at = add(times(get(p.start), i32(4)), i32(16 * group))
            f.if(op('i32.gt_s', op('i32.sub', get(p.end), get(p.start)), i32(4 * group)), () => {
              f.if(get(p.mask), () => {
                const keep = op('f32x4.gt', load('v128.load', add(get(p.mask), at)), f32x4(0))
                f.set(sum, op('v128.and', get(sum), keep))
              })
              const count = op('i32.sub', op('i32.sub', get(p.end), get(p.start)), i32(4 * group))
              storeFirst(f, f.let('i32', add(get(p.c), at)), sum, count)
            })
          })
          f.increment(p.start, i32(4 * groups))
        },
      )
    },
  )

  const product = (p: Product): Code => {
    const { form, m, n, k } = p
    const [transposeA, transposeB] = [...form].map(letter => letter === 'T')
    for (const size of [m, n, k]) {
      if (!Number.isInteger(size) || size < 1)
        throw new RangeError(`A product needs positive sizes: ${m} ${n} ${k}`)
    }
    const aStride = p.aStride ?? (transposeA ? m : k)
    const bStride = p.bStride ?? (transposeB ? k : n)
    const cStride = p.cStride ?? n
    const maskStride = p.maskStride ?? n
    const none = i32(0)
    const [bias, mask] = [p.bias ?? none, p.mask ?? none]
    const activation = i32(
      p.activation === 'relu' ? 1 : typeof p.activation === 'number' ? p.activation + 2 : 0,
    )
    const { start, end } = p.rows ?? { start: i32(0), end: i32(m) }
    const dense = (stride: number): boolean => stride === 1
    // A column is a row as stored when nothing lies between its elements.
    if (n === 1 && (transposeB || dense(bStride)) && dense(cStride) && (!p.mask || dense(maskStride))) {
      if (!transposeA) {
        return call(
          matrixTimesVector,
          p.a,
          i32(4 * aStride),
          p.b,
          p.c,
          bias,
          activation,
          mask,
          i32(k),
          start,
          end,
        )
      }
      if (!p.bias) {
        return call(
          vectorTimesMatrix,
          p.b,
          p.a,
          i32(4 * aStride),
          p.c,
          none,
          activation,
          mask,
          i32(k),
          start,
          end,
        )
      }
    }
    if (m === 1 && !p.rows && (!transposeA || dense(aStride))) {
      if (!transposeB) {
        return call(
          vectorTimesMatrix,
          p.a,
          p.b,
          i32(4 * bStride),
          p.c,
          bias,
          activation,
          mask,
          i32(k),
          none,
          i32(n),
        )
      }
      if (!p.bias) {
        return call(
          matrixTimesVector,
          p.b,
          i32(4 * bStride),
          p.a,
          p.c,
          none,
          activation,
          mask,
          i32(k),
          none,
          i32(n),
        )
      }
    }
    return call(
      general,
      p.a,
      i32(4 * aStride),
      i32(transposeA ? 1 : 0),
      p.b,
      i32(4 * bStride),
      i32(transposeB ? 1 : 0),
      p.c,
      i32(4 * cStride),
      bias,
      activation,
      mask,
      i32(4 * maskStride),
      p.scratch,
      i32(n),
      i32(k),
      start,
      end,
    )
  }
  return { product }
}
