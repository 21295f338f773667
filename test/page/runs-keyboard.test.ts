/** `sac ui` by keyboard alone. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { makeRun, newFolder } from '../run/ui/synthetic-runs.ts'
import { useLocalUi } from './local-ui.ts'

const ui = useLocalUi()

/** Presses Tab until the element of this name has the focus, which must be seen. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = []
  for (let i = 0; i < 120; i++) {
    await page.keyboard.press('Tab')
    const [found, outlined] = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement
      const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent
      const { outlineStyle, boxShadow } = getComputedStyle(element)
      return [label ?? element.textContent ?? '', outlineStyle !== 'none' || boxShadow !== 'none'] as const
    })
    seen.push(found)
    if (typeof name === 'string' ? found.trim() === name : name.test(found)) {
      expect(outlined, `the focus on ${found} is seen`).toBe(true)
      return
    }
  }
  throw new Error(`Tab leads to no ${name}, only to ${[...new Set(seen)].join(' | ')}`)
}

test('runs are found, sorted, compared, looked at, archived and zoomed into', async () => {
  const folder = newFolder()
  for (const seed of [0, 1])
    makeRun(folder, `run-${seed}`, { seed, lines: 60, settings: { gamma: 0.9 + seed / 20 } })
  makeRun(folder, 'other', { lines: 60 })
  const page = await ui.open(await ui.start(folder))
  await page.getByRole('heading', { name: '3 runs', exact: true }).waitFor()

  await tabTo(page, 'Filter')
  await page.keyboard.type('run-')
  await page.getByRole('heading', { name: '2 runs', exact: true }).waitFor()
  await tabTo(page, /^run/)
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('descending')
  for (const run of ['run-1', 'run-0']) {
    await tabTo(page, `Select ${run}`)
    await page.keyboard.press('Space')
  }
  await tabTo(page, 'Compare')
  await page.keyboard.press('Enter')
  await page.getByText('gamma').first().waitFor()

  await tabTo(page, 'Runs')
  await page.keyboard.press('Enter')
  await tabTo(page, 'run-0')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'run-0', exact: true }).waitFor()

  await tabTo(page, /^From/)
  await page.keyboard.press('Control+A')
  await page.keyboard.type('2000')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).hash).toMatch(/range=2000/)
  await tabTo(page, 'Zoom out')
  await page.keyboard.press('Enter')
  await expect.poll(() => new URL(page.url()).hash).not.toContain('range')

  await tabTo(page, 'New run')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)

  await tabTo(page, 'Runs')
  await page.keyboard.press('Enter')
  await tabTo(page, 'Archive')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '0 runs', exact: true }).waitFor()
  expect(page.errors).toEqual([])
})
