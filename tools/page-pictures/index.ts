/**
 * Pictures of each view of the page and of `sac ui`, in light and dark, as wide as a laptop and a telephone:
 * `npm run page:pictures [-- folder [views]]`, where views are part of a name, such as `tour`.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { launchChromium } from '../chromium.ts'
import { serveFolder } from '../serve-folder.ts'
import { playgroundViews } from './playground.ts'
import { runsViews, serveRuns, trainRuns } from './runs.ts'

const [folder = 'dist/page-pictures', only = ''] = process.argv.slice(2)
const runs = join(folder, 'runs')
mkdirSync(runs, { recursive: true })
await trainRuns(runs)
const site = await serveFolder(join(process.cwd(), 'dist/page'))
const local = await serveRuns(runs)
const browser = await launchChromium()
for (const [name, view] of Object.entries({ ...playgroundViews(site.address), ...runsViews(local.url) })) {
  if (!name.includes(only)) continue
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme })
      const page = await context.newPage()
      page.on('pageerror', error => console.error(name, error))
      page.on('console', message => message.type() === 'error' && console.error(name, message.text()))
      await view(page)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`), fullPage: true })
      await context.close()
    }
  }
}
await browser.close()
local.close()
site.close()
