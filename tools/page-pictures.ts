/** Pictures of each view of the page, in light and dark, as wide as a laptop and a telephone: `npm run page:pictures`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchChromium } from './chromium.ts'
import { serveFolder } from './serve-folder.ts'

const root = process.cwd()
const [folder = 'dist/page-pictures', only = ''] = process.argv.slice(2)

/** What to do in a view before it is pictured. */
type View = (page: Page, address: string) => Promise<void>

const trained = (page: Page, steps: number) =>
  page.waitForFunction(
    steps => Number(document.querySelector('.counts dd')?.textContent?.replace(/\D/g, '')) >= steps,
    steps,
    { timeout: 60_000 },
  )

const views: Record<string, View> = {
  async start(page, address) {
    await page.goto(address)
    await page.waitForSelector('.start:enabled')
    await page.waitForTimeout(1200)
  },
  async trained(page, address) {
    await views.start(page, address)
    await page.click('.start')
    await trained(page, 4000)
    await page.waitForTimeout(1500)
  },
}

views.compared = async (page, address) => {
  await page.goto(address)
  await page.getByLabel('Compare with').selectOption('td3')
  await page.waitForSelector('.start:enabled')
  await page.click('.start')
  await trained(page, 3000)
}
views.lander = async (page, address) => {
  await page.goto(`${address}#env=LunarLanderContinuous-v3&seed=1`)
  await page.waitForSelector('.start:enabled')
  await page.waitForTimeout(1500)
}
views.cheetah = async (page, address) => {
  await page.goto(`${address}#env=HalfCheetah-v5&seed=1`)
  await page.getByRole('button', { name: 'Load MuJoCo' }).click()
  await page.waitForSelector('.start:enabled')
  await page.waitForTimeout(2500)
}

mkdirSync(folder, { recursive: true })
const site = await serveFolder(join(root, 'dist/page'))
const browser = await launchChromium()
for (const [name, view] of Object.entries(views)) {
  if (!name.includes(only)) continue
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      page.on('pageerror', error => console.error(name, error))
      page.on('console', message => message.type() === 'error' && console.error(name, message.text()))
      await view(page, site.address)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true })
      await page.close()
    }
  }
}
await browser.close()
site.close()
