import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()

/** The page with an own environment whose step begins with this code; `steps` counts them over all episodes. */
async function withOwn(step: string): Promise<Page & { errors: string[] }> {
  const page = await site.open()
  await page.getByText('Write one, and train in it').click()
  const editor = page.getByLabel('Code of the environment')
  const example = await editor.inputValue()
  const changed = example
    .replace('let v = 0', 'let v = 0\n  let steps = 0')
    .replace('step(action) {', `step(action) {\n      steps++\n      ${step}`)
  expect(changed).not.toBe(example)
  await editor.fill(changed)
  return page
}

test('the example passes checkEnv and can be trained in', async () => {
  const page = await withOwn('')
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText('checkEnv finds nothing wrong').waitFor()
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByRole('heading', { name: 'Your own', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 100)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('what is wrong with an environment is said beside it, and it is not used', async () => {
  const page = await withOwn("throw new Error('The rudder is broken')")
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByText('The rudder is broken').first().waitFor()
  expect(await page.getByRole('heading', { name: 'Pendulum-v1' }).count()).toBe(1)
  await page.context().close()
})

test('one that throws while it is trained in: a sentence, and what was learned stays', async () => {
  const page = await withOwn("if (steps === 3500) throw new Error('The rudder is broken')")
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByRole('heading', { name: 'Your own', exact: true }).waitFor()
  await page.getByRole('button', { name: 'Train' }).click()
  await page.getByText('The rudder is broken').first().waitFor()
  const steps = await countOf(page, 'steps')
  expect(steps).toBeGreaterThan(500)
  await page.getByRole('button', { name: 'Continue' }).click()
  await untilCount(page, 'steps', steps + 100)
  await page.context().close()
})

test('one that loops for ever when it is checked is stopped', async () => {
  const page = await withOwn('while (true) {}')
  await page.getByRole('button', { name: 'Check' }).click()
  await page.getByText('did not answer for 8 s').waitFor()
  await page.context().close()
})

test('one that loops for ever while it is trained in is stopped, and what was learned stays', async () => {
  const page = await withOwn('while (steps > 3500) {}')
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByRole('heading', { name: 'Your own', exact: true }).waitFor()
  await page.getByText('10×').click()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 30)
  await page.waitForTimeout(2500)
  await page.getByText('Fast', { exact: true }).click()
  await page.getByRole('button', { name: 'Stop it, and keep what was learned' }).click()
  await expect.poll(() => countOf(page, 'steps')).toBe(0)
  // The policy that was taken over acts, and the page lives.
  await page.getByRole('button', { name: 'One step' }).click()
  await expect.poll(() => countOf(page, 'steps')).toBe(1)
  await page.context().close()
})
