import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { createCurves } from '../../page/playground/training/curves.ts'
import type { Progress } from '../../page/playground/training/reports.ts'
import { untilCount, useSite } from './site.ts'

const site = useSite()

const chart = (page: Page, title: string) =>
  page.getByRole('img', { name: new RegExp(`^${title} over steps`) })
const labelOf = (page: Page, title: string) => chart(page, title).getAttribute('aria-label')

/** Pixels of a chart that are neither grid nor text: those with a colour. */
const colouredPixels = (page: Page, title: string) =>
  chart(page, title)
    .locator('canvas')
    .evaluate(element => {
      const canvas = element as HTMLCanvasElement
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      let count = 0
      for (let i = 0; i < data.length; i += 4) {
        const [least, most] = [Math.min(...data.slice(i, i + 3)), Math.max(...data.slice(i, i + 3))]
        if (data[i + 3] > 0 && most - least > 60) count++
      }
      return count
    })

test('a run that is pinned stays behind the next one until it is let go', async () => {
  const page = await site.open('#seed=1')
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 1500)
  await page.getByRole('button', { name: 'Pause' }).click()
  await page.getByRole('button', { name: 'Pin these curves' }).click()
  await page.getByText(/Pale, behind: Pendulum-v1, seed 1, [\d,]+ steps/).waitFor()
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect.poll(() => labelOf(page, 'Temperature')).toMatch(/pinned 0\.\d+, alpha –/)
  expect(await labelOf(page, 'Return of an episode')).toMatch(/pinned -\d+.*evaluated –/)
  await expect.poll(() => colouredPixels(page, 'Temperature')).toBeGreaterThan(50)
  // It stays while the next one learns.
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 100)
  expect(await labelOf(page, 'Temperature')).toMatch(/pinned 0\.\d+, alpha 0\.\d+/)
  await page.getByRole('button', { name: 'Unpin' }).click()
  await expect.poll(() => labelOf(page, 'Temperature')).not.toMatch('pinned')
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('where there are goals, a chart shows how often they are reached', async () => {
  const page = await site.open('#env=PlanarReach-v0&learningStarts=100')
  await page.getByRole('button', { name: 'Train' }).click()
  await expect
    .poll(() => labelOf(page, 'Goal reached').catch(() => ''), { timeout: 60_000 })
    .toMatch(/last 20 episodes [\d.]+ %, evaluated [\d.]+ %/)
  expect(page.errors).toEqual([])
  await page.context().close()
})

const progress = (step: number, success?: boolean): Progress => ({
  step,
  updates: 0,
  episodes: 0,
  ended: [{ step, return: 0, earned: 0, success }],
  evaluations: [],
})

test('the share of successes is that of the last 20 episodes, and a copy of the curves does not grow', () => {
  const curves = createCurves()
  curves.add(progress(1))
  expect(curves.episodes.success).toEqual([null])
  for (let i = 0; i < 20; i++) curves.add(progress(2 + i, i >= 15))
  expect(curves.episodes.success.at(-1)).toBe(0.25)
  const copy = curves.copy()
  for (let i = 0; i < 10; i++) curves.add(progress(30 + i, true))
  // The first ten of the twenty have gone.
  expect(curves.episodes.success.at(-1)).toBe(0.75)
  expect(copy.episodes.step).toHaveLength(21)
  curves.clear()
  curves.add(progress(1, true))
  expect(curves.episodes.success).toEqual([1])
})
