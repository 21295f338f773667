/** A person at the controls, by keyboard. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { toHash } from '../../page/playground/share/link.ts'
import { controlsFor } from '../../page/playground/world/controls.ts'
import { discrete, multiDiscrete } from '../../src/env/discrete.ts'
import { box } from '../../src/env/spaces.ts'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()

test('keys go to the ends of actions, and a choice stays where none is to do nothing', () => {
  const pendulum = controlsFor('Pendulum-v1', box({ low: -2, high: 2 }))
  expect(pendulum.keys).toMatchObject([{ key: 'ArrowLeft', does: 'action −2' }, { key: 'ArrowRight' }])
  expect(pendulum.actionFor([], undefined)).toEqual([0])
  expect(pendulum.actionFor(['ArrowLeft', 'ArrowRight'], undefined)).toEqual([2])
  const lander = controlsFor('LunarLanderContinuous-v3', box({ low: [-1, -1], high: [1, 1] }))
  expect(lander.actionFor(['ArrowUp', 'ArrowLeft'], undefined)).toEqual([1, -1])
  // No effort is as near to 0 as the bounds let it be.
  expect(controlsFor('own', box({ low: 1, high: 3 })).actionFor([], undefined)).toEqual([1])

  const cart = controlsFor('CartPole-v1', discrete(2))
  expect(cart.actionFor(['ArrowRight'], undefined)).toEqual([1])
  expect(cart.actionFor([], [1])).toEqual([1])
  const car = controlsFor('MountainCar-v0', discrete(3))
  expect(car.actionFor(['ArrowRight'], undefined)).toEqual([2])
  expect(car.actionFor([], [2])).toEqual([1])
  const own = controlsFor('own', multiDiscrete([2, 3], { start: [0, 1] }))
  expect(own.keys.map(({ key }) => key)).toEqual(['0', '1', '2', '3', '4', '5'])
  expect(own.actionFor(['4'], undefined)).toEqual([1, 2])
})

const you = (page: Page, name: string) =>
  page.locator('.driving .counts div', { hasText: name }).locator('dd').textContent()

test('CartPole-v1 is driven by keys, the agent learns from it if asked to, and training goes on', async () => {
  const page = await site.open(toHash({ world: { id: 'CartPole-v1', options: {} }, agent: { seed: 1 } }))
  await page.getByRole('button', { name: 'Drive it yourself' }).click()
  // The picture has the keyboard at once.
  await page.getByText('What you do').waitFor()
  await page.keyboard.down('ArrowRight')
  // A cart that is always pushed to the right drops its pole after 8 to 10 steps.
  await expect.poll(() => you(page, 'your last episode'), { timeout: 20_000 }).toMatch(/^(8|9|10|11)$/)
  expect(await page.getByText('replay buffer.').count()).toBe(0)
  await page.getByLabel('The agent learns from it').check()
  await page.getByText(/\d+ of your steps are in the agent’s replay buffer/).waitFor()
  await page.getByText('was changed while it ran').waitFor()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 50)
  expect(await page.getByText('What you do').count()).toBe(1)

  await page.getByRole('button', { name: 'Drive it yourself' }).click()
  await page.getByText('What the policy does now').waitFor()
  await page.getByRole('button', { name: 'Reset' }).click()
  await expect.poll(() => countOf(page, 'steps')).toBe(0)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('a held key turns the pendulum its way, and letting go rests', async () => {
  const page = await site.open()
  await page.getByRole('button', { name: 'Drive it yourself' }).click()
  await page.getByText('What you do').waitFor()
  const now = async () => Number((await you(page, 'you, now'))!.replace('–', '0'))
  await expect.poll(now).toBeLessThan(0)
  // A button of the legend is held by the pointer, as on a telephone.
  await page.getByRole('button', { name: '→ action +2' }).dispatchEvent('pointerdown')
  await page.getByRole('button', { name: 'Drive it yourself' }).click()
  await page.getByText('What the policy does now').waitFor()
  expect(page.errors).toEqual([])
  await page.context().close()
})
