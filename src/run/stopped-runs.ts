import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '../shell-word.ts'
import { loadSettings } from './load-run.ts'
import { differingNames } from './reports/differing-settings.ts'
import { RUN_FILES, runDirectories } from './run-directory.ts'
import { flattenSettings, type RunSettings } from './settings.ts'
import { UsageError } from './usage-error.ts'

/**
 * The run to resume that has the same settings, except for the number of steps: the one in the directory `out`, or
 * else the newest of those that got their name from us.
 *
 * @returns undefined if there is none
 * @throws UsageError if the run in `out` has other settings
 * @example
 * const directory = findStoppedRun(settings)
 * const run = directory ? await resumeRun({ settings, directory, envs }) : await beginRun({ settings, envs })
 */
export function findStoppedRun(settings: RunSettings, out?: string): string | undefined {
  if (out === undefined) {
    return runDirectories(settings)
      .filter(isRun)
      .findLast(directory => differencesFrom(directory, settings).length === 0)
  }
  if (!isRun(out)) return undefined
  const [name] = differencesFrom(out, settings)
  if (name === undefined) return out
  throw new UsageError(
    `The run in ${out} was begun with another ${name}: name its settings, or resume it with: sac resume ${shellWord(out)}`,
  )
}

const isRun = (directory: string) => existsSync(join(directory, RUN_FILES.config))

const differencesFrom = (directory: string, settings: RunSettings) =>
  differingNames(
    [settings, loadSettings(directory)].map(({ steps: _, ...rest }) => flattenSettings(rest as RunSettings)),
  )
