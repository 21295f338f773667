import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
}

/**
 * Serves the files of a folder on this machine, as a static host would.
 * @param slowly which files arrive in ten parts, within half a second
 */
export async function serveFolder(folder: string, { slowly }: { slowly?: RegExp } = {}) {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = normalize(decodeURIComponent(new URL(url, 'http://localhost').pathname))
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path)
    try {
      const bytes = await readFile(file)
      response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' })
      const part = slowly?.test(file) ? Math.ceil(bytes.length / 10) : bytes.length
      for (let at = 0; at < bytes.length; at += part) {
        if (at > 0) await new Promise(resolve => setTimeout(resolve, 50))
        response.write(bytes.subarray(at, at + part))
      }
      response.end()
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}/`, close: () => server.close() }
}
