/** The built playground in a real Chromium: how soon it is there, and how fast its Worker trains beside `sac train`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../tools/chromium.ts'
import { untilSteps } from '../tools/page-steps.ts'
import { serveFolder } from '../tools/serve-folder.ts'
import { atLeast, atMost, median, type Row } from './measure.ts'

const ROUNDS = 5
const STEPS = 8000
/** As the playground evaluates. */
const EVALUATED = ['--evaluate-every', '500', '--evaluation-episodes', '5']
/** Of the same size as published, but it learns from the hundredth step on. */
const CHEETAH = '#env=HalfCheetah-v5&seed=0&learningStarts=100'

export async function page(): Promise<Row[]> {
  const site = await serveFolder(join(process.cwd(), 'dist/page'))
  const browser = await launchChromium()
  try {
    const starts: number[] = []
    for (let round = 0; round < ROUNDS; round++) starts.push(await coldStart(browser, site.address))
    const [inPage, inNode]: number[][] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      inPage.push(await trainInPage(browser, site.address))
      inNode.push(await trainInNode())
    }
    const share = median(inPage.map((rate, i) => (100 * rate) / inNode[i]))
    const cheetah = await trainCheetah(browser, site.address)
    return [
      { what: 'playground, usable after', value: median(starts), unit: 's', ...atMost(1.5, median(starts)) },
      { what: 'Pendulum-v1 in the Worker of a hidden tab', value: median(inPage), unit: 'steps/s' },
      { what: 'Pendulum-v1 by sac train, same settings', value: median(inNode), unit: 'steps/s' },
      { what: 'Worker against sac train', value: share, unit: '%', ...atLeast(80, share) },
      {
        what: 'HalfCheetah-v5 in the tab, 1,000 steps, full size',
        value: cheetah.seconds,
        unit: 's',
        ...atMost(40, cheetah.seconds),
      },
      {
        what: 'meanwhile drawn',
        value: cheetah.pictures,
        unit: 'pictures/s',
        ...atLeast(30, cheetah.pictures),
      },
    ]
  } finally {
    await browser.close()
    site.close()
  }
}

/** A tab of its own, without anything in its cache. */
async function inTab<T>(browser: Browser, address: string, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(address, { waitUntil: 'commit' })
  try {
    return await work(page)
  } finally {
    await context.close()
  }
}

const ready = (page: Page) => page.waitForSelector('.start:enabled')

const coldStart = (browser: Browser, address: string) =>
  inTab(browser, address, async page => {
    await ready(page)
    return (await page.evaluate(() => performance.now())) / 1000
  })

/** Seconds until that many steps have been made. */
async function secondsUntil(page: Page, steps: number): Promise<number> {
  const start = performance.now()
  await untilSteps(page, steps)
  return (performance.now() - start) / 1000
}

const trainInPage = (browser: Browser, address: string) =>
  inTab(browser, address, async page => {
    await ready(page)
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { get: () => true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await page.click('.start')
    return STEPS / (await secondsUntil(page, STEPS))
  })

async function trainInNode(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sac-page-'))
  const flags = `--engine wasm --threads 1 --steps ${STEPS} --out ${join(folder, 'run')}`.split(' ')
  const child = spawn(
    process.execPath,
    ['dist/src/cli/main.js', 'train', 'Pendulum-v1', ...flags, ...EVALUATED],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let output = ''
  child.stdout.on('data', text => {
    output += text
  })
  const [status] = await once(child, 'close')
  rmSync(folder, { recursive: true })
  const [, minutes = 0, rest] = /^Trained for .* in (?:(\d+) min )?([\d.]+) s;/m.exec(output) ?? []
  const seconds = 60 * Number(minutes) + Number(rest)
  if (status !== 0 || !(seconds > 0)) throw new Error(`sac train does not say how long it took: ${output}`)
  return STEPS / seconds
}

const trainCheetah = (browser: Browser, address: string) =>
  inTab(browser, `${address}${CHEETAH}`, async page => {
    await page.getByRole('button', { name: 'Load MuJoCo' }).click()
    await ready(page)
    await page.click('.start')
    await secondsUntil(page, 100)
    await page.evaluate(() => {
      const counted = globalThis as unknown as { pictures: number }
      counted.pictures = 0
      // Each picture of the world goes onto the canvas by this call, whoever draws it.
      const { drawImage } = CanvasRenderingContext2D.prototype
      CanvasRenderingContext2D.prototype.drawImage = function (...args: unknown[]) {
        counted.pictures++
        return Reflect.apply(drawImage, this, args)
      }
    })
    const seconds = await secondsUntil(page, 1100)
    const pictures = await page.evaluate(() => (globalThis as unknown as { pictures: number }).pictures)
    return { seconds, pictures: pictures / seconds }
  })
