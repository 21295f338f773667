/** Trainings started from the page: `sac` as child processes, which stop and save when this process ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, rmdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { trainingProcess } from '../run-lock.ts'
import type { RunSettings } from '../settings.ts'
import { UsageError } from '../usage-error.ts'
import type { Launch } from './messages.ts'

/** The command line, as far as the page starts it. */
export interface SacCommand {
  /** The program and its first arguments. */
  program: string
  args: readonly string[]
  /** All settings of a training, from those that somebody has named; throws where they are not allowed. */
  settings(
    environment: string | undefined,
    file: Record<string, unknown>,
    named: Record<string, unknown>,
  ): RunSettings
  /** Settings as arguments: `--batch-size=64`. */
  flags(named: Record<string, unknown>): string[]
}

/** The trainings of this session. */
export interface Launches {
  /** Newest first. */
  list(): Launch[]
  /** Starts `sac` with arguments; `run` is the directory that it trains in. */
  start(args: readonly string[], run: { id: string; directory: string }): Launch
  /**
   * Asks the process that trains a run to stop; it saves first.
   * @throws UsageError if none does, on this machine
   */
  stop(id: string, directory: string): void
  /** Stops all that were started here, and waits until they have saved. */
  close(): Promise<void>
}

const MOST_OUTPUT = 4000

/** @param onChange is called when one begins, says something or ends */
export function createLaunches(sac: SacCommand, folder: string, onChange: () => void): Launches {
  const launches: (Launch & { child: ChildProcess; ended: Promise<void> })[] = []
  let count = 0

  const publicPart = ({ child: _, ended: __, ...launch }: (typeof launches)[number]): Launch => launch

  return {
    list: () => launches.map(publicPart).reverse(),
    start(args, run) {
      const child = spawn(sac.program, [...sac.args, ...args], {
        cwd: process.cwd(),
        // A pipe that breaks stops the child, which saves, even if this process is killed.
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const launch = {
        id: String(++count),
        command: `sac ${args.map(shown).join(' ')}`,
        run: run.id,
        state: 'starting' as Launch['state'],
        message: undefined as string | undefined,
        child,
        ended: new Promise<void>(resolve => {
          child.once('close', () => resolve())
          child.once('error', () => resolve())
        }),
      }
      let errors = ''
      child.stdout.on('data', () => {
        if (launch.state !== 'starting' || !existsSync(join(run.directory, 'metrics.jsonl'))) return
        launch.state = 'training'
        onChange()
      })
      child.stderr.on('data', data => {
        errors = (errors + data).slice(-MOST_OUTPUT)
      })
      child.once('error', error => {
        Object.assign(launch, { state: 'failed', message: `sac could not be started: ${error.message}` })
        onChange()
      })
      child.once('close', (code, signal) => {
        const stopped = launch.state === 'stopping'
        launch.state = code === 0 || stopped ? 'ended' : 'failed'
        launch.message =
          errors.trim() ||
          (launch.state === 'failed' ? `It ended by ${signal ?? `exit code ${code}`}.` : undefined)
        removeIfEmpty(run.directory)
        onChange()
      })
      launches.push(launch)
      onChange()
      return publicPart(launch)
    },
    stop(id, directory) {
      const own = launches.find(({ run, state }) => run === id && ['starting', 'training'].includes(state))
      if (own) {
        own.state = 'stopping'
        own.child.kill('SIGINT')
        onChange()
        return
      }
      const pid = trainingProcess(directory)
      if (pid === undefined) {
        throw new UsageError(`${basename(folder)}/${id} is not being trained on this machine.`)
      }
      process.kill(pid, 'SIGINT')
    },
    async close() {
      const running = launches.filter(({ child }) => child.exitCode === null && child.signalCode === null)
      for (const launch of running) {
        launch.state = 'stopping'
        launch.child.kill('SIGINT')
      }
      await Promise.all(running.map(({ ended }) => ended))
    },
  }
}

/** The directory of a training that could not begin. */
function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch {
    // There is a run in it.
  }
}

/** An argument as a shell takes it. */
const shown = (arg: string) => (/^[\w./:=@,+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)
