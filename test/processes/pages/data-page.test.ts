import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, testCommands } from './page.ts'

const folder = testCommands('docs/data.md', {})

test('the run on the page has learned from what was recorded', () => {
  const { demonstrations } = JSON.parse(readFileSync(join(folder(), 'shown/config.json'), 'utf8'))
  expect(demonstrations).toMatch(/demo\.npz$/)
})

test('the README leads to it', () => expect(readPage('README.md').text).toContain('(docs/data.md)'))
