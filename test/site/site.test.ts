/** The documentation site, built and opened in Chromium. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { violationsIn } from '../../tools/axe.ts'
import { launchChromium } from '../../tools/chromium.ts'
import { serveFolder } from '../../tools/serve-folder.ts'

const root = join(import.meta.dirname, '../..')
const built = join(root, 'dist/docs')

let browser: Browser
let page: Page
let site: Awaited<ReturnType<typeof serveFolder>>
let log = ''

beforeAll(async () => {
  // A link that leads nowhere makes this fail.
  log = execFileSync('npm', ['run', '--silent', 'docs'], { cwd: root, encoding: 'utf8', stdio: 'pipe' })
  site = await serveFolder(built)
  browser = await launchChromium()
  page = await browser.newPage()
})
afterAll(async () => {
  await browser?.close()
  await site?.close()
})

test('every page of the repository is in it, and the reference of every entry point', () => {
  expect(log).not.toContain('dead link')
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const entry of Object.keys(exports).filter(entry => !entry.endsWith('.json'))) {
    const name = join('soft-actor-critic', entry)
    expect(readFileSync(join(built, 'docs/api/index.html'), 'utf8')).toContain(`>${name}<`)
  }
  for (const name of ['getting-started', 'hyperparameters', 'troubleshooting', 'algorithm']) {
    expect(existsSync(join(built, `docs/${name}.html`)), name).toBe(true)
  }
})

test('it leads no visitor to a file of this machine', () => {
  const home = readFileSync(join(built, 'index.html'), 'utf8')
  expect(home).not.toContain(root)
  expect(readFileSync(join(built, 'docs/algorithm.html'), 'utf8')).toMatch(
    /href="https:\/\/[^"]+\/blob\/main\/src\/sac\/update\.ts"/,
  )
})

describe('the search', () => {
  test.each(['resume', 'NaN', 'learning rate'])('finds "%s"', async words => {
    await page.goto(`${site.address}docs/glossary.html`)
    await page.locator('.DocSearch-Button').click()
    await page.locator('.VPLocalSearchBox input').fill(words)
    const results = page.locator('.VPLocalSearchBox a.result')
    await expect.poll(() => results.count()).toBeGreaterThan(0)
    await results.first().click()
    await page.waitForURL(url => !url.pathname.includes('glossary') || url.hash !== '')
    // The reference writes learningRate.
    const joined = (text: string) => text.toLowerCase().replace(/\s/g, '')
    await expect.poll(async () => joined(await page.locator('main').innerText())).toContain(joined(words))
  })
})

test.each([
  '/',
  '/docs/getting-started.html',
  '/docs/hyperparameters.html',
  '/docs/how-it-works.html',
  '/docs/results.html',
  '/docs/api/',
])('%s has nothing that axe objects to', async path => {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto(site.address + path.slice(1))
    expect(await violationsIn(page), colorScheme).toEqual([])
  }
})
