import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPage, testPage } from './page.ts'

const root = join(import.meta.dirname, '../../..')
const { text } = readPage('README.md')
const { scripts, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const folder = testPage('README.md', {
  onPrinted(printed) {
    const [, meanReturn] = /mean return (.*)/.exec(printed) ?? []
    if (meanReturn) expect(Number(meanReturn)).toBeGreaterThan(-500)
    else expect(printed.trim()).toBe('[]')
  },
})

test('a repeated run is the same to the last bit', () => {
  const weights = (run: string) => readFileSync(join(folder(), run, 'parameters.safetensors'))
  expect(weights('again').equals(weights('pendulum'))).toBe(true)
})

test('every npm script that is named exists', () => {
  const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(match => match[1])
  for (const name of named) expect(scripts, name).toHaveProperty([name])
  expect(scripts).toHaveProperty('start')
  expect(scripts).toHaveProperty('test')
})

test('every file that is named exists', () => {
  for (const page of ['algorithm.md', 'engines.md']) {
    for (const [, path] of readPage(`docs/${page}`).text.matchAll(/\]\(([^)#]+)\)/g))
      expect(existsSync(join(root, 'docs', path)), path).toBe(true)
  }
  for (const [path] of text.matchAll(/\b(src|test|docs)\/[\w./-]*/g))
    expect(existsSync(join(root, path)), path).toBe(true)
  expect(exports).toHaveProperty(['.'])
})
