/** The page with a Worker that docs/browser.md shows: put together as it says, built by Vite, opened in Chromium. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'
import { serveFolder } from '../../tools/serve-folder.ts'
import { readPage } from '../processes/pages/page.ts'

const root = join(import.meta.dirname, '../..')

test('it trains, shows returns, and stops when asked', async () => {
  const { blocks } = readPage('docs/browser.md')
  const [worker, main] = blocks('ts')
  mkdirSync(join(root, 'dist'), { recursive: true })
  const folder = mkdtempSync(join(root, 'dist/worker-page-'))
  writeFileSync(join(folder, 'worker.ts'), worker)
  writeFileSync(join(folder, 'main.ts'), `${main}\nglobalThis.stop = () => worker.postMessage('stop')`)
  writeFileSync(join(folder, 'index.html'), '<!doctype html><script type="module" src="./main.ts"></script>')
  await build({
    root: folder,
    base: './',
    logLevel: 'error',
    configFile: false,
    // The configuration that the page names.
    worker: { format: 'es' },
    resolve: { alias: { 'soft-actor-critic': join(root, 'dist/src/index.js') } },
    build: { outDir: 'out', target: 'es2022' },
  })
  const { address, close } = await serveFolder(join(folder, 'out'))
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    await page.goto(address)
    await expect.poll(() => page.title(), { timeout: 60_000 }).toMatch(/^step \d+: -\d+$/)
    await page.evaluate(() => (globalThis as unknown as { stop(): void }).stop())
    await expect.poll(() => page.title(), { timeout: 10_000 }).toBe('done: aborted')
  } finally {
    await browser.close()
    close()
    rmSync(folder, { recursive: true })
  }
})
