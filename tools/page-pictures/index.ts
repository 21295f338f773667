/**
 * Pictures of each view of the page and of `sac ui`, in light and dark, as wide as a laptop and a telephone:
 * `npm run page:pictures [-- folder [views]]`, where views are part of a name, such as `tour`.
 * `npm run page:pictures -- --readme` renews those in `docs/images` instead.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { serveRuns } from '../../src/run/index.ts'
import { launchChromium } from '../chromium.ts'
import { serveFolder } from '../serve-folder.ts'
import { playgroundViews } from './playground.ts'
import { runsViews, trainRuns } from './runs.ts'

const { values, positionals } = parseArgs({
  options: { readme: { type: 'boolean' } },
  allowPositionals: true,
})
const [folder = 'dist/page-pictures', only = ''] = positionals
const runs = join(folder, 'runs')
mkdirSync(runs, { recursive: true })
await trainRuns(runs)
const site = await serveFolder(join(process.cwd(), 'dist/page'))
const local = await serveRuns(runs)
const views = { ...playgroundViews(site.address), ...runsViews(local.url) }
const browser = await launchChromium()

/** Pictures of a view with both themes. */
async function picture(name: string, width: number, save: (page: Page, scheme: string) => Promise<unknown>) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
    const page = await context.newPage()
    page.on('pageerror', error => console.error(name, error))
    page.on('console', message => message.type() === 'error' && console.error(name, message.text()))
    await views[name](page)
    await save(page, colorScheme)
    await context.close()
  }
}

if (values.readme) {
  for (const [name, image] of [
    ['trained', 'playground'],
    ['runs', 'runs'],
  ]) {
    await picture(name, 1440, (page, scheme) =>
      page.screenshot({ path: `docs/images/${image}-${scheme}.png` }),
    )
  }
} else {
  for (const name of Object.keys(views).filter(name => name.includes(only))) {
    for (const width of [1440, 390]) {
      await picture(name, width, async (page, scheme) => {
        // Behind a dialog there is only the screen.
        const fullPage = (await page.locator('dialog[open]').count()) === 0
        await page.screenshot({ path: join(folder, `${name}-${scheme}-${width}.png`), fullPage })
      })
    }
  }
}
await browser.close()
await local.close()
site.close()
