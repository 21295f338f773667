import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { encodeSafetensors } from '../../src/encoding/safetensors.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { policyMetadata } from '../../src/policy/policy-file.ts'
import { SAC } from '../../src/sac/agent.ts'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()

/** Drops files on the page, as from a file manager. */
async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, bytes]) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(bytes)], name))
      return transfer
    },
    [name, Array.from(bytes)] as const,
  )
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer })
}

test('a temperature is changed while it runs, and training goes on from where it was', async () => {
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 200)
  const field = page.getByLabel('temperature', { exact: true })
  await field.fill('0.5')
  await field.press('Enter')
  await expect.poll(() => page.locator('.key', { hasText: 'alpha' }).locator('b').textContent()).toBe('0.5')
  expect(await countOf(page, 'updates')).toBeGreaterThan(200)
  await page.getByText('was changed while it ran').waitFor()

  await field.fill('cold')
  await field.press('Enter')
  await page.getByText("temperature is 'cold'; it must be").waitFor()

  const sizes = page.getByLabel(/^hiddenSizes/)
  await sizes.fill('32,32')
  await sizes.press('Enter')
  await expect.poll(() => countOf(page, 'steps')).toBe(0)
  expect(page.url()).toContain('hiddenSizes=32%2C32')
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('gravity is changed while it runs', async () => {
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 100)
  await page.getByLabel('gravity').fill('2')
  await page.getByText('was changed while it ran').waitFor()
  await untilCount(page, 'steps', (await countOf(page, 'steps')) + 200)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('two agents learn side by side, on the same seed', async () => {
  const page = await site.open()
  await page.getByLabel('Compare with').selectOption('td3')
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 600)
  const rival = page.locator('.key', { hasText: 'TD3' }).locator('b')
  await expect.poll(async () => Number(await rival.textContent()), { timeout: 60_000 }).toBeLessThan(0)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('weights that are dropped are taken over, and a foreign file is refused', async () => {
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, { hiddenSizes: [24, 20], seed: 1 })
  const page = await site.open()
  await expect.poll(() => page.getByRole('button', { name: 'Train' }).isEnabled()).toBe(true)
  await drop(page, 'parameters.safetensors', encodeSafetensors(agent.parameters(), policyMetadata(agent)))
  await expect.poll(() => page.getByLabel(/^hiddenSizes/).inputValue()).toBe('24,20')
  await page.getByText('was changed while it ran').waitFor()
  await drop(page, 'parameters.safetensors', new TextEncoder().encode('not at all'))
  await page.getByText('What was dropped cannot be used').waitFor()
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('a model of Stable-Baselines3 that is dropped acts', async () => {
  const zip = readFileSync(join(import.meta.dirname, '../import/stable-baselines3/pendulum.zip'))
  const page = await site.open()
  await expect.poll(() => page.getByRole('button', { name: 'Train' }).isEnabled()).toBe(true)
  await drop(page, 'model.zip', zip)
  await page.getByText('was changed while it ran').waitFor()
  expect(page.errors).toEqual([])
  await page.context().close()
})
