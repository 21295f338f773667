import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeRun, newFolder } from '../run/ui/synthetic-runs.ts'
import { useLocalUi } from './local-ui.ts'

const ui = useLocalUi()

/** Resident memory of a process in MB, which Linux alone tells. */
const memoryOf = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

test('1,000 runs: in sight within a second, in 60 MB, and scrolling makes only what is seen', async () => {
  const base = await ui.start(newFolder())
  const folder = newFolder()
  for (let seed = 0; seed < 1000; seed++) {
    makeRun(folder, `group-${seed % 10}/run-${seed}`, {
      seed,
      lines: 100,
      settings: { gamma: 0.9 + (seed % 10) / 200 },
    })
  }
  const empty = await ui.open(base)
  await empty.getByText('This folder has no runs.').waitFor()
  const server = await ui.start(folder)
  const context = await ui.browser().newContext()
  const page = await context.newPage()
  await page.goto(server.url, { waitUntil: 'commit' })
  await page.locator('tbody th').nth(10).waitFor()
  const painted = await page.evaluate(() => performance.now())
  await page.getByRole('heading', { name: '1000 runs', exact: true }).waitFor()
  // Everything is read once, and a round of looking at all of it.
  await page.waitForTimeout(5000)
  const grown = memoryOf(server.process.pid!) - memoryOf(base.process.pid!)
  console.log(
    `first rows after ${painted.toFixed(0)} ms, memory ${grown.toFixed(0)} MB over that of an empty folder`,
  )
  expect(painted).toBeLessThan(1000)
  expect(grown).toBeLessThan(60)

  const table = page.getByRole('region', { name: 'Runs' })
  await table.evaluate(element => element.scrollTo(0, 20_000))
  await expect.poll(() => page.locator('tbody th').count()).toBeGreaterThan(10)
  expect(await page.locator('tbody th').count()).toBeLessThan(60)
  // One frame after another while it scrolls; a stutter is a long one.
  const longest = await table.evaluate(async element => {
    let worst = 0
    let last = performance.now()
    for (let i = 0; i < 60; i++) {
      element.scrollTop += 300
      await new Promise(requestAnimationFrame)
      worst = Math.max(worst, performance.now() - last)
      last = performance.now()
    }
    return worst
  })
  console.log(`longest frame while scrolling ${longest.toFixed(0)} ms`)
  expect(longest).toBeLessThan(100)
})

test('a run of 10,000 lines of metrics opens within a second', async () => {
  const folder = newFolder()
  makeRun(folder, 'long', { lines: 10_000 })
  const server = await ui.start(folder)
  const page = await ui.open(server)
  await page.getByRole('button', { name: 'long', exact: true }).waitFor()
  const begun = Date.now()
  await page.getByRole('button', { name: 'long', exact: true }).click()
  await expect
    .poll(() => page.getByRole('img', { name: /^return over/ }).getAttribute('aria-label'), { interval: 20 })
    .toContain('10000')
  console.log(`curves after ${Date.now() - begun} ms`)
  expect(Date.now() - begun).toBeLessThan(1000)
})
