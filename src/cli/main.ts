#!/usr/bin/env node
/** `sac`, the command line. */
import { Command, CommanderError } from '@commander-js/extra-typings'
import { optionElsewhere } from '../elsewhere.ts'
import { flagName } from '../option-text.ts'
import { printableLines } from '../printable.ts'
import { packageVersion } from '../version.ts'
import { addActCommand } from './commands/act.ts'
import { addCheckCommand } from './commands/check.ts'
import { addCompareCommand } from './commands/compare.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addEnvsCommand } from './commands/envs.ts'
import { addEvalCommand } from './commands/eval.ts'
import { addExportCommand } from './commands/export.ts'
import { addExportMetricsCommand } from './commands/export-metrics.ts'
import { addImportCommand } from './commands/import.ts'
import { addNatsCommand } from './commands/nats.ts'
import { addPlotCommand } from './commands/plot.ts'
import { addRecordCommand } from './commands/record.ts'
import { addReplayLogCommand } from './commands/replay-log.ts'
import { addResumeCommand } from './commands/resume.ts'
import { addRunsCommand } from './commands/runs.ts'
import { addShowCommand } from './commands/show.ts'
import { addStudyCommand } from './commands/study.ts'
import { addTrainCommand } from './commands/train.ts'
import { addTuneCommand } from './commands/tune.ts'
import { addUiCommand } from './commands/ui.ts'
import { exitNow, forbidExit, untilStuck } from './exit.ts'
import { coloursFor } from './output/colours.ts'
import { describeError, exitCodeOf } from './output/errors.ts'

const { red } = coloursFor(process.stderr)

/** Runs one command. Exit code 1 is for a failure, 2 for what cannot be done as asked. */
async function main(args: string[]): Promise<void> {
  const program = new Command('sac')
    .description('Soft Actor-Critic: train agents for control, with continuous or discrete actions.')
    .version(packageVersion)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(red(printableLines(asOneSentence(text, optionsOf(program, args))))),
    })
  addTrainCommand(program)
  addResumeCommand(program)
  addEvalCommand(program)
  addRunsCommand(program)
  addShowCommand(program)
  addDoctorCommand(program)
  addPlotCommand(program)
  addCompareCommand(program)
  addUiCommand(program)
  addStudyCommand(program)
  addTuneCommand(program)
  addExportMetricsCommand(program)
  addExportCommand(program)
  addImportCommand(program)
  addRecordCommand(program)
  addActCommand(program)
  addNatsCommand(program)
  addReplayLogCommand(program)
  addEnvsCommand(program)
  addCheckCommand(program)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    // Commander has already printed its error message (or the help that was asked for).
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
    } else {
      process.stderr.write(`${red(printableLines(`error: ${describeError(error)}`))}\n`)
      process.exitCode = exitCodeOf(error)
    }
  }
}

/** An error message of Commander, which puts its suggestion in brackets on a second line. It does not know other libraries' names. */
function asOneSentence(text: string, known: readonly string[]): string {
  const [, flag = ''] = /^error: unknown option '(--?[\w-]+)/.exec(text) ?? []
  const meant = flag && optionElsewhere(flag, known)
  if (!meant) return text.replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?')
  if (meant.name === 'environment') {
    return `error: unknown option '${flag}'; name the environment without a flag, as in: sac train Pendulum-v1\n`
  }
  return `error: unknown option '${flag}'; did you mean ${flagName(meant.name)}?${meant.note ? ` Note: ${meant.note}.` : ''}\n`
}

/** Names of the options and arguments of the command that was asked for. */
function optionsOf(program: { commands: readonly unknown[] }, [name]: readonly string[]): string[] {
  const commands = program.commands as readonly Command[]
  const command = commands.find(candidate => candidate.name() === name)
  if (!command) return []
  const options = command.options.map(option => option.attributeName())
  return [...options, ...command.registeredArguments.map(argument => argument.name())]
}

/**
 * Where the output cannot be written, because its reader has gone (`sac train ... | head`, a closed terminal) or its disk
 * is full, stops as for SIGTERM, so that training is saved.
 */
function stopWithoutOutput(): void {
  let stopping = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (stopping) return
    stopping = true
    const hasReader = !['EPIPE', 'EIO'].includes(error.code ?? '')
    if (hasReader) process.stderr.write(`${red(`error: the output cannot be written: ${error.message}`)}\n`)
    if (hasReader && process.listenerCount('SIGTERM') === 0) exitNow(1)
    process.kill(process.pid, 'SIGTERM')
  })
  // What cannot be written is not written.
  process.stderr.on('error', () => {})
}

/** Ends the program after its work, even if an environment has left something running. */
function endForCertain(): void {
  const code = process.exitCode as number | undefined
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY)
  // Node would fail an assertion where it resets a terminal that was closed.
  if (code === 129 && hasTerminal) process.kill(process.pid, 'SIGHUP')
  setTimeout(() => exitNow(code ?? 0), 1000).unref()
}

function reportStuck(): void {
  const message =
    'nothing is left to wait for, but the work has not ended: a promise is never settled, most likely one of the ' +
    "environment's reset, step or close, or of the function that makes it."
  process.stderr.write(`${red(`error: ${message}`)}\n`)
  process.exitCode = 1
}

stopWithoutOutput()
forbidExit()
await untilStuck(main(process.argv.slice(2)), reportStuck)
endForCertain()
