import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { launchChromium } from '../../tools/chromium.ts'
import { SAC_PROGRAM } from '../processes/sac-process.ts'

/** `sac ui` as a process of its own. */
export interface LocalUi {
  url: string
  origin: string
  process: ChildProcess
}

/** A browser and local servers, which end with the tests. */
export function useLocalUi() {
  let browser: Browser
  const started: ChildProcess[] = []
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser?.close())
  afterEach(async () => {
    await Promise.all(started.splice(0).map(stop))
    for (const context of browser.contexts()) await context.close()
  })

  return {
    async start(folder: string, cwd = join(folder, '..')): Promise<LocalUi> {
      const child = spawn(process.execPath, [SAC_PROGRAM, 'ui', folder, '--no-open'], { cwd })
      started.push(child)
      let errors = ''
      child.stderr.on('data', data => {
        errors += data
      })
      const url = await new Promise<string>((resolve, reject) => {
        child.stdout.on('data', data => {
          const found = /http:\S+/.exec(String(data))
          if (found) resolve(found[0])
        })
        child.on('close', () => reject(new Error(`sac ui ended: ${errors}`)))
      })
      return { url, origin: new URL(url).origin, process: child }
    },
    /** A tab with the page, let in by its token. */
    async open({ url, origin }: LocalUi, hash = '', options: BrowserContextOptions = {}) {
      const context = await browser.newContext({ acceptDownloads: true, ...options })
      const page = await context.newPage()
      const errors: string[] = []
      page.on('pageerror', error => errors.push(String(error)))
      page.on('console', message => message.type() === 'error' && errors.push(message.text()))
      await page.goto(url)
      if (hash) {
        await page.goto(`${origin}/runs/${hash}`)
        await page.reload()
      }
      return Object.assign(page, { errors })
    },
    browser: () => browser,
  }
}

/** As Ctrl-C does. */
export const stop = (child: ChildProcess) =>
  new Promise<void>(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('close', () => resolve())
    child.kill('SIGINT')
  })

/** A cell of the row of a run. */
export const cellOf = (page: Page, run: string, column: string) =>
  page
    .getByRole('row')
    .filter({ has: page.getByRole('rowheader', { name: run, exact: true }) })
    .locator(`td[data-column="${column}"]`)
