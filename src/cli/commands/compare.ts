import type { Command } from '@commander-js/extra-typings'
import { formatValue } from '../../option-text.ts'
import { differingSettings } from '../../run/reports/differing-settings.ts'
import { requireRuns } from '../../run/reports/find-runs.ts'
import { summarizeRuns } from '../../run/reports/run-summary.ts'
import { flattenSettings } from '../../run/settings.ts'
import { type Column, RESULTS, RESULTS_LEGEND, tableOf } from '../output/run-table.ts'
import { say } from '../output/say.ts'
import { formatTable } from '../output/table.ts'

/** Adds `sac compare`. */
export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .summary('compare settings and results of runs')
    .description('Show the settings in which runs differ, and their results so far.')
    .argument('<run...>', 'directories of runs, or folders with runs in them')
    .addHelpText('after', `\n${RESULTS_LEGEND}.`)
    .action(folders => {
      const { runs, faults } = summarizeRuns(requireRuns(folders))
      // The results have a column with the steps of each run.
      const differing = differingSettings(runs).filter(name => name !== 'steps')
      const columns: Column[] = [
        ['run', run => run.directory],
        ...differing.map((name): Column => [name, run => formatValue(flattenSettings(run.settings)[name])]),
        ...RESULTS,
      ]
      if (runs.length > 0) say(formatTable(...tableOf(columns, runs)))
      if (runs.length > 1 && differing.length === 0) say('Their settings are the same.')
      for (const fault of faults) say(`note: ${fault}`)
    })
}
