import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, sep } from 'node:path'
import { UsageError } from '../usage-error.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/** The files of the built page by their addresses. Nothing else can be asked for, whatever an address looks like. */
export interface Assets {
  get(address: string): { body: Uint8Array; type: string } | undefined
}

/**
 * @param folder of the built page
 * @throws UsageError if it has not been built
 */
export function openAssets(folder: string): Assets {
  if (!existsSync(join(folder, 'runs', 'index.html'))) {
    throw new UsageError(
      `The page has not been built: there is no ${join(folder, 'runs')}. Run: npm run build:page`,
    )
  }
  const files = new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(name => Object.hasOwn(TYPES, extname(name)))
      .map(name => [`/${name.split(sep).join('/')}`, join(folder, name)]),
  )
  files.set('/runs/', join(folder, 'runs', 'index.html'))
  return {
    get(address) {
      const file = files.get(address)
      return file === undefined ? undefined : { body: readFileSync(file), type: TYPES[extname(file)] }
    },
  }
}
