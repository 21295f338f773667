/** An environment whose actions are choices, from one end of the page to the other. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toHash } from '../../page/playground/share/link.ts'
import { optionsOf } from '../../page/playground/training/session.ts'
import { digestOf } from '../../src/encoding/digest.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { SAC } from '../../src/sac/agent.ts'
import { train } from '../../src/training/train.ts'
import { untilCount, useSite } from './site.ts'

const site = useSite()
const STEPS = 900
const plan = { world: { id: 'CartPole-v1', options: {} }, agent: { seed: 2 } }

test('CartPole-v1: its link trains the same weights as Node, its choices are seen, and its policy goes out', async () => {
  const env = await makeEnv('CartPole-v1')
  const agent = await SAC.create(env, optionsOf(plan))
  for await (const _ of train(agent, env, { steps: STEPS }));
  const digest = await digestOf(agent.parameters())

  const page = await site.open(toHash(plan, { step: STEPS, digest }))
  await page.getByRole('button', { name: 'Train' }).click()
  await page.getByText('The same as the sender’s').waitFor()
  await page.getByRole('button', { name: 'Pause' }).click()

  const table = page.getByRole('table', { name: 'The choices at the chosen state' })
  const left = table.getByRole('row', { name: 'push left' }).locator('td').first()
  const right = table.getByRole('row', { name: 'push right' }).locator('td').first()
  const shares = async () =>
    Promise.all([left, right].map(async cell => Number.parseInt((await cell.textContent())!, 10)))
  const [first, second] = await shares()
  expect(first + second).toBeGreaterThanOrEqual(99)
  expect(first + second).toBeLessThanOrEqual(101)
  // A pole that falls to the right is caught by a push to the right.
  const map = page.getByRole('application', { name: 'Map of two observations' })
  const { width, height } = (await map.boundingBox())!
  await map.click({ position: { x: 0.95 * width, y: 0.05 * height } })
  await expect.poll(async () => (await shares())[1]).toBeGreaterThan(60)
  await map.click({ position: { x: 0.05 * width, y: 0.95 * height } })
  await expect.poll(async () => (await shares())[0]).toBeGreaterThan(60)

  const rivals = await page.getByLabel('Compare with').locator('option').allTextContents()
  expect(rivals).toEqual(['nothing', 'temperature 0', 'one critic'])

  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'JavaScript module' }).click()
  const file = await (await download).path()
  const source = readFileSync(file, 'utf8')
  const module = await import(`data:text/javascript,${encodeURIComponent(source)}`)
  expect([0, 1]).toContain(module.act(Float32Array.of(0, 0, 0.1, 0))[0])
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('two agents choose side by side, and a rival that cannot choose is taken away', async () => {
  const page = await site.open()
  await page.getByLabel('Compare with').selectOption('td3')
  await page.getByLabel('Environment', { exact: true }).selectOption('CartPole-v1')
  await expect.poll(() => page.getByLabel('Compare with').inputValue()).toBe('none')
  await page.getByLabel('Compare with').selectOption('one')
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 100)
  expect(await page.locator('.message.bad').count()).toBe(0)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test.each(['Acrobot-v1', 'MountainCar-v0', 'LunarLander-v3', 'PlanarReach-v0', 'PlanarPush-v0'])(
  '%s trains, and its critics are seen',
  async id => {
    const page = await site.open(
      toHash({ world: { id, options: {} }, agent: { seed: 1, learningStarts: 200 } }),
    )
    await page.getByRole('button', { name: 'Train' }).click()
    await untilCount(page, 'updates', 50)
    const map = page.getByRole('application', { name: 'Map of two observations' })
    await map.click({ position: { x: 40, y: 40 } })
    const seen = /Reach|Push/.test(id) ? 'Density of the policy there' : 'The choices at the chosen state'
    await page.getByText(seen).waitFor()
    expect(await page.locator('.message.bad').allTextContents()).toEqual([])
    expect(page.errors).toEqual([])
    await page.context().close()
  },
)
