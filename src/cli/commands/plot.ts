import { existsSync } from 'node:fs'
import type { Command } from '@commander-js/extra-typings'
import { nearest } from '../../nearest.ts'
import { METRIC_TAGS, type MetricName } from '../../run/metrics.ts'
import { requireRuns } from '../../run/reports/find-runs.ts'
import { learningCurvesSvg } from '../../run/reports/learning-curves-svg.ts'
import { summarizeRuns } from '../../run/reports/run-summary.ts'
import { UsageError } from '../../run/usage-error.ts'
import { writeFileAtomically } from '../../run/write-file.ts'
import { say } from '../output/say.ts'

/** Adds `sac plot`. */
export function addPlotCommand(program: Command): void {
  program
    .command('plot')
    .summary('draw learning curves of runs as SVG')
    .description(
      'Draw learning curves: runs that differ only in their seeds as one line, their mean, with its 95 % bootstrap ' +
        'interval; each environment has its own axes.',
    )
    .argument('<run...>', 'directories of runs, or folders with runs in them')
    .option(
      '--out <file>',
      'the file to write; by default curves.svg or, if that is there, curves-2.svg and so on',
    )
    .option('--metric <name>', 'the metric to draw, by its name in metrics.jsonl', 'return')
    .action((folders, { out, metric }) => {
      requireMetric(metric)
      const { runs, faults } = summarizeRuns(requireRuns(folders))
      const svg = learningCurvesSvg(runs, metric)
      for (const fault of faults) say(`note: ${fault}`)
      if (svg === undefined) throw new UsageError(`None of these runs has logged any ${metric} yet.`)
      const file = out ?? freeName()
      writeFileAtomically(file, svg)
      say(`Saved in ${file}`)
    })
}

/** The first of `curves.svg`, `curves-2.svg`, ... that does not exist: a picture made before is not overwritten. */
function freeName(): string {
  let name = 'curves.svg'
  for (let i = 2; existsSync(name); i++) name = `curves-${i}.svg`
  return name
}

function requireMetric(name: string): asserts name is MetricName {
  if (Object.hasOwn(METRIC_TAGS, name)) return
  const near = nearest(name, Object.keys(METRIC_TAGS))
  const hint = near ? `did you mean ${near}?` : `there are ${Object.keys(METRIC_TAGS).join(', ')}.`
  throw new UsageError(`There is no metric ${name}; ${hint}`)
}
