/** MuJoCo in the page: loaded when asked for, drawn by three.js or by casting rays, and it trains. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { orbited, turnedBy, UNTURNED } from '../../page/playground/world/orbit.ts'
import { serveFolder } from '../../tools/serve-folder.ts'
import { countOf, untilCount, useSite } from './site.ts'

const site = useSite()
const LINK = '#env=HalfCheetah-v5&seed=1&learningStarts=200&hiddenSizes=32,32&batchSize=32'

test('MuJoCo is loaded after a question that says its size, with a progress bar; then HalfCheetah-v5 trains', async () => {
  const slow = await serveFolder(join(import.meta.dirname, '../../dist/page'), { slowly: /mujoco.*wasm$/ })
  const page = await site.open()
  await page.goto(slow.address)
  const loaded: string[] = []
  page.on('request', request => loaded.push(request.url()))
  await page.getByLabel('Environment', { exact: true }).selectOption('HalfCheetah-v5')
  await page.getByText('simulated by MuJoCo, which is 10.3 MB (2.6 MB where the host').waitFor()
  await page.getByRole('button', { name: 'Stay with Pendulum-v1' }).click()
  expect(await page.getByLabel('Environment', { exact: true }).inputValue()).toBe('Pendulum-v1')
  await page.getByLabel('Environment', { exact: true }).selectOption('HalfCheetah-v5')
  expect(loaded.filter(url => /mujoco|three/.test(url))).toEqual([])

  await page.evaluate(() => {
    const seen: number[] = []
    Object.assign(globalThis, { seen })
    new MutationObserver(() => {
      const bar = document.querySelector('progress')
      if (bar) seen.push(bar.value / bar.max)
    }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true })
  })
  await page.getByRole('button', { name: 'Load MuJoCo' }).click()
  await page.getByRole('heading', { name: 'HalfCheetah-v5' }).waitFor()
  await expect
    .poll(() => page.getByRole('button', { name: 'One step' }).isEnabled(), { timeout: 20_000 })
    .toBe(true)
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen)
  expect(seen.length).toBeGreaterThan(2)
  expect(Math.min(...seen)).toBeLessThan(0.5)
  expect(Math.max(...seen)).toBe(1)
  const start = page.getByRole('button', { name: 'One step' })
  await start.click()
  await expect.poll(() => countOf(page, 'steps')).toBe(1)
  expect(page.errors).toEqual([])
  await page.context().close()
  slow.close()
})

test.each(['no WebGL', 'WebGL in software'])(
  'a link to HalfCheetah-v5 asks too; with %s rays are cast, and it trains',
  async lack => {
    const page = await site.open()
    if (lack === 'no WebGL')
      await page.addInitScript(() => {
        const { getContext } = OffscreenCanvas.prototype
        OffscreenCanvas.prototype.getContext = function (this: OffscreenCanvas, kind: string, ...rest: []) {
          return kind.startsWith('webgl') ? null : getContext.call(this, kind as '2d', ...rest)
        } as typeof getContext
      })
    await page.goto('about:blank')
    await page.goto(site.address() + LINK)
    await page.getByRole('button', { name: 'Load MuJoCo' }).click()
    await page.getByRole('button', { name: 'Train' }).click()
    await untilCount(page, 'updates', 100)
    expect(await page.locator('canvas.world').getAttribute('data-by')).toBe('rays')
    expect(await page.locator('.message.bad').count()).toBe(0)
    await page.context().close()
  },
)

test('with WebGL three.js draws it, and the camera turns by keys and by mouse', async () => {
  const page = await site.open()
  // The browser of the tests computes WebGL in software, which the page would not use.
  await page.addInitScript(() => {
    const { getParameter } = WebGL2RenderingContext.prototype
    WebGL2RenderingContext.prototype.getParameter = function (name) {
      const value = getParameter.call(this, name)
      return /SwiftShader/.test(String(value)) ? 'a graphics card' : value
    }
  })
  await page.goto('about:blank')
  await page.goto(site.address() + LINK)
  await page.getByRole('button', { name: 'Load MuJoCo' }).click()
  const world = page.locator('canvas.world')
  await expect.poll(() => world.getAttribute('data-by'), { timeout: 30_000 }).toBe('WebGL')
  await page.getByRole('button', { name: 'One step' }).click()
  await expect.poll(() => countOf(page, 'steps')).toBe(1)
  await page.waitForTimeout(400)
  // Whatever moves is at rest, so that nothing but the camera changes the picture.
  const picture = () => world.evaluate(canvas => (canvas as HTMLCanvasElement).toDataURL())
  const before = await picture()
  expect(await picture()).toBe(before)
  await world.focus()
  await page.keyboard.press('Shift+ArrowLeft')
  await expect.poll(picture).not.toBe(before)
  await page.keyboard.press('Home')
  await expect.poll(picture).toBe(before)
  const { x, y } = (await world.boundingBox())!
  await page.mouse.move(x + 100, y + 100)
  await page.mouse.down({ button: 'right' })
  await page.mouse.move(x + 160, y + 110, { steps: 3 })
  await page.mouse.up({ button: 'right' })
  expect(await picture()).not.toBe(before)
  await page.context().close()
})

test('a turned camera keeps its distance and what it looks at, and never looks straight down', () => {
  const camera = { position: [0, -4, 1], target: [0, 0, 1], fieldOfView: 45 } as const
  expect(orbited(camera, UNTURNED).position.map(x => Number(x.toFixed(9)))).toEqual([0, -4, 1])
  const turned = orbited(camera, { around: Math.PI / 2, above: 0, distance: 1 }).position
  expect(turned[0]).toBeCloseTo(4)
  expect(turned[1]).toBeCloseTo(0)
  let orbit = UNTURNED
  for (let i = 0; i < 60; i++) orbit = turnedBy(orbit, { key: 'ArrowUp', shiftKey: true })!
  const high = orbited(camera, orbit).position
  expect(Math.hypot(high[0], high[1])).toBeGreaterThan(0.1)
  expect(Math.hypot(high[0], high[1], high[2] - 1)).toBeCloseTo(4)
  for (let i = 0; i < 60; i++) orbit = turnedBy(orbit, { key: '-', shiftKey: false })!
  expect(orbit.distance).toBe(4)
  expect(turnedBy(orbit, { key: 'ArrowUp', shiftKey: false })).toBeUndefined()
})
