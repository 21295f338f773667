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
import { launchChromium } from '../../tools/chromium.ts'

const root = join(import.meta.dirname, '../..')
const committed = readFileSync(join(root, 'test/sac/fingerprint.txt'), 'utf8').trim()

/** The program of another version of Node, from the npm package `node`. */
function install(version: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'node-'))
  const args = ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder, `node@${version}`]
  execFileSync('npm', args, { stdio: 'pipe' })
  return join(folder, 'node_modules/node/bin/node')
}

/** Wide enough for every kind of kernel, and for threads to share them. */
const wideNetwork = { hiddenSizes: [160, 130], batchSize: 128, learningStarts: 150 }
const WIDE_STEPS = 190

/** The network of the published results, for 300 updates. */
const fullNetwork = { hiddenSizes: [256, 256], batchSize: 256, learningStarts: 300, threads: 2 }
const FULL_STEPS = 600

/** The weights that fused multiply-add gives, by the native product on this machine. */
async function fused(network: object = wideNetwork, steps = WIDE_STEPS): Promise<string> {
  const { fingerprint } = await import('../../tools/fingerprint.ts')
  return fingerprint({ ...network, engine: 'native', threads: 2 }, steps)
}

describe.each([22, 24, 25, 26])('Node %d', version => {
  let node: string
  beforeAll(() => {
    node = install(version)
  })
  const run = (...args: string[]) => execFileSync(node, args, { encoding: 'utf8', cwd: root })
  const print = (...args: string[]) => run('dist/tools/print-fingerprint.js', ...args).trim()

  test('gives the committed weights', () => {
    expect(run('--version')).toMatch(`v${version}.`)
    expect(print()).toBe(committed)
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

  // Of a processor that has it, as every one of the last ten years.
  test('gives the weights of the native product with fused multiply-add', async () => {
    for (const engine of ['wasm-fast', 'native']) {
      for (const threads of [1, 2]) {
        const options = JSON.stringify({ ...wideNetwork, engine, threads })
        expect(print(options, String(WIDE_STEPS)), `${engine}, ${threads} threads`).toBe(await fused())
      }
    }
  })

  test('and after 300 updates at full size', async () => {
    const weights = await fused(fullNetwork, FULL_STEPS)
    for (const engine of ['wasm-fast', 'native']) {
      const options = JSON.stringify({ ...fullNetwork, engine })
      expect(print(options, String(FULL_STEPS)), engine).toBe(weights)
    }
  })

  // Older ones have no such flag.
  test.skipIf(version < 24)('gives the same weights with wide kernels, and starts every time', async () => {
    expect(print('--wide')).toBe(committed)
    const options = JSON.stringify({ ...wideNetwork, engine: 'wasm-fast', threads: 2 })
    expect(print('--wide', options, String(WIDE_STEPS))).toBe(await fused())
    const exact = JSON.stringify({ ...wideNetwork, engine: 'wasm', threads: 2 })
    const expected = print(exact, '155')
    const starts = Number(process.env.STARTS ?? 10)
    for (let i = 0; i < starts; i++) expect(print('--wide', exact, '155')).toBe(expected)
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
      external: ['@mujoco/mujoco'],
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
    const { fingerprint } = await import('../../tools/fingerprint.ts')
    const two = { ...wideNetwork, threads: 2 }
    const here = await fingerprint({ ...two, threads: 1 }, WIDE_STEPS)
    expect(await inPage('/isolated/', two, WIDE_STEPS)).toBe(`${here} true`)
    expect(await inPage('/', two, WIDE_STEPS)).toBe(`${here} false`)
    for (const path of ['/isolated/', '/']) {
      const weights = await inPage(path, { ...two, background: true }, WIDE_STEPS)
      expect(weights).toBe(`${here} ${path !== '/'}`)
    }
  })

  test('gives the weights of the native product with fused multiply-add', async () => {
    const two = { ...wideNetwork, engine: 'wasm-fast', threads: 2 }
    expect(await inPage('/isolated/', two, WIDE_STEPS)).toBe(`${await fused()} true`)
    const full = { ...fullNetwork, engine: 'wasm-fast' }
    expect(await inPage('/isolated/', full, FULL_STEPS)).toBe(`${await fused(fullNetwork, FULL_STEPS)} true`)
  })
})
