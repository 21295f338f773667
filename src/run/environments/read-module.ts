import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { UsageError } from '../usage-error.ts'

/**
 * Runs a JavaScript or TypeScript file and returns what it exports; `module.exports` counts as the default. It is run again each time, with variables of its
 * own, and so are the TypeScript files that it imports.
 *
 * It can import this package even where that is not installed, as with a `sac` that is installed globally.
 *
 * @param path absolute
 * @throws UsageError if there is no such file, it is not well-formed, or running it fails
 */
export async function readModule(path: string): Promise<Record<string, unknown>> {
  // Loaded only where such a file is given.
  const { createJiti } = await import('jiti')
  const { resolve } = createRequire(import.meta.url)
  const entries = ['soft-actor-critic/gymnasium', 'soft-actor-critic']
  const alias = Object.fromEntries(entries.map(name => [name, resolve(name)]))
  const jiti = createJiti(import.meta.url, { moduleCache: false, alias })
  try {
    // Always translated: Node takes `export` in a .js file only where a package.json says so, and runs it only once.
    const how = { id: path, filename: path, async: true, forceTranspile: true }
    const module = (await jiti.evalModule(await readFile(path, 'utf8'), how)) as Record<string, unknown>
    const isCommonJs =
      !('__esModule' in module) && (typeof module === 'function' || Object.keys(module).length > 0)
    return isCommonJs ? { ...module, default: module } : module
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${describeFailure(path, cause)}`, { cause })
  }
}

/** What went wrong in a module of the user's, in one line, with the line it happened in if that is known. */
export function describeFailure(path: string, error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, message, name, stack = '' } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'there is no such file'
  const syntax = /^ParseError: (.*?)\s*\n\s*(.*):(\d+):(\d+)/.exec(message)
  if (syntax) return `${syntax[1]} (${basename(syntax[2])}, line ${syntax[3]}, column ${syntax[4]})`
  const [reason] = message.split('\n')
  const at = stack.indexOf(`${path}:`)
  const line = at === -1 ? undefined : /^\d+/.exec(stack.slice(at + path.length + 1))
  return `${name === 'Error' ? '' : `${name}: `}${reason}${line ? ` (${basename(path)}, line ${line})` : ''}`
}
