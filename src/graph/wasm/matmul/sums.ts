/** What all kernels of a product do with their sums: start them, add to them, finish and store them. */
import {
  call,
  type FunctionBuilder,
  type FunctionReference,
  f32x4,
  get,
  i32,
  type Local,
  load,
  op,
  shuffle,
  store,
} from '../assembler/function-builder.ts'
import type { Code } from '../assembler/opcodes.ts'
import type { BareTile } from './tile.ts'

/** How a module computes its products: chosen when a program is compiled. */
export interface MatmulOptions {
  /** Takes relaxed SIMD's multiply-add, which rounds once where the hardware has it: `fast`, not `exact`. */
  readonly relaxed?: boolean
  /** Functions from vector to vector that can be applied before C is stored. */
  readonly activations?: readonly FunctionReference[]
  /** Rows of a tile. Six of 8 columns fill the registers if multiplying and adding is one instruction. */
  readonly height?: 4 | 6
  /** Tiles by width that another module computes, instead of the module's own or in addition to them. */
  readonly bareTiles?: ReadonlyMap<8 | 16, BareTile>
  /** Computes all but products with a vector, and these too unless the module has the same arithmetic. */
  readonly imported?: FunctionReference
}

/** Vectors of sums, from zero. */
export const zeros = (f: FunctionBuilder, count: number): Local[] =>
  Array.from({ length: count }, () => f.let('v128', f32x4(0), 'sum'))

/** sum += x y */
export const accumulate = (
  f: FunctionBuilder,
  { relaxed }: MatmulOptions,
  sum: Local,
  x: Code,
  y: Code,
): void =>
  f.set(
    sum,
    relaxed ? op('f32x4.relaxed_madd', x, y, get(sum)) : op('f32x4.add', get(sum), op('f32x4.mul', x, y)),
  )

/** Applies an activation by its number: 0 for none, 1 for ReLU, 2 and on for the functions of the options. */
export const activate = (
  f: FunctionBuilder,
  { activations }: MatmulOptions,
  activation: Local,
  sums: readonly Local[],
): void =>
  f.if(get(activation), () => {
    f.if(op('i32.eq', get(activation), i32(1)), () => {
      // pmax(x, 0) is x < 0 ? 0 : x, one instruction on x86 where max takes several.
      for (const sum of sums) f.set(sum, op('f32x4.pmax', get(sum), f32x4(0)))
    })
    activations?.forEach((callee, index) => {
      f.if(op('i32.eq', get(activation), i32(index + 2)), () => {
        for (const sum of sums) f.set(sum, call(callee, get(sum)))
      })
    })
  })

/** Keeps the elements of a sum where the mask is positive; the others become zero. */
export const applyMask = (f: FunctionBuilder, sum: Local, mask: Code, offset = 0): void => {
  const keep = op('f32x4.gt', load('v128.load', mask, offset), f32x4(0))
  f.set(sum, op('v128.and', get(sum), keep))
}

/** Stores the first `count` floats of a vector (all of them if there are more). */
export const storeFirst = (f: FunctionBuilder, address: Local, vector: Local, count: Code): void => {
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
