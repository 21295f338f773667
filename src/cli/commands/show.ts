import type { Command } from '@commander-js/extra-typings'
import { formatValue } from '../../option-text.ts'
import { environmentName } from '../../run/environment-path.ts'
import { changedSettings } from '../../run/reports/differing-settings.ts'
import { damageOf, type RunSummary, summarizeRun } from '../../run/reports/run-summary.ts'
import { seriesOf } from '../../run/reports/series.ts'
import { formatCount, formatDuration, formatReturn } from '../output/format.ts'
import { formatTime } from '../output/run-table.ts'
import { say } from '../output/say.ts'
import { terminalChart } from '../output/terminal-chart.ts'

const WIDEST = 100

/** Adds `sac show`. */
export function addShowCommand(program: Command): void {
  program
    .command('show')
    .summary('show how a run went')
    .description(
      'Show the settings of a run that differ from their defaults, its results so far, and its returns as a chart.',
    )
    .argument('<run>', 'directory of the run, as `sac train` printed it')
    .action(directory => {
      say(describeRun(summarizeRun(directory), Math.min(process.stdout.columns ?? 80, WIDEST)))
    })
}

/** All that `sac show` prints, at most `columns` columns wide except for long messages. */
export function describeRun(run: RunSummary, columns: number): string {
  const { settings, metrics, evaluation } = run
  const updates = metrics.train.at(-1)?.updates ?? 0
  const { environment, environmentOptions, steps, options } = settings
  const { environmentOptions: _, seed: __, ...changed } = changedSettings(settings)
  const begun = formatTime(run.startedAt)
  const special = { ...environmentOptions, ...changed }
  const lines = [
    `${run.directory}: ${environmentName(environment)} with seed ${options.seed}, ${describeStatus(run)}`,
    `${formatCount(run.steps)} of ${formatCount(steps)} steps, ${formatCount(updates)} updates ` +
      `in ${formatDuration(run.seconds)}${begun && `, begun ${begun}`}`,
    Object.keys(special).length === 0
      ? 'All settings have their defaults.'
      : 'Settings that differ from their defaults:',
    ...Object.entries(special).map(([name, value]) => `  ${name} ${formatValue(value)}`),
  ]
  if (evaluation)
    lines.push(`Evaluation at step ${formatCount(evaluation.step)}: ${formatReturn(evaluation)}`)
  const returns = seriesOf(metrics, 'return')
  if (returns.length === 0) lines.push('No episode has ended yet.')
  else {
    const [best, last] = [run.bestReturn!.toFixed(1), run.lastReturn!.toFixed(1)]
    lines.push(`Return of training episodes: best ${best}, last ${last}`)
    if (returns.length > 1) lines.push('', terminalChart(returns, { columns }))
  }
  lines.push(...damageOf(run).map(fault => `note: ${fault}`))
  return lines.join('\n')
}

function describeStatus({ status, message }: RunSummary): string {
  if (status === 'unknown') return 'on another machine, running or crashed'
  return message && !message.includes(status) ? `${status}: ${message}` : (message ?? status)
}
