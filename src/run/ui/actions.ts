/** What the page can start: new runs, resumed ones, and films of runs whose environment it cannot make itself. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import * as z from 'zod'
import { environmentIds } from '../../envs/registry.ts'
import { createRunDirectory, RUN_FILES } from '../run-directory.ts'
import { UsageError } from '../usage-error.ts'
import { ConsentNeeded, trustArgs } from './consent.ts'
import { readRegularFile } from './inside.ts'
import type { Launches, SacCommand } from './launches.ts'
import type { Launch } from './messages.ts'
import type { RunIndex } from './run-index.ts'
import { ownSettings } from './run-row.ts'

const launchSchema = z.strictObject({
  /** A run whose settings to begin with. */
  like: z.string().optional(),
  environment: z.string().min(1).max(4000).optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
  trust: z.array(z.string()).optional(),
})

/**
 * Starts a new run in the folder.
 * @throws UsageError or OptionError for settings that are not allowed
 * @throws ConsentNeeded if it would execute something that nobody has agreed to
 */
export function launch(body: unknown, index: RunIndex, sac: SacCommand, launches: Launches): Launch {
  const { like, environment, settings: named, trust } = launchSchema.parse(body)
  if (index.row('.')) throw new UsageError(`${index.folder} is a run itself; open the folder that it is in.`)
  const config = like === undefined ? undefined : join(index.directoryOf(like), RUN_FILES.config)
  const file = like === undefined ? {} : configOf(index.directoryOf(like))
  const settings = sac.settings(like === undefined ? environment : undefined, file, named)
  const trusted =
    like === undefined
      ? requireAgreed(settings.environment, trust)
      : trustArgs(index.directoryOf(like), ownSettings(index.directoryOf(like)), trust)
  const directory = createRunDirectory(settings, { folder: index.folder })
  const args = [
    'train',
    ...(config === undefined ? [] : [`--config=${config}`]),
    ...sac.flags(named),
    `--out=${directory}`,
    ...trusted,
    ...(config === undefined ? ['--', environment!] : []),
  ]
  return launches.start(args, { id: basename(directory), directory })
}

/** An environment that is typed in executes what it names; the one who typed it is asked once more. */
function requireAgreed(environment: string, agreed: readonly string[] | undefined): string[] {
  if (environmentIds().includes(environment) || agreed?.[0] === environment) return []
  throw new ConsentNeeded([environment], 'This training')
}

const configOf = (directory: string) =>
  JSON.parse(String(readRegularFile(join(directory, RUN_FILES.config), 1 << 20))) as Record<string, unknown>

const resumeSchema = z.strictObject({
  id: z.string(),
  steps: z.int().min(1).optional(),
  trust: z.array(z.string()).optional(),
})

/** Resumes a run. Throws as `launch` does. */
export function resume(body: unknown, index: RunIndex, sac: SacCommand, launches: Launches): Launch {
  const { id, steps, trust } = resumeSchema.parse(body)
  const directory = index.directoryOf(id)
  const flags = steps === undefined ? [] : sac.flags({ steps })
  const args = ['resume', ...flags, ...trustArgs(directory, ownSettings(directory), trust), '--', directory]
  return launches.start(args, { id, directory })
}

const filmSchema = z.strictObject({ id: z.string(), trust: z.array(z.string()).optional() })

/** A film of a run's last policy as a GIF, made by `sac record`. Throws as `launch` does. */
export async function film(body: unknown, index: RunIndex, sac: SacCommand): Promise<Uint8Array> {
  const { id, trust } = filmSchema.parse(body)
  const directory = index.directoryOf(id)
  const place = mkdtempSync(join(tmpdir(), 'sac-ui-'))
  const file = join(place, 'film.gif')
  const trusted = trustArgs(directory, ownSettings(directory), trust)
  try {
    await finished(sac, ['record', '--max-steps=500', `--out=${file}`, ...trusted, '--', directory])
    return readFileSync(file)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** @throws UsageError with what it said, if it failed */
function finished({ program, args: first }: SacCommand, args: readonly string[]): Promise<void> {
  const child = spawn(program, [...first, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', data => {
    errors = (errors + data).slice(-4000)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      if (code === 0) resolve()
      else reject(new UsageError(errors.trim() || 'The film could not be made.'))
    })
  })
}
