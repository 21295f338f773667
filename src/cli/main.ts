#!/usr/bin/env node
/** `sac`, the command line. */
import { Command, CommanderError } from '@commander-js/extra-typings'
import { printableLines } from '../printable.ts'
import { packageVersion } from '../version.ts'
import { addCheckCommand } from './commands/check.ts'
import { addCompareCommand } from './commands/compare.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addEnvsCommand } from './commands/envs.ts'
import { addEvalCommand } from './commands/eval.ts'
import { addExportCommand } from './commands/export.ts'
import { addExportMetricsCommand } from './commands/export-metrics.ts'
import { addImportCommand } from './commands/import.ts'
import { addPlotCommand } from './commands/plot.ts'
import { addRecordCommand } from './commands/record.ts'
import { addResumeCommand } from './commands/resume.ts'
import { addRunsCommand } from './commands/runs.ts'
import { addShowCommand } from './commands/show.ts'
import { addStudyCommand } from './commands/study.ts'
import { addTrainCommand } from './commands/train.ts'
import { coloursFor } from './output/colours.ts'
import { describeError, exitCodeOf } from './output/errors.ts'

const { red } = coloursFor(process.stderr)

/** Runs one command. Exit code 1 is for a failure, 2 for what cannot be done as asked. */
async function main(args: string[]): Promise<void> {
  const program = new Command('sac')
    .description('Soft Actor-Critic: train agents for continuous control.')
    .version(packageVersion)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(red(printableLines(asOneSentence(text)))) })
  addTrainCommand(program)
  addResumeCommand(program)
  addEvalCommand(program)
  addRunsCommand(program)
  addShowCommand(program)
  addDoctorCommand(program)
  addPlotCommand(program)
  addCompareCommand(program)
  addStudyCommand(program)
  addExportMetricsCommand(program)
  addExportCommand(program)
  addImportCommand(program)
  addRecordCommand(program)
  addEnvsCommand(program)
  addCheckCommand(program)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    // Commander has printed its complaint (or the help that was asked for) already.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
    } else {
      process.stderr.write(`${red(printableLines(`error: ${describeError(error)}`))}\n`)
      process.exitCode = exitCodeOf(error)
    }
  }
}

/** Commander puts its suggestion in brackets on a second line. */
const asOneSentence = (text: string) => text.replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?')

/** Whoever reads our output has gone (`sac train ... | head`): stop as for SIGTERM, so that training is saved. */
function stopWithoutReader(): void {
  let stopping = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (!stopping) process.kill(process.pid, 'SIGTERM')
    stopping = true
  })
}

stopWithoutReader()
await main(process.argv.slice(2))
