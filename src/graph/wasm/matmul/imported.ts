/**
 * Products that a function outside WebAssembly computes, on the memory of the module that calls it.
 *
 * A call with one argument costs a third of one with twelve. So the module writes what the product is into a block of
 * words in memory and passes its address; the function was bound once to the beginning of the memory.
 */
import { add, call, type FunctionReference, i32, store } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { Code } from '../assembler/opcodes.ts'

/**
 * A native product. It has to compute the bits of `fast`: fused multiply-add in the order of k from zero, then the
 * bias, then x < 0 ? 0 : x for a ReLU, then zero where the mask is not positive.
 */
export interface ImportedProduct {
  /** What computes it, for people to read. */
  readonly name: string
  /** Absolute path of a module whose `bind` is the one below: every thread requires it for itself. */
  readonly path: string
  /** Binds the product to a memory that never grows; the function takes the byte address of a {@link BLOCK}. */
  readonly bind: (memory: Uint8Array) => (block: number) => void
}

/** What the words of a block mean, in their order: 32-bit integers, addresses in bytes, strides in floats. */
export const BLOCK = [
  /** 1: A is stored transposed, 2: B is, 4: ReLU. */
  'flags',
  'm',
  'n',
  'k',
  'a',
  'aStride',
  'b',
  'bStride',
  'c',
  'cStride',
  /** Addresses of what may be missing: 0 then. */
  'bias',
  'mask',
  'maskStride',
  /** Address to copy the rows of A to, which must not be transposed; 0 where reading them in place is faster. */
  'scratch',
] as const

/** Bytes that a block takes, a cache line. */
const BLOCK_BYTES = 64
/** What a native product copies of a row of A at a time, and a gap that keeps rows apart in the caches. */
const COPY_PER_ROW = 4 * 272

/**
 * Bytes for copies of A's rows, where these pay: long rows, one after another, fall into the same few sets
 * of the caches. Shorter ones are read faster where they lie.
 */
const copyBytes = ({ m, k }: { m: number; k: number }): number => (k >= 1024 ? m * COPY_PER_ROW : 0)

/** The scratch memory that a product needs: its block, and copies of A's rows. */
export const importedScratch = (shape: { m: number; k: number }): number => BLOCK_BYTES + copyBytes(shape)

/** Declares the function as an import of the module, `env.product`. */
export const importProduct = (module: ModuleBuilder): FunctionReference =>
  module.importFunction('env', 'product', { block: 'i32' })

/** Fills the block at the beginning of the scratch memory and calls the function. */
export const blockCall = (
  product: FunctionReference,
  { shape, scratch, transposeA }: { shape: { m: number; k: number }; scratch: Code; transposeA: boolean },
  words: Record<Exclude<(typeof BLOCK)[number], 'scratch'>, Code>,
): Code => {
  const copied = copyBytes(shape) > 0 && !transposeA
  const block = { ...words, scratch: copied ? add(scratch, i32(BLOCK_BYTES)) : i32(0) }
  return [
    ...BLOCK.flatMap((word, index) => store('i32.store', scratch, block[word], 4 * index)),
    ...call(product, scratch),
  ]
}
