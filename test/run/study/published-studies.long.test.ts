import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseStudy } from '../../../src/run/study/study-file.ts'
import { studyPage } from '../../../src/run/study/study-page.ts'
import type { StudyResults } from '../../../src/run/study/study-results.ts'

const studies = join(import.meta.dirname, '../../../studies')
const names = readdirSync(studies).filter(name => existsSync(join(studies, name, 'results.json')))

describe.each(names)('the study %s', name => {
  const read = (file: string) => readFileSync(join(studies, name, file), 'utf8')
  const results: StudyResults = JSON.parse(read('results.json'))

  test('is what its file describes, and complete', () => {
    expect(results.study).toEqual(parseStudy(parse(readFileSync(join(studies, `${name}.yaml`), 'utf8'))))
    expect(results.results.filter(({ status }) => status === 'open')).toEqual([])
  })

  test('has a page and charts that say what its results say', () => {
    const beforeCommands = (text: string) => text.split('## Commands')[0]
    const command = `sac study studies/${name}.yaml`
    const { 'README.md': page, ...charts } = studyPage(results, { command, commandOf: () => '' })
    expect(beforeCommands(read('README.md'))).toBe(beforeCommands(page))
    for (const [file, svg] of Object.entries(charts)) expect(read(file)).toBe(svg)
  })
})

test('there are studies', () => expect(names).not.toHaveLength(0))
