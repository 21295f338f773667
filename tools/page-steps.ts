import type { Page } from 'playwright-core'

/** Waits until the playground has made so many steps. */
export const untilSteps = (page: Page, steps: number) =>
  page.waitForFunction(
    steps => Number(document.querySelector('.counts dd')?.textContent?.replace(/\D/g, '')) >= steps,
    steps,
    { timeout: 300_000, polling: 50 },
  )
