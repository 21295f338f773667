/** Writing files so that a crash leaves no half of one, and so that links laid out by others lead nowhere. */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fsyncSync,
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

/**
 * Writes a file so that, whatever happens meanwhile, it is there in its old form or its new one, never in part. A
 * symbolic link of its name is replaced, not followed.
 *
 * @throws UsageError if the path is that of something else: a directory, or a device such as /dev/null
 */
export function writeFileAtomically(path: string, data: string | Uint8Array | Iterable<Uint8Array>): void {
  const present = statSync(path, { throwIfNoEntry: false })
  // The last step would replace a device by a file, for every program of the machine.
  if (present && !present.isFile()) {
    const kind = present.isDirectory() ? 'a directory' : 'a device'
    throw new UsageError(`${path} cannot be written: it is ${kind}, not a file.`)
  }
  // A name that nobody can foresee, and opened only if it is new: a link put there beforehand would lead elsewhere.
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
 * Adds to the end of a file, which is made if there is none.
 * @throws Error with code `ELOOP` if it is a symbolic link
 */
export function appendToFile(path: string, data: string | Uint8Array): void {
  const { O_APPEND, O_CREAT, O_WRONLY } = constants
  const file = openSync(path, O_APPEND | O_CREAT | O_WRONLY | NO_LINK)
  try {
    writeFileSync(file, data)
  } finally {
    closeSync(file)
  }
}

/** Removes what a crash left half written in a folder, which need not exist. */
export function removeHalfWritten(folder: string): void {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  for (const name of names) if (TEMPORARY.test(name)) rmSync(join(folder, name))
}
