/** What the page lacks, or is given: a sentence that says what to do, and what was learned stays. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()

/** A tab in whose Workers this code runs before their own: they have no init scripts. */
async function openWith(code: string, hash = ''): Promise<Page & { errors: string[] }> {
  const page = await site.open('#blank=1')
  await page.route('**/assets/worker-*.js', async route => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, body: `${code};${await answer.text()}` })
  })
  await page.goto('about:blank')
  await page.goto(site.address() + hash)
  return page
}

test('a browser without WebAssembly SIMD is said to need an update', async () => {
  const page = await openWith('WebAssembly.validate = () => false')
  await page.getByRole('alert').getByText('no WebAssembly SIMD').waitFor()
  expect(await page.getByRole('alert').textContent()).toContain('Update it')
  expect(await page.getByRole('button', { name: 'Train' }).isDisabled()).toBe(true)
  await page.context().close()
})

test('without memory for larger networks there is a sentence, and training goes on as it was', async () => {
  const page = await openWith(`
    const Memory = WebAssembly.Memory
    WebAssembly.Memory = function (descriptor) {
      if (descriptor.initial > 1600) throw new RangeError('could not allocate memory')
      return new Memory(descriptor)
    }`)
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 100)
  const sizes = page.getByLabel(/^hiddenSizes/)
  await sizes.fill('2000,2000')
  await sizes.press('Enter')
  const alert = page.getByRole('alert')
  await alert.getByText('Take smaller networks or batches').waitFor()
  expect(await alert.textContent()).toContain('What was there before stays')
  expect(await sizes.inputValue()).toBe('64,64')
  expect(page.url()).not.toContain('2000')
  const updates = await countOf(page, 'updates')
  expect(updates).toBeGreaterThanOrEqual(100)
  await page.getByRole('button', { name: 'Continue' }).click()
  await untilCount(page, 'updates', updates + 100)
  expect(await page.getByRole('alert').count()).toBe(0)
  await page.context().close()
})

test('memory that runs out while it trains pauses it, and what was learned goes out', async () => {
  const page = await openWith(`
    const Numbers = Float32Array
    globalThis.Float32Array = new Proxy(Numbers, {
      construct(_, [size, ...rest]) {
        // A chunk of the replay buffer.
        if (globalThis.full && size > 1000 && rest.length === 0) {
          globalThis.full = false
          throw new RangeError('Array buffer allocation failed')
        }
        return Reflect.construct(Numbers, [size, ...rest])
      },
    })
    setTimeout(() => { globalThis.full = true }, 2500)`)
  await page.getByRole('button', { name: 'Train' }).click()
  await page.getByRole('alert').getByText('Take a smaller bufferSize').waitFor()
  expect(await countOf(page, 'updates')).toBeGreaterThan(0)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'JavaScript module' }).click()
  expect((await download).suggestedFilename()).toBe('Pendulum-v1.js')
  await page.context().close()
})

test('a setting that the library refuses is said by its name, and what was learned stays', async () => {
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'updates', 100)
  await page.getByLabel(/^batchSize/).fill('900000000')
  await page.getByLabel(/^batchSize/).press('Enter')
  await page.getByRole('alert').waitFor()
  await page.getByText(/^All \d+ settings/).click()
  const size = page.getByLabel(/^bufferSize/)
  await size.fill('4000000000')
  await size.press('Enter')
  await page.getByText("bufferSize is '4000000000'; it must be a whole number from 1 to 1073741824").waitFor()
  expect(await countOf(page, 'updates')).toBeGreaterThanOrEqual(100)
  await page.context().close()
})
