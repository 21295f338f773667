import { expect, test } from 'vitest'
import { sharedFrom, toHash } from '../../page/playground/share/link.ts'
import { fingerprint } from '../../tools/fingerprint.ts'
import { untilCount, useSite } from './site.ts'

const site = useSite()
const STEPS = 900
const changes = { seed: 3, learningStarts: 200, temperature: 0.2 }
const plan = { world: { id: 'Pendulum-v1', options: {} }, agent: changes }

test('a link holds environment, settings and seed', () => {
  const full = {
    world: { id: 'LunarLanderContinuous-v3', options: { gravity: -5, enableWind: true } },
    agent: {
      seed: 7,
      algorithm: 'tqc' as const,
      hiddenSizes: [32, 16],
      temperature: 'auto_0.1',
      layerNorm: true,
    },
  }
  expect(sharedFrom(toHash(full))).toEqual({ plan: full, faults: [] })
  const sent = { step: 900, digest: 'a'.repeat(64) }
  expect(sharedFrom(toHash(plan, sent)).fingerprint).toEqual(sent)
})

test('what a link says that is not allowed is left out, and said', () => {
  const { plan, faults, fingerprint } = sharedFrom(
    '#gamma=2&nonsense=1&env.gravity=x&seed=4&sha256=abc&steps=5',
  )
  expect(plan.agent).toEqual({ seed: 4 })
  expect(faults).toHaveLength(3)
  expect(fingerprint).toBeUndefined()
  expect(sharedFrom('#temperature=auto&algorithm=td3').faults[0]).toMatch('has no option temperature')
  expect(sharedFrom('#__proto__=1&constructor=2').faults).toHaveLength(2)
})

test('whoever opens a link trains the same weights as Node, and the page says so', async () => {
  const digest = await fingerprint(changes, STEPS)
  const page = await site.open(toHash(plan, { step: STEPS, digest }))
  await page.getByText('This link was sent with a fingerprint').waitFor()
  await page.getByRole('button', { name: 'Train' }).click()
  await page.getByText('The same as the sender’s').waitFor()
  expect(await page.locator('.digest').first().textContent()).toBe(digest)
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('another fingerprint is said to be another', async () => {
  const page = await site.open(toHash(plan, { step: 300, digest: 'b'.repeat(64) }))
  await page.getByRole('button', { name: 'Train' }).click()
  await page.getByText('Not the same as the sender’s').waitFor()
  await untilCount(page, 'steps', 300)
  await page.context().close()
})
