/** The same bits in other JavaScript engines: newer versions of Node, and a real Chromium. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from './chromium.ts'

const root = join(import.meta.dirname, '../..')
const committed = readFileSync(join(root, 'test/sac/fingerprint.txt'), 'utf8').trim()

/** The program of another version of Node, from the npm package `node`. */
function install(version: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'node-'))
  const args = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, `node@${version}`]
  execFileSync('npm', args, { stdio: 'pipe' })
  return join(folder, 'node_modules/node/bin/node')
}

describe.each([22, 24])('Node %d', version => {
  let node: string
  beforeAll(() => {
    node = install(version)
  })
  const run = (...args: string[]) => execFileSync(node, args, { encoding: 'utf8', cwd: root })

  test('gives the committed weights', () => {
    expect(run('--version')).toMatch(`v${version}.`)
    expect(run('dist/tools/print-fingerprint.js').trim()).toBe(committed)
  })

  test('has fused multiply-add, which still agrees with the references', () => {
    const files = ['auto-temperature', 'delayed', 'fixed-temperature'].map(name => `test/golden/${name}.json`)
    expect(run('dist/tools/verify-golden.js', ...files, '--engine', 'wasm-fast')).toMatch(
      /\d+ passed, 0 failed/,
    )
    const engine = `import { chooseEngine, compile } from './dist/src/sac/engine.js'
      const program = await compile({ inputs: {}, state: {}, steps: {} }, { kind: 'wasm-fast', threads: 1 })
      console.log(program.engine)`
    expect(run('--input-type=module', '--eval', engine)).toContain('with fused multiply-add')
  })
})

describe('Chromium', () => {
  let browser: Browser
  let server: Server
  let script: string

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: {
        contents:
          "import { fingerprint } from './tools/fingerprint.ts'; globalThis.fingerprint = fingerprint",
        resolveDir: root,
        loader: 'ts',
      },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      external: ['#onnxruntime', 'onnxruntime-web/wasm', '@mujoco/mujoco'],
    })
    script = outputFiles[0].text
    server = createServer(({ url }, response) => {
      const isolated = {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      }
      const headers = url?.startsWith('/isolated') ? isolated : {}
      if (url?.endsWith('.js'))
        response.writeHead(200, { ...headers, 'Content-Type': 'text/javascript' }).end(script)
      else {
        const page =
          '<!doctype html><link rel="icon" href="data:,"><script type="module" src="fingerprint.js"></script>'
        response.writeHead(200, { ...headers, 'Content-Type': 'text/html' }).end(page)
      }
    }).listen(0)
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  const inPage = async (path: string, options: object, steps?: number) => {
    const page = await browser.newPage()
    const errors: Error[] = []
    page.on('pageerror', error => errors.push(error))
    await page.goto(`http://localhost:${(server.address() as AddressInfo).port}${path}`)
    const result = await page.evaluate(
      async ([options, steps]) => {
        const { fingerprint } = globalThis as unknown as {
          fingerprint: (o: object, s?: number) => Promise<string>
        }
        return `${await fingerprint(options as object, steps as number | undefined)} ${crossOriginIsolated}`
      },
      [options, steps] as const,
    )
    await page.close()
    expect(errors).toEqual([])
    return result
  }

  test('gives the committed weights', async () => {
    expect(await inPage('/', {})).toBe(`${committed} false`)
  })

  test('gives the same weights with two threads, or one where memory may not be shared', async () => {
    const wide = { hiddenSizes: [160, 130], batchSize: 128, learningStarts: 150, threads: 2 }
    const { fingerprint } = await import('../../tools/fingerprint.ts')
    const here = await fingerprint({ ...wide, threads: 1 }, 190)
    expect(await inPage('/isolated/', wide, 190)).toBe(`${here} true`)
    expect(await inPage('/', wide, 190)).toBe(`${here} false`)
  })
})
