import type { Page } from 'playwright-core'
import { untilSteps } from '../page-steps.ts'
import type { View } from './view.ts'

const CHAPTERS = 7

/** Pendulum-v1 before the first step, after some thousand, and so on; and the chapters of the guided tour, played. */
export function playgroundViews(address: string): Record<string, View> {
  const open = async (page: Page, hash = '') => {
    await page.goto(address + hash)
    await page.waitForSelector('.start:enabled')
    await page.waitForTimeout(1200)
  }
  const views: Record<string, View> = {
    start: page => open(page),
    async trained(page) {
      await open(page)
      await page.click('.start')
      await untilSteps(page, 4000)
      await page.waitForTimeout(1500)
    },
    async compared(page) {
      await open(page)
      await page.getByLabel('Compare with').selectOption('td3')
      await page.waitForSelector('.start:enabled')
      await page.click('.start')
      await untilSteps(page, 3000)
    },
    lander: page => open(page, '#env=LunarLanderContinuous-v3&seed=1'),
    async cheetah(page) {
      await page.goto(`${address}#env=HalfCheetah-v5&seed=1`)
      await page.getByRole('button', { name: 'Load MuJoCo' }).click()
      await page.waitForSelector('.start:enabled')
      await page.waitForTimeout(2500)
    },
  }
  for (let chapter = 1; chapter <= CHAPTERS; chapter++) {
    views[`tour-${chapter}`] = async page => {
      await page.goto(`${address}#tour/${chapter}`)
      await page.locator('.answer input').first().check()
      await page.getByRole('button', { name: 'Play' }).click()
      await page.getByRole('button', { name: 'Play again' }).waitFor({ timeout: 90_000 })
      await page.waitForTimeout(500)
    }
  }
  return views
}
