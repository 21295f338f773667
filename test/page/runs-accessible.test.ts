import { expect, test } from 'vitest'
import { violationsIn } from '../../tools/axe.ts'
import { makeRun, newFolder } from '../run/ui/synthetic-runs.ts'
import { useLocalUi } from './local-ui.ts'

const ui = useLocalUi()

const VIEWS = {
  runs: '',
  gathered: '#gather=iqm&smoothing=0.5',
  compare: '#page=compare&selected=run-0,other',
  run: '#page=run&id=run-0',
}

test.each(['light', 'dark'] as const)('axe finds nothing in any view, %s', async colorScheme => {
  const folder = newFolder()
  for (const seed of [0, 1]) makeRun(folder, `run-${seed}`, { seed, lines: 60 })
  makeRun(folder, 'other', { end: 'error', settings: { gamma: 0.9 } })
  const server = await ui.start(folder)
  const found: string[] = []
  for (const [name, hash] of Object.entries(VIEWS)) {
    for (const width of [1440, 390]) {
      // The tool is put into the page from outside, past its policy.
      const page = await ui.open(server, hash, {
        colorScheme,
        bypassCSP: true,
        viewport: { width, height: 900 },
      })
      await page
        .getByRole('img', { name: /^return over/ })
        .first()
        .waitFor()
      if (name === 'runs') await page.getByRole('button', { name: 'New run' }).click()
      await page.waitForTimeout(300)
      for (const violation of await violationsIn(page)) found.push(`${name} at ${width}: ${violation}`)
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      if (wide > 0) found.push(`${name} at ${width}: ${wide} pixels wider than the screen`)
      await page.context().close()
    }
  }
  expect(found).toEqual([])
})
