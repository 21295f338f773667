import { spawn } from 'node:child_process'
import type { Command } from '@commander-js/extra-typings'
import * as z from 'zod/mini'
import { option } from '../../options.ts'
import { serveRuns } from '../../run/ui/serve-runs.ts'
import { flagsFor } from '../option-flags.ts'
import { say } from '../output/say.ts'

const uiSchema = z.strictObject({
  port: option(
    z._default(z.int().check(z.minimum(0), z.maximum(65535)), 0),
    'Port of 127.0.0.1 to listen on; 0 takes one that is free',
    'a whole number from 0 to 65535',
  ),
})

/** Adds `sac ui`. */
export function addUiCommand(program: Command): void {
  const command = program
    .command('ui')
    .summary('watch, compare and start runs in a browser')
    .description(
      'Show the runs in a folder in a browser, live: table, curves, settings, the policy at work; start, stop and ' +
        'resume them. Only this machine can reach the page, and only with the address that is printed. Ctrl-C ends it.',
    )
    .argument('[folder]', 'where the runs are', 'runs')
    .option('--no-open', 'do not open the browser')
  for (const flag of flagsFor(uiSchema)) command.addOption(flag)

  command.action(async (folder, { open, ...flags }) => {
    const { port } = uiSchema.parse(flags)
    const ui = await serveRuns(folder, { port })
    say(`The runs in ${folder}: ${ui.url}`)
    say('Ctrl-C ends it.')
    if (open) openBrowser(ui.url)
    await untilInterrupted()
    const trainings = ui.trainings()
    if (trainings > 0)
      say(`Stopping ${trainings === 1 ? '1 training' : `${trainings} trainings`}, which save first.`)
    await ui.close()
  })
}

/** The next signal ends the program at once, if something does not let it end. */
const untilInterrupted = () =>
  new Promise<void>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })

const OPENERS: Partial<Record<NodeJS.Platform, [program: string, ...args: string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Without a browser the address that was printed is enough. */
function openBrowser(url: string): void {
  const [opener, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(opener, [...args, url], { stdio: 'ignore', detached: true })
  child.once('error', () => say(`note: ${opener} is not there to open a browser; open the address yourself`))
  child.unref()
}
