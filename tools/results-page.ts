/** docs/results.md, made from the results of the studies of presets. */
import { environmentIds } from '../src/envs/registry.ts'
import type { Study } from '../src/run/study/study-file.ts'
import { publishedTable } from '../src/run/study/study-page.ts'
import type { StudyResults } from '../src/run/study/study-results.ts'

/** One study, and what it has found if it has begun. */
export interface ResultsPart {
  name: string
  study: Study
  results?: StudyResults
}

const HEAD = `# What it learns

What \`sac train\` learns with the preset of each task. Every score is the mean return of the deterministic policy over 100
episodes at the end of training, for seeds from 0. Presets that change are chosen on seeds from 100; those of Pendulum-v1,
InvertedPendulum-v5 and CartPole-v1 are older, and were chosen on some of the seeds shown. Beside them stands what others
have published. Their versions of a task may differ in details, and some of their figures are of single runs.

\`\`\`sh
npm run results   # trains what is missing, resumes what was interrupted, and writes this page
\`\`\`
`

export function resultsPage(parts: readonly ResultsPart[]): string {
  const measured = new Set(
    parts
      .flatMap(({ results }) => results?.results.filter(({ status }) => status !== 'open') ?? [])
      .map(({ task }) => task),
  )
  const missing = environmentIds().filter(id => !measured.has(id))
  return [
    HEAD,
    ...parts.map(sectionOf),
    '## Not measured\n',
    `No results yet for the presets of ${missing.join(', ')}.\n`,
  ].join('\n')
}

function sectionOf({ name, study, results }: ResultsPart): string {
  const page = `../studies/${name}`
  if (!results) return `## ${study.title}\n\nNot measured yet.\n`
  const { machine, commit } = results
  return `## ${study.title}

${study.about.trim()} Made by \`sac study studies/${name}.yaml\` on ${machine}${commit ? `, at commit ${commit}` : ''}; the
commands of the single trainings stand on [its page](${page}/README.md).

${publishedTable(results, study.published ?? {})}

![Learning curves: interquartile mean and 95 % interval over seeds](${page}/curves.svg)
`
}
