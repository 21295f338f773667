import { type ChartPanel, lineChartSvg } from '../../chart/line-chart.ts'
import { formatValue } from '../../option-text.ts'
import { environmentName } from '../environment-path.ts'
import type { MetricName } from '../metrics.ts'
import { differingNames } from './differing-settings.ts'
import { type LearningCurve, learningCurves } from './learning-curves.ts'
import type { RunSummary } from './run-summary.ts'

/**
 * Draws learning curves: runs that differ only in their seeds as one line, their mean, with its 95 % bootstrap interval;
 * each environment has its own axes.
 * @returns an SVG; undefined if none of the runs has logged any of the metric yet
 * @example
 * const { runs } = summarizeRuns(findRuns('runs'))
 * writeFileSync('curves.svg', learningCurvesSvg(runs, 'return'))
 */
export function learningCurvesSvg(runs: readonly RunSummary[], metric: MetricName): string | undefined {
  const panels = panelsOf(runs, metric)
  return panels.length === 0 ? undefined : lineChartSvg(panels)
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
