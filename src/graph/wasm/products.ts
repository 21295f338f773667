/** What computes the products of a program: decided when it is compiled, from the options and what is available. */
import { supportsRelaxedSimd } from './assembler/features.ts'
import type { WasmOptions } from './instance.ts'
import type { LowerOptions } from './lower.ts'
import type { ImportedProduct } from './matmul/imported.ts'
import { allowedWideTiles } from './wide-tiles.ts'

export interface ChosenProducts extends Pick<LowerOptions, 'relaxed' | 'height'> {
  readonly kind: 'own' | 'wide' | 'imported'
  /** The wide tiles, compiled. */
  readonly wide?: WebAssembly.Module
  readonly product?: ImportedProduct
  /** For people to read. */
  readonly name: string
}

export async function chooseProducts(
  { relaxed: wanted = false, wide = true, product }: WasmOptions,
  shared: boolean,
): Promise<ChosenProducts> {
  if (product) {
    const name = `WebAssembly with native products (${product.name})`
    return { kind: 'imported', relaxed: supportsRelaxedSimd(), product, name }
  }
  const relaxed = wanted && supportsRelaxedSimd()
  const tiles = wide ? await allowedWideTiles() : undefined
  const name = ['WebAssembly', tiles && 'of 256 bits', relaxed && 'with fused multiply-add']
    .filter(Boolean)
    .join(' ')
  if (tiles) return { kind: 'wide', relaxed, wide: shared ? tiles.shared : tiles.own, name }
  return { kind: 'own', relaxed, height: relaxed ? heightOfFused() : 4, name }
}

/**
 * The part of an engine's description that decides the bits of its results. On WebAssembly it is whether multiply-add
 * is fused, not the threads or what computes the products; for any other engine it is all of the description.
 */
export function arithmeticOf(engine: string): string {
  if (!engine.startsWith('WebAssembly')) return engine
  return /fused|native/.test(engine) ? 'WebAssembly, fused' : 'WebAssembly'
}

/** Older versions of V8 keep a tile of six rows in memory rather than in registers. */
function heightOfFused(): 4 | 6 {
  const version = globalThis.process?.versions?.v8
  return version && Number.parseInt(version, 10) < 13 ? 4 : 6
}
