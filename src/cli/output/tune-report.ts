import { formatValue } from '../../option-text.ts'
import { printable } from '../../printable.ts'
import type { TuneEvent } from '../../run/tune/plan.ts'
import type { SearchTrial } from '../../run/tune/search.ts'
import type { TuneResult } from '../../run/tune/tune.ts'
import { shellWord } from '../../shell-word.ts'
import { bestFirst } from '../../tune/trial.ts'
import { PROGRAM } from './commands.ts'
import { formatCount } from './format.ts'
import { formatTable } from './table.ts'

/** A line about what happens in a search. */
export function describeTuneEvent(event: TuneEvent): string {
  if (event.type === 'note') return `note: ${event.text}`
  const { number, point } = event.trial
  if (event.type === 'begin') {
    const settings = Object.entries(point).map(([name, value]) => `${name} ${formatValue(value)}`)
    return `trial ${number} begins with ${settings.join(', ')}`
  }
  if (event.type === 'interrupted') return `trial ${number} is open: ${event.message}`
  return `trial ${number} ${describeEnd(event.trial)}`
}

function describeEnd({ state, value, reports, message }: SearchTrial): string {
  if (state === 'failed') return `failed: ${message}`
  const result = `${value?.toFixed(1)} after ${formatCount(reports.at(-1)?.step ?? 0)} steps`
  return state === 'stopped' ? `was stopped with ${result}` : `reached ${result}`
}

const SHOWN = 5

/** What a search has found: the best trials, what the settings matter, and the command that trains with the best. */
export function describeTuneResult(result: TuneResult): string {
  const { trials, space, best, importances } = result
  const names = Object.keys(space)
  const rows = bestFirst(trials)
    .filter(({ state }) => state !== 'failed')
    .slice(0, SHOWN)
    .map(({ number, state, value, reports, point }) => [
      String(number),
      value?.toFixed(1) ?? '',
      formatCount(reports.at(-1)?.step ?? 0),
      state,
      ...names.map(name => formatValue(point[name])),
    ])
  return [
    describeCounts(trials),
    ...(rows.length > 0 ? [formatTable(['trial', 'return', 'steps', 'state', ...names], rows)] : []),
    importances
      ? `\nHow much each setting decides whether a trial is among the best quarter:\n${formatTable(
          ['setting', 'importance'],
          Object.entries(importances).map(([name, share]) => [name, `${(100 * share).toFixed(1)} %`]),
        )}`
      : '\nImportances of settings need at least 8 trials that have ended.',
    best
      ? `\nTo train with the best settings (add --seeds 5 to see whether they were luck):\n  ${commandOf(best.arguments)}`
      : '\nNo trial is complete.',
    `To look at all trials: optuna-dashboard ${printable(shellWord(result.journal))}`,
  ].join('\n')
}

const commandOf = (args: readonly string[]) =>
  `${PROGRAM} ${args.map(arg => printable(shellWord(arg))).join(' ')}`

function describeCounts(trials: readonly SearchTrial[]): string {
  const count = (state: SearchTrial['state']) => trials.filter(trial => trial.state === state).length
  const parts = [
    [count('complete'), 'complete'],
    [count('stopped'), 'stopped early'],
    [count('failed'), 'failed'],
    [count('running'), 'open'],
  ].filter(([number]) => number !== 0)
  return `\n${trials.length} trial${trials.length === 1 ? '' : 's'}: ${parts.map(part => part.join(' ')).join(', ')}`
}
