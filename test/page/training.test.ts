import { expect, test } from 'vitest'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()

test('the page opens with Pendulum-v1 in view, and one click trains it', async () => {
  const page = await site.open()
  await page.getByRole('heading', { name: 'Pendulum-v1' }).waitFor()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 100)
  await page.getByRole('button', { name: 'Pause' }).click()
  // What was under way when it was pressed is over by then.
  await page.waitForTimeout(300)
  const steps = await countOf(page, 'steps')
  await page.waitForTimeout(300)
  expect(await countOf(page, 'steps')).toBe(steps)

  await page.getByRole('button', { name: 'One step' }).click()
  await expect.poll(() => countOf(page, 'steps')).toBe(steps + 1)
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect.poll(() => countOf(page, 'steps')).toBe(0)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('a tab that nobody sees trains on and draws nothing, until it is seen again', async () => {
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 100)
  const show = async (hidden: boolean) => {
    await page.evaluate(hidden => {
      Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, hidden)
    await page.waitForTimeout(500)
  }
  const picture = () =>
    page.locator('canvas.world').evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL())
  await show(true)
  const [before, steps] = [await picture(), await countOf(page, 'steps')]
  await untilCount(page, 'steps', steps + 200)
  expect(await picture()).toBe(before)
  await show(false)
  await expect.poll(picture).not.toBe(before)
  expect(page.errors).toEqual([])
  await page.context().close()
})
