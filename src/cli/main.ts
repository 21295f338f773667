#!/usr/bin/env node
/** `sac`, the command line. */
import { Command, CommanderError } from '@commander-js/extra-typings'
import { packageVersion } from '../version.ts'
import { addCheckCommand } from './check-command.ts'
import { coloursFor } from './colours.ts'
import { addCompareCommand } from './compare-command.ts'
import { addDoctorCommand } from './doctor-command.ts'
import { addEnvsCommand } from './envs-command.ts'
import { describeError, exitCodeOf } from './errors.ts'
import { addEvalCommand } from './eval-command.ts'
import { addExportCommand } from './export-command.ts'
import { addExportMetricsCommand } from './export-metrics-command.ts'
import { addImportCommand } from './import-command.ts'
import { addPlotCommand } from './plot-command.ts'
import { addRecordCommand } from './record-command.ts'
import { addResumeCommand } from './resume-command.ts'
import { addRunsCommand } from './runs-command.ts'
import { addShowCommand } from './show-command.ts'
import { addTrainCommand } from './train-command.ts'

const { red } = coloursFor(process.stderr)

/** Runs one command. Exit code 1 is for a failure, 2 for what cannot be done as asked. */
async function main(args: string[]): Promise<void> {
  const program = new Command('sac')
    .description('Soft Actor-Critic: train agents for continuous control.')
    .version(packageVersion)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(red(asOneSentence(text))) })
  addTrainCommand(program)
  addResumeCommand(program)
  addEvalCommand(program)
  addRunsCommand(program)
  addShowCommand(program)
  addDoctorCommand(program)
  addPlotCommand(program)
  addCompareCommand(program)
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
      process.stderr.write(`${red(`error: ${describeError(error)}`)}\n`)
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
