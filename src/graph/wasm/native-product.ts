/** Finds the native product, which is an optional package for each platform. */
import type { ImportedProduct } from './matmul/imported.ts'

/** What such a package exports; `native/README.md` says more. */
interface NativeAddon {
  /** What this processor has, best first; none without fused multiply-add. */
  readonly instructionSets: readonly string[]
  bind(memory: Uint8Array): (block: number) => void
}

/** The native product, or why there is none. */
export type NativeProduct =
  | { readonly product: ImportedProduct; readonly reason?: undefined }
  | { readonly product?: undefined; readonly reason: string }

/** Loads the native product of this platform. */
export function loadNativeProduct(): NativeProduct {
  const createRequire = globalThis.process?.getBuiltinModule?.('node:module')?.createRequire
  if (!createRequire) return { reason: 'this is no Node' }
  const name = `@soft-actor-critic/native-${process.platform}-${process.arch}`
  try {
    const require = createRequire(import.meta.url)
    const path = require.resolve(name)
    const addon: NativeAddon = require(path)
    const [best] = addon.instructionSets
    if (best === undefined) return { reason: 'this processor has no fused multiply-add' }
    return { product: { name: best, path, bind: memory => addon.bind(memory) } }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const missing = code === 'MODULE_NOT_FOUND'
    return { reason: missing ? `${name} is not installed` : `${name} cannot be loaded: ${message}` }
  }
}
