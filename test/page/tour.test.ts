/** The guided tour: every chapter is opened, changed, predicted and played, by keyboard and without hurting anybody. */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { chapterIn } from '../../page/playground/route.ts'
import { violationsIn } from '../../tools/axe.ts'
import { untilCount, useSite } from './site.ts'

const site = useSite()

interface Expected {
  /** Changes the chapter's control. */
  change: (page: Page) => Promise<unknown>
  /** What comes true, and what the sentence of why says of what was seen. */
  outcome: RegExp
}

const slide = (page: Page) => page.locator('.tour-picture input[type="range"]').press('End')

/** Training gives the same bits everywhere, so that what happens is known. */
const chapters: Record<string, Expected> = {
  'Why an agent should stay uncertain': {
    // At the highest temperature it does not settle.
    change: slide,
    outcome:
      /On the lower hill, where it starts.*stands at −0\.1\d.*temperature 0\.50, 1?[1-9] of 24.*does not settle/,
  },
  'Entropy is the surprise to be expected': {
    change: slide,
    outcome: /It falls below 0.*σ = 0\.05 the entropy is −1\.5\d/,
  },
  'A Gaussian, squashed, that one can differentiate': {
    change: slide,
    outcome: /Most at −1 and 1, few between.*7\d % of the actions/,
  },
  'Two critics, and the smaller promise counts': {
    change: page => page.locator('.tour-picture').getByText('5', { exact: true }).last().click(),
    outcome: /Clearly more than 0.*one critic promised 0\.\d+ on average, and the least of 5/,
  },
  'What the critics learn: the soft target': {
    change: slide,
    outcome: /More than 0.*Q came to 1\.3\d.*is 1\.3\d, the dashed line/,
  },
  'A temperature that finds itself': {
    change: slide,
    outcome: /^As you predicted.*With the target at −2 .*with the target at 0\.50/,
  },
  'Take one part away': {
    change: page => page.getByLabel('Take away').selectOption('critic'),
    outcome: /^As you predicted.*the whole agent returned −1\d\d and the one without the second critic/,
  },
}

test.concurrent.for(
  Object.entries(chapters).map(([title, expected], i) => ({ title, number: i + 1, ...expected })),
)(
  '$title: its control changes the picture, and what was predicted is played and explained',
  async ({ title, number, change, outcome }) => {
    // Half of them in the dark, and every other pair on a telephone.
    const looks = {
      colorScheme: number % 2 === 0 ? ('dark' as const) : ('light' as const),
      viewport: { width: number % 4 < 2 ? 390 : 1440, height: 900 },
    }
    const page = await site.open(`#tour/${number}`, looks)
    await page.getByRole('heading', { level: 2, name: title }).waitFor()
    expect(await page.locator('math').count()).toBeGreaterThan(0)
    const play = page.getByRole('button', { name: 'Play' })
    // Without a prediction nothing is played.
    expect(await play.isDisabled()).toBe(true)

    const picture = page.locator('.tour-plot svg')
    const looksOf = () => picture.evaluate(element => element.outerHTML)
    await page.locator('.tour-plot path').first().waitFor({ state: 'attached' })
    await page.waitForTimeout(500)
    const before = await looksOf()
    await change(page)
    await page.waitForFunction(html => document.querySelector('.tour-plot svg')!.outerHTML !== html, before)
    expect(await violationsIn(page)).toEqual([])

    const answer = page.locator('.answer input').first()
    await answer.focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Tab')
    const changed = await looksOf()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Playing' }).waitFor()
    const why = page.locator('.why')
    await why.waitFor({ timeout: 90_000 })
    expect(await why.textContent()).toMatch(outcome)
    expect(await why.textContent()).toMatch(/^(As you predicted|Another answer came true)/)
    if (number !== 3) expect(await looksOf()).not.toBe(changed)
    expect(await violationsIn(page)).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      looks.viewport.width,
    )
    expect(page.errors).toEqual([])
    await page.context().close()
  },
)

test('chapters are reached by address, by the list and one after the other', async () => {
  expect(
    ['#tour', '#tour/3', '#tour/99', '#tour/0', '#env=Pendulum-v1', '#tour/x', ''].map(chapterIn),
  ).toEqual([1, 3, 7, 1, undefined, undefined, undefined])
  const page = await site.open()
  await page.getByRole('button', { name: 'Train' }).click()
  await untilCount(page, 'steps', 100)
  await page.getByRole('link', { name: 'Guided tour' }).click()
  await page.getByRole('heading', { name: 'Why an agent should stay uncertain' }).waitFor()
  await page.getByRole('link', { name: 'What entropy is' }).click()
  const heading = page.getByRole('heading', { name: 'Entropy is the surprise to be expected' })
  await heading.waitFor()
  expect(page.url()).toMatch(/#tour\/2$/)
  // Where one reads on.
  await expect.poll(() => heading.evaluate(element => element === document.activeElement)).toBe(true)
  await page.goBack()
  await page.getByRole('heading', { name: 'Why an agent should stay uncertain' }).waitFor()

  // The playground is as it was left, and trains nothing meanwhile.
  await page.getByRole('link', { name: 'Playground' }).click()
  await page.getByRole('button', { name: 'Continue' }).waitFor()
  await untilCount(page, 'steps', 100)
  expect(page.url()).toContain('#env=Pendulum-v1')
  expect(page.errors).toEqual([])
  await page.context().close()
})

test('who asked for less motion sees few pictures, and the same end', async () => {
  const page = await site.open('#tour/2', { reducedMotion: 'reduce' })
  await page.locator('.tour-plot path').first().waitFor({ state: 'attached' })
  await page.evaluate(() => {
    const seen = new Set<string>()
    const look = () => {
      seen.add(document.querySelector('.tour-plot svg')!.innerHTML)
      requestAnimationFrame(look)
    }
    look()
    Object.assign(globalThis, { seen })
  })
  await page.locator('.answer input').first().check()
  await page.getByRole('button', { name: 'Play' }).click()
  await page.locator('.why').waitFor()
  expect(await page.locator('.why').textContent()).toMatch(/the entropy is −1\.5\d/)
  const pictures = await page.evaluate(() => (globalThis as unknown as { seen: Set<string> }).seen.size)
  expect(pictures).toBeLessThan(12)
  await page.context().close()
})
