import type { Command } from '@commander-js/extra-typings'
import { formatValue } from '../../option-text.ts'
import { differingNames } from '../../run/reports/differing-settings.ts'
import { requireRuns } from '../../run/reports/find-runs.ts'
import { flattenSettings } from '../../run/settings.ts'
import { type Column, RESULTS, RESULTS_LEGEND, summarizeAll, tableOf } from '../output/run-table.ts'
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
      const { runs, faults } = summarizeAll(requireRuns(folders))
      // The results have a column with the steps of each run.
      const tables = runs.map(run => ({ ...flattenSettings(run.settings), steps: undefined }))
      const differing = differingNames(tables)
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
