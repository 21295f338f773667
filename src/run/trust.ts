/**
 * Which runs may execute programs that they name: those made here, by this user, and those that the user has agreed to.
 * The list is in the user's own state directory, because anything in a run's directory may have come with it.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, sep } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { GYMNASIUM, isModulePath, type NamedEnvironment, splitExport } from './environment-path.ts'
import { RUN_FILES } from './run-directory.ts'
import { writeFileAtomically } from './write-file.ts'

/** What was agreed to: a run of this directory and beginning, which executes these programs. */
interface Agreement {
  directory: string
  startedAt: string | null
  programs: string[]
}

/**
 * What using the environment of a run in a directory would execute that does not belong to this package or to the
 * user's installation: descriptions such as `the file /home/ann/my-env.ts`.
 * @example
 * const programs = programsOf(directory, loadSettings(directory))
 */
export function programsOf(
  directory: string,
  { environment, environmentOptions }: NamedEnvironment,
): string[] {
  if (isModulePath(environment)) return [`the file ${splitExport(environment).path}`]
  if (!environment.startsWith(GYMNASIUM)) return []
  const programs: string[] = []
  const { python } = environmentOptions
  if (typeof python === 'string') programs.push(`the program ${python}`)
  const [, module] = /^([^:]*):/.exec(environment.slice(GYMNASIUM.length)) ?? []
  if (module !== undefined) programs.push(`the Python module ${module}`)
  // Python looks for modules in the working directory first.
  const [working, own] = [realpathSync(process.cwd()), realpathSync(directory)]
  if (`${working}${sep}`.startsWith(`${own}${sep}`)) programs.push(`Python modules in ${working}`)
  return programs
}

/**
 * Whether the user has made this run, or has agreed before to executing these programs for it.
 * @example
 * if (!isTrusted(directory, programs)) console.log(`It would execute ${programs}`)
 */
export function isTrusted(directory: string, programs: readonly string[]): boolean {
  if (programs.length === 0) return true
  const agreement = agreementOn(directory, programs)
  try {
    return isDeepStrictEqual(JSON.parse(readFileSync(pathOf(agreement), 'utf8')), agreement)
  } catch {
    // There is none, or it cannot be read: then the user is asked again.
    return false
  }
}

/**
 * Remembers for this user that a run may execute these programs.
 * @throws Error of the file system if the user's state directory cannot be written
 * @example
 * trust(directory, programsOf(directory, loadSettings(directory)))
 */
export function trust(directory: string, programs: readonly string[]): void {
  if (isTrusted(directory, programs)) return
  const agreement = agreementOn(directory, programs)
  mkdirSync(stateDirectory(), { recursive: true, mode: 0o700 })
  writeFileAtomically(pathOf(agreement), `${JSON.stringify(agreement, null, 2)}\n`)
}

function agreementOn(directory: string, programs: readonly string[]): Agreement {
  return { directory: realpathSync(directory), startedAt: startOf(directory), programs: [...programs] }
}

/** When a run began, which shows if another run has been put in its place. */
function startOf(directory: string): string | null {
  let text: string
  try {
    text = readFileSync(join(directory, RUN_FILES.config), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const { run } = JSON.parse(text) as { run?: { startedAt?: unknown } }
  return typeof run?.startedAt === 'string' ? run.startedAt : null
}

const pathOf = ({ directory }: Agreement) =>
  join(stateDirectory(), `${createHash('sha256').update(directory).digest('hex').slice(0, 32)}.json`)

/** As the XDG Base Directory Specification says, and its counterpart on Windows. */
function stateDirectory(): string {
  const { XDG_STATE_HOME, LOCALAPPDATA } = process.env
  const base =
    XDG_STATE_HOME || (process.platform === 'win32' && LOCALAPPDATA) || join(homedir(), '.local/state')
  return join(base, 'soft-actor-critic', 'trusted-runs')
}
