/** The examples that are pages: built as somebody's own project would, and used in Chromium. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'
import { serveFolder } from '../../tools/serve-folder.ts'

const root = join(import.meta.dirname, '../..')
const closing: (() => unknown)[] = []
let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  for (const close of closing) await close()
})

/** Builds an example and opens it; what goes wrong in the page fails the test. */
async function open(example: string): Promise<{ page: Page; errors: string[] }> {
  const outDir = mkdtempSync(join(tmpdir(), 'example-'))
  await build({
    root: join(root, 'examples', example),
    base: './',
    logLevel: 'error',
    configFile: false,
    // In a project of its own npm installs it.
    resolve: { alias: { 'soft-actor-critic': join(root, 'dist/src/index.js') } },
    build: {
      outDir,
      target: 'es2022',
      rolldownOptions: { external: ['#onnxruntime', 'onnxruntime-web/wasm'] },
    },
  })
  const { address, close } = await serveFolder(outDir)
  closing.push(close)
  const page = await browser.newPage()
  const errors: string[] = []
  page.on('pageerror', error => errors.push(error.message))
  await page.goto(address)
  return { page, errors }
}

test('the opponent of the game misses at first, and after practice hits nearly every ball', async () => {
  const { page, errors } = await open('game')
  const status = page.locator('#score')
  await expect.poll(() => status.textContent()).toMatch(/steps/)
  for (let i = 0; i < 2; i++) {
    await page.locator('#practise').click()
    await expect.poll(() => page.locator('#practise').isEnabled(), { timeout: 60_000 }).toBe(true)
  }
  const [, hits, balls] = /hit (\d+) of its last (\d+)/.exec((await status.textContent())!)!
  expect(Number(balls)).toBeGreaterThan(10)
  expect(Number(hits) / Number(balls)).toBeGreaterThan(0.6)
  // It plays on by itself, and the arrow keys move the bat.
  const before = await status.textContent()
  await page.keyboard.press('ArrowUp')
  await expect.poll(() => status.textContent()).not.toBe(before)
  expect(errors).toEqual([])
})

test('the rocket flies by the exported policy, and lands', async () => {
  const { page, errors } = await open('rocket')
  const score = page.locator('#score')
  await expect.poll(() => score.textContent(), { timeout: 60_000 }).toMatch(/^landed [1-9]/)
  expect(errors).toEqual([])
})
