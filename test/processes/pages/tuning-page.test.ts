import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readJournal } from '../../../src/run/tune/journal.ts'
import { readPage, testPage } from './page.ts'

const page = readPage('docs/tuning.md')
const [space] = page.blocks('yaml')
const searches = mkdtempSync(join(tmpdir(), 'tuning-'))
afterAll(() => rmSync(searches, { recursive: true, force: true }))

const folder = testPage('docs/tuning.md', {
  files: { 'space.yaml': space },
  env: { SEARCH: join(searches, 'small') },
  onPrinted: printed => expect(printed).toMatch(/^best \{/m),
})

test('the search of the page went on from its first trials', () => {
  const { trials } = readJournal(join(folder(), 'runs/tune-Pendulum-v1/journal.log'), 'Pendulum-v1')!
  expect(trials).toHaveLength(8)
  for (const { state, point } of trials) {
    expect(['complete', 'stopped']).toContain(state)
    expect(Object.keys(point)).toEqual(['learningRate', 'gamma', 'hiddenSizes', 'learningStarts'])
  }
})
