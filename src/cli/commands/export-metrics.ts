import type { Command } from '@commander-js/extra-typings'
import { printable } from '../../printable.ts'
import { readMetrics } from '../../run/metrics-file.ts'
import { metricsToCsv } from '../../run/reports/metrics-csv.ts'
import { damageOf } from '../../run/reports/run-summary.ts'
import { writeFileAtomically } from '../../run/write-file.ts'
import { say } from '../output/say.ts'

/** Adds `sac export-metrics`. */
export function addExportMetricsCommand(program: Command): void {
  program
    .command('export-metrics')
    .summary('write the metrics of a run as CSV')
    .description(
      'Write everything that a run has logged about its training as a table, one row for each step that it logged.',
    )
    .argument('<run>', 'directory of the run, as `sac train` printed it')
    .option('--out <file>', 'the file to write; without it the table is printed')
    .action((directory, { out }) => {
      const metrics = readMetrics(directory)
      const csv = metricsToCsv(metrics)
      // Not among the table, which may be printed.
      for (const fault of damageOf({ directory, metrics }))
        process.stderr.write(`${printable(`note: ${fault}`)}\n`)
      if (out === undefined) process.stdout.write(csv)
      else {
        writeFileAtomically(out, csv)
        say(`Saved in ${out}`)
      }
    })
}
