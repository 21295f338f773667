/** Writes files so that a crash leaves none half written, and so that links planted by others are not followed. */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from './usage-error.ts'

/** The end of the name of a file that is being written. */
const TEMPORARY = /\.[0-9a-f]{16}\.tmp$/

/** Not on Windows, which has no such flag. */
const NO_LINK = constants.O_NOFOLLOW ?? 0

/** The file system does not let a file be written; the message names the file, the reason and a way out. */
export class WriteError extends Error {
  override name = 'WriteError'
}

/** What the file system's codes mean to a person, and what to do. */
const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full (ENOSPC). Make room on it, or choose another place',
  EDQUOT: 'your share of the disk is used up (EDQUOT). Make room in it, or choose another place',
  EFBIG:
    'it has grown larger than a file may be here (EFBIG). Raise the limit (ulimit -f), or choose another place',
  EROFS: 'its folder is read-only (EROFS). Make it writable, or choose another place',
  EACCES: 'it or its folder does not allow it (EACCES). Change the permissions, or choose another place',
  EPERM: 'it or its folder does not allow it (EPERM). Change the permissions, or choose another place',
  ENOENT: 'its folder does not exist, or no longer exists (ENOENT). Make it, or choose another place',
  EIO: 'the disk fails (EIO). Choose another place, and check the disk',
  EMFILE: 'too many files are open (EMFILE). Raise the limit (ulimit -n)',
}

/**
 * Does something to a file or folder.
 * @throws WriteError in place of an error of the file system
 */
export function writing<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const { code, message, syscall } = cause as NodeJS.ErrnoException
    if (code === undefined || syscall === undefined) throw cause
    throw new WriteError(`${path} cannot be written: ${REASONS[code] ?? message}.`, { cause })
  }
}

/**
 * Writes a file so that, whatever happens meanwhile, its old or its new content is there, never a part. A
 * symbolic link of its name is replaced, not followed.
 *
 * @throws UsageError if the path is that of something else: a directory, or a device such as /dev/null
 * @throws WriteError if the file system does not let it be written; the old form is then as it was
 */
export function writeFileAtomically(path: string, data: string | Uint8Array | Iterable<Uint8Array>): void {
  writing(path, () => writeWhole(path, data))
}

function writeWhole(path: string, data: string | Uint8Array | Iterable<Uint8Array>): void {
  const present = statSync(path, { throwIfNoEntry: false })
  // The last step would replace a device by a file, for every program of the machine.
  if (present && !present.isFile()) {
    const kind = present.isDirectory() ? 'a directory' : 'a device'
    throw new UsageError(`${path} cannot be written: it is ${kind}, not a file.`)
  }
  // An unpredictable name, opened only if it is new: a link put there beforehand would lead elsewhere.
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`
  const parts = typeof data === 'string' || data instanceof Uint8Array ? [data] : data
  const file = openSync(temporary, 'wx')
  try {
    try {
      for (const part of parts) writeFileSync(file, part)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  syncDirectory(dirname(path))
}

/** The new name of a file is safe from a power failure only when the directory is. Windows cannot open one. */
function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

/**
 * Adds to the end of a file, which is made if there is none: all of the data, or nothing if that fails.
 * @throws WriteError if it cannot be written, also if it is a symbolic link
 */
export function appendToFile(path: string, data: string | Uint8Array): void {
  const { O_APPEND, O_CREAT, O_WRONLY } = constants
  writing(path, () => {
    const file = openSync(path, O_APPEND | O_CREAT | O_WRONLY | NO_LINK)
    try {
      const before = fstatSync(file)
      try {
        writeFileSync(file, data)
      } catch (error) {
        // A disk that became full has taken a part of it, and the next line would be appended to that part.
        if (before.isFile()) ftruncateSync(file, before.size)
        throw error
      }
    } finally {
      closeSync(file)
    }
  })
}

/**
 * Makes a folder that is not there yet.
 * @param recursive also the folders that it is in
 * @returns false if there is something of this name already
 * @throws WriteError if it cannot be made
 */
export const makeFolder = (path: string, { recursive = false } = {}): boolean =>
  writing(path, () => makeOneFolder(path, recursive))

/** Node's own recursive mkdir reports a read-only place as one that does not exist. */
function makeOneFolder(path: string, recursive: boolean): boolean {
  try {
    mkdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    if (code !== 'ENOENT' || !recursive || dirname(path) === path) throw error
    makeOneFolder(dirname(path), true)
    // Another process may have made it meanwhile.
    return makeOneFolder(path, false)
  }
  syncDirectory(dirname(path))
  return true
}

/** Whether a file of this name is what a crash left half written. */
export const isHalfWritten = (name: string): boolean => TEMPORARY.test(name)

/** Removes what a crash left half written in a folder, which need not exist. */
export function removeHalfWritten(folder: string): void {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  for (const name of names) if (isHalfWritten(name)) rmSync(join(folder, name))
}
