/**
 * `npm run results`: makes the trainings that `studies/` still lacks for docs/results.md, as many at once as there are
 * cores, and writes that page from their results. It can be interrupted at any moment, and resumes. `-- --page` only
 * writes the page.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { parseStudy } from '../src/run/study/study-file.ts'
import type { StudyResults } from '../src/run/study/study-results.ts'
import { type ResultsPart, resultsPage } from './results-page.ts'

const root = join(import.meta.dirname, '../..')

/** The studies of presets, in the order of the page. */
export const RESULTS = ['classic-control', 'discrete-actions', 'reaching']

/** What they have found, from their files. */
export const resultsParts = (folder: string): ResultsPart[] =>
  RESULTS.map(name => {
    const file = join(folder, name, 'results.json')
    const study = parseStudy(parse(readFileSync(join(folder, `${name}.yaml`), 'utf8')))
    const results: StudyResults | undefined = existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : undefined
    return { name, study, results }
  })

if (process.argv[1] === import.meta.filename) {
  if (!process.argv.includes('--page')) {
    for (const name of RESULTS) {
      const args = [join(root, 'dist/src/cli/main.js'), 'study', `studies/${name}.yaml`]
      const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: root })
      if (status !== 0) process.exit(status ?? 1)
    }
  }
  writeFileSync(join(root, 'docs/results.md'), resultsPage(resultsParts(join(root, 'studies'))))
}
