import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'
import { serveFolder } from '../../tools/serve-folder.ts'

/** The built page on a static host, and a browser; both end with the file's tests. */
export function useSite() {
  let browser: Browser
  let site: Awaited<ReturnType<typeof serveFolder>>

  beforeAll(async () => {
    site = await serveFolder(join(import.meta.dirname, '../../dist/page'))
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser?.close()
    site?.close()
  })

  return {
    /** A tab at an address of the site. What the page reports as errors must be what `errors` says when it is closed. */
    async open(path = '', options: BrowserContextOptions = {}): Promise<Page & { errors: string[] }> {
      const context = await browser.newContext(options)
      const page = await context.newPage()
      const errors: string[] = []
      page.on('pageerror', error => errors.push(String(error)))
      page.on('console', message => message.type() === 'error' && errors.push(message.text()))
      await page.goto(site.address + path)
      return Object.assign(page, { errors })
    },
    address: () => site.address,
  }
}

/** The number beside a name in the list of counts. */
export async function countOf(page: Page, name: string): Promise<number> {
  const text = await page.locator('.counts div', { hasText: name }).first().locator('dd').textContent()
  return Number(text!.replace(/\D/g, ''))
}

/** Waits until that number is at least `least`. */
export async function untilCount(page: Page, name: string, least: number): Promise<void> {
  await expect.poll(() => countOf(page, name), { timeout: 90_000 }).toBeGreaterThanOrEqual(least)
}
