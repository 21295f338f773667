/** Products of any size, cut into panels. */
import {
  add,
  call,
  type FunctionReference,
  get,
  i32,
  type Local,
  op,
  tee,
  times,
} from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import { definePackColumns, definePackRows } from './packing.ts'
import type { MatmulOptions } from './sums.ts'
import { defineKernel } from './tile.ts'

/** C = op(A) op(B): packs A, then each panel of B in turn, and multiplies them. */
export function defineMultiply(module: ModuleBuilder, options: MatmulOptions): FunctionReference {
  const packRows = definePackRows(module)
  const [kernel4, kernel8] = [defineKernel(module, options, 4), defineKernel(module, options, 8)]
  const [packColumns4, packColumns8] = [definePackColumns(module, 4), definePackColumns(module, 8)]

  return module.function(
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
}
