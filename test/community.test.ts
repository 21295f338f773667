/** Files for people who contribute or cite: they parse, and what they name exists. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'

const root = join(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const manifest = JSON.parse(read('package.json'))

test('every path and every script that CONTRIBUTING.md names exists', () => {
  const text = read('CONTRIBUTING.md')
  const paths = [...text.matchAll(/`((?:src|test|tools|bench|studies|site|page|docs)\/[\w./-]*)`/g)].map(
    match => match[1],
  )
  expect(paths.length).toBeGreaterThan(10)
  expect(paths.filter(path => !existsSync(join(root, path)))).toEqual([])
  const scripts = [...text.matchAll(/npm run ([\w:]+)/g)].map(match => match[1])
  expect(scripts.filter(script => !Object.hasOwn(manifest.scripts, script))).toEqual([])
})

test('CITATION.cff is of this version', () => {
  const citation = parse(read('CITATION.cff'))
  expect(citation).toMatchObject({
    title: manifest.name,
    version: manifest.version,
    license: manifest.license,
  })
  expect(manifest.repository.url).toContain(citation['repository-code'])
})

test('templates are valid forms', () => {
  const folder = '.github/ISSUE_TEMPLATE'
  for (const file of readdirSync(join(root, folder))) {
    const form = parse(read(join(folder, file)))
    expect(form, file).toMatchObject({ name: expect.any(String), description: expect.any(String) })
    for (const { type, attributes } of form.body) {
      expect(['textarea', 'input', 'markdown'], file).toContain(type)
      expect(attributes.label ?? attributes.value, file).toEqual(expect.any(String))
    }
  }
})
