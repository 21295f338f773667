/** Runs that were deleted, in a folder `.trash` beside the others, until somebody empties it. */
import { existsSync, lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isTraining } from '../run-lock.ts'
import { UsageError } from '../usage-error.ts'
import { makeFolder, writeFileAtomically, writing } from '../write-file.ts'
import { readRegularFile } from './inside.ts'
import type { Deleted } from './messages.ts'

const TRASH = '.trash'
const ORIGIN = 'origin.json'

/** When it was deleted, and the name of its directory. */
const KEY = /^\d{17}-[^/\\]+$/

/**
 * Moves a run out of the way.
 * @returns what brings it back
 * @throws UsageError if it trains, or is the folder itself
 * @throws WriteError if it cannot be moved
 */
export function deleteRun(folder: string, id: string): Deleted {
  if (id === '.') throw new UsageError('This run is the folder itself: delete it with your file manager.')
  const directory = join(folder, id)
  if (isTraining(directory) !== false) {
    throw new UsageError(`${id} is being trained, or may be on another machine. Stop it first.`)
  }
  const deletedAt = new Date().toISOString()
  const key = `${deletedAt.replace(/\D/g, '')}-${basename(directory)}`
  const place = join(trashOf(folder), key)
  makeFolder(place, { recursive: true })
  writeFileAtomically(join(place, ORIGIN), `${JSON.stringify({ id, deletedAt })}\n`)
  writing(directory, () => renameSync(directory, join(place, 'run')))
  return { key, id, deletedAt }
}

/** What was deleted, newest first. */
export function deletedRuns(folder: string): Deleted[] {
  const trash = trashOf(folder)
  const names = existsSync(trash) ? readdirSync(trash) : []
  const found = names.flatMap(key => {
    const origin = originOf(join(trash, key))
    return KEY.test(key) && origin ? [{ key, ...origin }] : []
  })
  return found.sort((a, b) => b.key.localeCompare(a.key))
}

/**
 * Brings a run back to where it was.
 * @throws UsageError if it is not in the trash, or something has taken its place
 */
export function restoreRun(folder: string, key: string): Deleted {
  const deleted = requireDeleted(folder, key)
  const directory = join(folder, deleted.id)
  if (existsSync(directory)) {
    throw new UsageError(`${deleted.id} cannot be brought back: there is something else in its place by now.`)
  }
  // Its folder may have gone with the last of its runs, or be a link to elsewhere by now.
  requireOwnFolders(folder, deleted.id.split('/').slice(0, -1))
  makeFolder(dirname(directory), { recursive: true })
  const place = join(trashOf(folder), key)
  writing(directory, () => renameSync(join(place, 'run'), directory))
  rmSync(place, { recursive: true, force: true })
  return deleted
}

/** Deletes for ever what is in the trash. */
export function emptyTrash(folder: string): void {
  const trash = trashOf(folder)
  for (const { key } of deletedRuns(folder)) {
    writing(join(trash, key), () => rmSync(join(trash, key), { recursive: true, force: true }))
  }
}

/** @throws UsageError if something else has that name, such as a link that leads elsewhere */
function trashOf(folder: string): string {
  const trash = join(folder, TRASH)
  const there = lstatSync(trash, { throwIfNoEntry: false })
  if (there && !there.isDirectory())
    throw new UsageError(`${trash} is not a directory; nothing can be deleted.`)
  return trash
}

function requireOwnFolders(folder: string, [name, ...rest]: readonly string[]): void {
  if (name === undefined) return
  const path = join(folder, name)
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there && !there.isDirectory())
    throw new UsageError(`${path} is not a folder by now; nothing is put in it.`)
  requireOwnFolders(path, rest)
}

function requireDeleted(folder: string, key: string): Deleted {
  const deleted = deletedRuns(folder).find(entry => entry.key === key)
  if (!deleted) throw new UsageError(`There is no deleted run ${key}.`)
  return deleted
}

/** A place outside of the folder is none: the file may have come with the folder. */
function originOf(place: string): Omit<Deleted, 'key'> | undefined {
  try {
    const { id, deletedAt } = JSON.parse(String(readRegularFile(join(place, ORIGIN), 1 << 16)))
    const isPlace =
      typeof id === 'string' && id.split('/').every(part => part !== '' && !/^\.|[\\:\0]/.test(part))
    return isPlace && typeof deletedAt === 'string' ? { id, deletedAt } : undefined
  } catch {
    return undefined
  }
}
