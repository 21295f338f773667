import type { Command } from '@commander-js/extra-typings'
import { environmentName } from '../../run/environment-path.ts'
import { findRuns } from '../../run/reports/find-runs.ts'
import { summarizeRuns } from '../../run/reports/run-summary.ts'
import { type Column, formatTime, RESULTS, RESULTS_LEGEND, tableOf } from '../output/run-table.ts'
import { say } from '../output/say.ts'
import { formatTable } from '../output/table.ts'

/** Adds `sac runs`. */
export function addRunsCommand(program: Command): void {
  program
    .command('runs')
    .summary('list runs and their results')
    .description('List the runs in a folder and its subfolders, with their results so far.')
    .argument('[folder]', 'where to look', 'runs')
    .addHelpText('after', `\n${RESULTS_LEGEND}.`)
    .action(folder => {
      const { runs, faults } = summarizeRuns(findRuns(folder))
      if (runs.length > 0) {
        const columns: Column[] = [
          ['run', run => run.directory],
          ['environment', run => environmentName(run.settings.environment)],
          ...RESULTS,
          ['started', run => formatTime(run.startedAt)],
        ]
        say(formatTable(...tableOf(columns, runs)))
      } else if (faults.length === 0) {
        say(`There are no runs in ${folder}. To make one: sac train Pendulum-v1`)
      }
      for (const fault of faults) say(`note: ${fault}`)
    })
}
