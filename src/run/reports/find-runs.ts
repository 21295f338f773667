import { accessSync, constants, type Dirent, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { HOW_TO_FIND } from '../load-run.ts'
import { RUN_FILES } from '../run-directory.ts'
import { UsageError } from '../usage-error.ts'

/** How far below a folder its runs may lie: `runs/tuning/lunar/seed-3`. */
const DEPTH = 3

/**
 * The directories of all runs in a folder and its folders, or the folder itself if it is a run.
 * @returns their paths, in the order of their names, numbers by size
 * @throws UsageError if there is no such folder
 * @example
 * const runs = findRuns('runs').map(directory => summarizeRun(directory))
 */
export function findRuns(folder: string): string[] {
  return search(folder, DEPTH).sort(byName.compare)
}

/** Made once, because a folder may have a thousand runs. */
const byName = new Intl.Collator('en', { numeric: true })

/**
 * The runs in all of these folders, each of which may be a run itself.
 * @throws UsageError if one of them does not exist or holds no run
 */
export function requireRuns(folders: readonly string[]): string[] {
  const runs = folders.flatMap(folder => {
    const found = findRuns(folder)
    if (found.length === 0) throw new UsageError(`There is no run in ${folder}. ${HOW_TO_FIND}`)
    return found
  })
  return [...new Set(runs)]
}

function search(folder: string, depth: number): string[] {
  const entries = entriesOf(folder)
  if (isRun(entries)) return [folder]
  if (depth === 0) return []
  const folders = entries.filter(entry => entry.isDirectory() && !/^\.|^node_modules$/.test(entry.name))
  return folders.flatMap(({ name }) => {
    const path = join(folder, name)
    // One that cannot be read may be a run: reading it reports the error, next to the results of the other runs.
    return isReadable(path) ? search(path, depth - 1) : [path]
  })
}

const isRun = (entries: readonly Dirent[]) =>
  [RUN_FILES.config, RUN_FILES.metrics].every(file => entries.some(({ name }) => name === file))

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const reason = { ENOENT: 'it does not exist', ENOTDIR: 'it is a file' }[code ?? ''] ?? message
    throw new UsageError(`There is no run in ${folder}: ${reason}. ${HOW_TO_FIND}`, { cause })
  }
}

function isReadable(folder: string): boolean {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
