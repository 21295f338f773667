/** The native product of the package for this platform (`native/` in the repository), where it is installed. */
import type { ImportedProduct } from './imported.ts'

/** What a package's file exports. */
interface NativeAddon {
  /** Instruction sets with fused multiply-add that this processor has, best first. */
  readonly instructionSets: readonly string[]
  readonly bind: ImportedProduct['bind']
}

/** Platforms there is a package for. */
const PLATFORMS: readonly string[] = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64']

/**
 * Loads the native product.
 *
 * Packages are looked for by Node itself and not by an import, so that what bundles a page never sees them.
 *
 * @throws Error that says what is missing, and what to do where something can be done
 */
export function loadNativeProduct(): ImportedProduct {
  const node = globalThis.process?.getBuiltinModule?.('node:module')
  if (!node) throw new Error('native products need Node')
  const platform = `${process.platform}-${process.arch}`
  if (!PLATFORMS.includes(platform)) throw new Error(`there are no native products for ${platform}`)
  const name = `@soft-actor-critic/native-${platform}`
  const require = node.createRequire(import.meta.url)
  let path: string
  try {
    path = require.resolve(name)
  } catch (cause) {
    throw new Error(`${name} is not installed`, { cause })
  }
  let addon: NativeAddon
  try {
    addon = require(path)
  } catch (cause) {
    throw new Error(`${name} is installed but cannot be loaded: ${(cause as Error).message}`, { cause })
  }
  const [best] = addon.instructionSets
  if (best === undefined) throw new Error('this processor has no fused multiply-add')
  return { name: best, path, bind: memory => addon.bind(memory) }
}
