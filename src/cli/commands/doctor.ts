import type { Command } from '@commander-js/extra-typings'
import { loadSettings } from '../../run/load-run.ts'
import { readMetrics } from '../../run/metrics-file.ts'
import { goneProblems } from '../../run/reports/examinations.ts'
import { damageOf } from '../../run/reports/run-summary.ts'
import { examinationInterval } from '../../run/settings.ts'
import { describeDiagnosis } from '../output/diagnosis.ts'
import { formatCount } from '../output/format.ts'
import { say } from '../output/say.ts'

/** Adds `sac doctor`. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .summary('report what is wrong in a run, and what to do about it')
    .description(
      'Report what is or was wrong in a run, and what to do about it; exit code 1 if something is still wrong at the end. ' +
        '`sac train` reports the same while it trains.',
    )
    .argument('<run>', 'directory of the run, as `sac train` printed it')
    .action(directory => {
      const interval = examinationInterval(loadSettings(directory))
      const metrics = readMetrics(directory)
      const { examinations } = metrics
      for (const fault of damageOf({ directory, metrics })) say(`note: ${fault}`)
      const last = examinations.at(-1)
      if (!last) {
        say(
          `${directory} has not been examined yet: that happens every ${formatCount(interval)} steps and at the end.`,
        )
        return
      }
      const gone = goneProblems(examinations)
      for (const { step, until, problem } of gone) {
        say(`From step ${formatCount(step)}, gone at ${formatCount(until)}: ${problem}`)
      }
      const count = formatCount(examinations.length)
      const examined = `${count} examination${examinations.length === 1 ? '' : 's'}, the last at step ${formatCount(last.step)}`
      if (last.diagnoses.length === 0) {
        say(`${directory}: ${gone.length > 0 ? 'now ' : ''}nothing is wrong (${examined}).`)
        return
      }
      say(`${directory}: ${examined}.`)
      for (const diagnosis of last.diagnoses) process.stdout.write(`\n${describeDiagnosis(diagnosis)}\n`)
      process.exitCode = 1
    })
}
