/** Runs that a page saves in the browser, and resumes in another visit. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'
import { serveFolder } from '../../tools/serve-folder.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'storage-'))
let browser: Awaited<ReturnType<typeof launchChromium>>
let site: Awaited<ReturnType<typeof serveFolder>>
let context: BrowserContext

beforeAll(async () => {
  const library = readFileSync(join(root, 'docs/library.md'), 'utf8')
  const [, shown] = /^```ts\n([\s\S]*?)^```/m.exec(library.slice(library.indexOf('## Runs in pages')))!
  const short = shown.replace('10_000', '400').replace('1000', '300')
  expect(short).not.toBe(shown)
  writeFileSync(join(folder, 'shown.ts'), `${short}\nglobalThis.trained = [agent.steps, metrics.length]`)
  await build({
    entryPoints: [join(import.meta.dirname, 'storage-program.ts'), join(folder, 'shown.ts')],
    bundle: true,
    format: 'esm',
    outdir: folder,
    entryNames: '[name]',
    alias: {
      'soft-actor-critic': join(root, 'src/index.ts'),
      'soft-actor-critic/storage': join(root, 'src/storage/index.ts'),
    },
    external: ['hyparquet', 'h5wasm'],
    nodePaths: [join(root, 'node_modules')],
    logLevel: 'silent',
  })
  for (const name of ['storage-program', 'shown']) {
    writeFileSync(join(folder, `${name}.html`), `<script type="module" src="${name}.js"></script>`)
  }
  site = await serveFolder(folder)
  browser = await launchChromium()
  context = await browser.newContext()
})
afterAll(async () => {
  await browser?.close()
  site?.close()
  rmSync(folder, { recursive: true })
})

/** Calls one of the program's functions in a page of its own, which is closed afterwards. */
async function visit<T>(name: string, ...args: unknown[]): Promise<T> {
  const page: Page = await context.newPage()
  await page.goto(`${site.address}storage-program.html`)
  await page.waitForFunction('globalThis.visit')
  const result = await page.evaluate(
    ([name, args]) =>
      (globalThis as unknown as { visit: Record<string, (...args: unknown[]) => unknown> }).visit[name](
        ...args,
      ),
    [name, args] as const,
  )
  await page.close()
  return result as T
}

interface Outcome {
  digest: string
  metrics: { step: number; return: number }[]
}

describe.each(['origin-private', 'IndexedDB'])('%s', place => {
  test('a run is stopped within 50 ms, saved, and resumed in another visit to the same bits', async () => {
    const { steps, took } = await visit<{ steps: number; took: number }>('first', place)
    expect(steps).toBeGreaterThan(100)
    expect(took).toBeLessThan(50)
    const resumed = await visit<Outcome>('second', place, 250)
    const whole = await visit<Outcome>('whole', steps + 250)
    expect(resumed.digest).toBe(whole.digest)
    expect(resumed.metrics).toEqual(whole.metrics)
    expect(resumed.metrics.length).toBeGreaterThan(0)
  })

  test('files are replaced as a whole, listed and removed', async () => {
    expect(await visit('files', place)).toEqual({
      missing: true,
      a: [1, 2, 3],
      b: [8, 8],
      size: 3,
      names: ['a.bin', 'b.bin'],
      left: ['b.bin'],
      refused: expect.stringContaining("'../a' is no name for a stored file"),
    })
  })
})

test('the example of docs/library.md begins a run, and resumes it at the next visit', async () => {
  const visited = async () => {
    const page = await context.newPage()
    await page.goto(`${site.address}shown.html`)
    const trained = await (await page.waitForFunction('globalThis.trained')).jsonValue()
    await page.close()
    return trained
  }
  expect(await visited()).toEqual([400, 2])
  // From the checkpoint at step 300, whose metrics are those of the first episode.
  expect(await visited()).toEqual([700, 3])
})
