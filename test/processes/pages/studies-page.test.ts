import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, testCommands } from './page.ts'

const page = readPage('docs/studies.md')
const [study] = page.blocks('yaml')
const folder = testCommands('docs/studies.md', { files: { 'temperature.yaml': study } })

test('the study is complete, and every variant is in it', () => {
  const text = readFileSync(join(folder(), 'temperature/README.md'), 'utf8')
  expect(text).toContain('# What a temperature is for')
  expect(text).not.toContain('still to be made')
  for (const variant of ['tuned', 'fixed at 0.2', 'zero']) {
    expect(text).toMatch(new RegExp(`^\\| ${variant} \\| −[\\d,.]+ \\(`, 'm'))
  }
})
