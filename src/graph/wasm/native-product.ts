/** Finds the native product, which is an optional package for each platform. */
import type { ImportedProduct } from './matmul/imported.ts'

/** What such a package exports; `native/README.md` says more. */
interface NativeAddon {
  /** What this processor has, best first; none without fused multiply-add. */
  readonly instructionSets: readonly string[]
  bind(memory: Uint8Array): (block: number) => void
}

/** Platforms for which there is a package. */
const PLATFORMS: readonly string[] = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64']

/** The native product; or why there is none and, if there is one, the command that installs it. */
export type NativeProduct =
  | { readonly product: ImportedProduct; readonly reason?: undefined }
  | { readonly product?: undefined; readonly reason: string; readonly remedy?: string }

/**
 * Loads the native product of this platform. Node itself looks for the package, not an import, so that
 * bundlers for web pages never see it.
 */
export function loadNativeProduct(): NativeProduct {
  const createRequire = globalThis.process?.getBuiltinModule?.('node:module')?.createRequire
  if (!createRequire) return { reason: 'native products need Node' }
  const platform = `${process.platform}-${process.arch}`
  if (!PLATFORMS.includes(platform)) return { reason: `there are no native products for ${platform}` }
  const name = `@soft-actor-critic/native-${platform}`
  const require = createRequire(import.meta.url)
  try {
    const path = require.resolve(name)
    const addon: NativeAddon = require(path)
    const [best] = addon.instructionSets
    if (best === undefined) return { reason: 'this processor has no fused multiply-add' }
    return { product: { name: best, path, bind: memory => addon.bind(memory) } }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'MODULE_NOT_FOUND') return { reason: `${name} cannot be loaded: ${message}` }
    // A clone of the repository has a folder for each platform, but a built binary only for its own.
    return has(require, `${name}/package.json`)
      ? { reason: `${name} is not built`, remedy: `tools/build-native.sh ${platform}` }
      : { reason: `${name} is not installed`, remedy: `npm install ${name}` }
  }
}

function has(require: NodeJS.Require, path: string): boolean {
  try {
    require.resolve(path)
    return true
  } catch {
    return false
  }
}
