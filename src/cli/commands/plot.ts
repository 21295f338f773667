import { existsSync } from 'node:fs'
import type { Command } from '@commander-js/extra-typings'
import { type ChartPanel, lineChartSvg } from '../../chart/line-chart.ts'
import { nearest } from '../../nearest.ts'
import { formatValue } from '../../option-text.ts'
import { environmentName } from '../../run/environment-path.ts'
import { METRIC_TAGS, type MetricName } from '../../run/metrics.ts'
import { differingNames } from '../../run/reports/differing-settings.ts'
import { requireRuns } from '../../run/reports/find-runs.ts'
import { type LearningCurve, learningCurves } from '../../run/reports/learning-curves.ts'
import type { RunSummary } from '../../run/reports/run-summary.ts'
import { UsageError } from '../../run/usage-error.ts'
import { writeFileAtomically } from '../../run/write-file.ts'
import { summarizeAll } from '../output/run-table.ts'
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
      const { runs, faults } = summarizeAll(requireRuns(folders))
      const panels = panelsOf(runs, metric)
      for (const fault of faults) say(`note: ${fault}`)
      if (panels.length === 0) throw new UsageError(`None of these runs has logged any ${metric} yet.`)
      const file = out ?? freeName()
      writeFileAtomically(file, lineChartSvg(panels))
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

/** A panel for each environment in which a run has logged what is to be drawn. */
function panelsOf(runs: readonly RunSummary[], metric: MetricName): ChartPanel[] {
  const environments = new Set(runs.map(run => run.settings.environment))
  return [...environments].flatMap(environment => {
    const curves = learningCurves(
      runs.filter(run => run.settings.environment === environment),
      metric,
    ).filter(({ points }) => points.length > 0)
    if (curves.length === 0) return []
    const labels = labelsOf(curves)
    const lines = curves.map(({ points }, i) => ({
      label: labels[i],
      points: points.map(({ step, mean, low, high }) => ({ x: step, y: mean, low, high })),
    }))
    return [
      { title: environmentName(environment), xLabel: 'environment steps', yLabel: axisOf(metric), lines },
    ]
  })
}

/** `gamma 0.9, tau 0.01 (5 runs)`: what distinguishes each curve from the others. */
function labelsOf(curves: readonly LearningCurve[]): string[] {
  const apart = differingNames(curves.map(({ experiment }) => experiment))
  return curves.map(({ experiment, runs }) => {
    const values = apart.map(name => `${name} ${formatValue(experiment[name])}`)
    const count = runs === 1 ? '1 run' : `${runs} runs`
    return values.length > 0 ? `${values.join(', ')} (${count})` : count
  })
}

const axisOf = (metric: MetricName) => (metric === 'return' ? 'return of training episodes' : metric)
