import { createInterface } from 'node:readline/promises'
import { printable } from '../../printable.ts'
import type { NamedEnvironment } from '../../run/environment-path.ts'
import { isTrusted, programsOf, trust } from '../../run/trust.ts'
import { UsageError } from '../../run/usage-error.ts'

/** What `--trust` says in the help of every command that may execute what a run names. */
export const TRUST_FLAG = [
  '--trust',
  'execute the environment file or program that the run names without asking, also if the run was not made here',
] as const

/** Where the user is asked. */
export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream & { isTTY?: boolean }
}

/**
 * Makes sure that the user agrees to execute the programs that a run names, before its environment is made. Nothing is
 * asked about a run that was made here, and the answer about any other one is remembered.
 *
 * @param given whether `--trust` was given
 * @throws UsageError if the user does not agree, or there is no terminal to ask in
 */
export async function requireTrust(
  directory: string,
  named: NamedEnvironment,
  given = false,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  const programs = programsOf(directory, named)
  if (isTrusted(directory, programs)) return
  const what = printable(programs.join(' and '))
  const from = `The run in ${printable(directory)} was not made here`
  if (!given) {
    if (!(terminal.input.isTTY && terminal.output.isTTY)) {
      throw new UsageError(
        `${from}, and this command would execute ${what}. If you trust it, add --trust; that is remembered.`,
      )
    }
    if (!(await agrees(`${from}, and this command would execute ${what}. Execute it? [y/N] `, terminal))) {
      throw new UsageError(`Nothing of ${printable(directory)} was executed.`)
    }
  }
  rememberTrust(directory, programs, text => terminal.output.write(`${text}\n`))
}

/** An environment as a run names it, without the options that the user has overridden. */
export const withoutOptions = (
  { environment, environmentOptions }: NamedEnvironment,
  given: Record<string, unknown> = {},
): NamedEnvironment => ({
  environment,
  environmentOptions: Object.fromEntries(
    Object.entries(environmentOptions).filter(([name]) => !Object.hasOwn(given, name)),
  ),
})

/** Remembers that a run was made here, so that nothing is asked about it later. */
export const trustOwnRun = (directory: string, named: NamedEnvironment, say: (text: string) => void): void =>
  rememberTrust(directory, programsOf(directory, named), say)

function rememberTrust(directory: string, programs: readonly string[], say: (text: string) => void): void {
  try {
    trust(directory, programs)
  } catch (error) {
    // To be asked again later is no reason not to train.
    say(
      `note: it cannot be remembered that ${printable(directory)} is to be trusted (${(error as Error).message}); ` +
        'other commands will ask about it, or need --trust.',
    )
  }
}

async function agrees(question: string, { input, output }: Terminal): Promise<boolean> {
  const lines = createInterface({ input, output })
  try {
    // Ctrl-C and Ctrl-D close it without an answer.
    const closed = new Promise<string>(resolve => lines.once('close', () => resolve('')))
    return /^\s*y(es)?\s*$/i.test(await Promise.race([lines.question(question), closed]))
  } finally {
    lines.close()
  }
}
