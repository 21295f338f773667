/** What the page has to reach: its size, how soon it learns, how smooth it stays, and that everybody can use it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { violationsIn } from '../../tools/axe.ts'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()
const built = join(import.meta.dirname, '../../dist/page')

test('a first visit loads at most 300 kB', async () => {
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 10)
  const loaded = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
  )
  // What the Worker loads is not in the page's list: all that is not for one environment alone counts.
  const ofWorker = readdirSync(join(built, 'assets')).filter(name =>
    /^(worker|pendulum|spaces|entry)-/.test(name),
  )
  const files = new Set([
    ...loaded.filter(path => path !== '/'),
    ...ofWorker.map(name => `/assets/${name}`),
    '/index.html',
  ])
  const bytes = [...files].reduce((sum, path) => sum + gzipSync(readFileSync(join(built, path))).length, 0)
  expect(files.size).toBeGreaterThan(4)
  expect(bytes).toBeLessThan(300_000)
  expect([...files].join()).not.toMatch(/mujoco.*wasm|three|tour|film/)
  await page.context().close()
})

test('Pendulum-v1 is above -200 in 15 s, and the tab stays smooth', async () => {
  const page = await site.open()
  const start = page.getByRole('button', { name: 'Train' })
  await expect.poll(() => start.isEnabled()).toBe(true)
  const began = Date.now()
  await start.click()
  const frames = page.evaluate(
    () =>
      new Promise<number>(resolve => {
        let frames = 0
        const count = () => {
          if (performance.now() - since > 3000) return resolve(frames / 3)
          frames++
          requestAnimationFrame(count)
        }
        const since = performance.now()
        count()
      }),
  )
  const evaluated = page.locator('.key', { hasText: 'evaluated' }).locator('b')
  await expect
    .poll(async () => Number(await evaluated.textContent()) || -1000, { timeout: 60_000 })
    .toBeGreaterThan(-200)
  const seconds = (Date.now() - began) / 1000
  console.log(`above -200 after ${seconds.toFixed(1)} s; ${(await frames).toFixed(0)} frames/s meanwhile`)
  // Twice the time and half the frames that it takes on an idle machine: others may be working.
  expect(seconds).toBeLessThan(30)
  expect(await frames).toBeGreaterThan(25)
  await page.context().close()
})

test.each(['light', 'dark'] as const)('everybody can use it, %s', async colorScheme => {
  for (const width of [1440, 390]) {
    const page = await site.open('', { colorScheme, viewport: { width, height: 900 } })
    await page.getByRole('button', { name: 'Train' }).click()
    await untilCount(page, 'updates', 10)
    expect(await violationsIn(page)).toEqual([])
    // Nothing is wider than the screen.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    await page.context().close()
  }
})

test('it trains by keyboard alone', async () => {
  const page = await site.open()
  const start = page.getByRole('button', { name: 'Train' })
  // A button that is not yet ready takes no focus.
  await expect.poll(() => start.isEnabled()).toBe(true)
  await start.focus()
  await page.keyboard.press('Enter')
  await untilCount(page, 'steps', 50)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.getByRole('button', { name: 'Continue' }).count()).toBe(1)
  expect(await countOf(page, 'steps')).toBeGreaterThan(0)
  await page.context().close()
})
