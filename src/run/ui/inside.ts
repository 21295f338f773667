/**
 * Reads from directories of runs that may come from anywhere: nothing outside of the folder is read, whatever links are
 * planted in it, and nothing blocks, such as a pipe.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Not on Windows, which has no such flags. */
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants

/**
 * Opens a file, does something with it and closes it.
 * @returns undefined if there is no regular file of this name; a symbolic link is none
 */
export function withRegularFile<T>(path: string, read: (file: number, stats: Stats) => T): T | undefined {
  let file: number
  try {
    // Windows has no flag against links.
    if (O_NOFOLLOW === 0 && lstatSync(path).isSymbolicLink()) return undefined
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENXIO'].includes(code ?? '')) return undefined
    throw error
  }
  try {
    const stats = fstatSync(file)
    return stats.isFile() ? read(file, stats) : undefined
  } finally {
    closeSync(file)
  }
}

/**
 * The whole of a regular file.
 * @param most bytes; a larger file counts as missing
 */
export const readRegularFile = (path: string, most: number): Buffer | undefined =>
  withRegularFile(path, (file, { size }) => (size > most ? undefined : readPart(file, 0, size)))

/** Bytes from `start` up to `end`, or to where the file ends. */
export function readPart(file: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start)
  let length = 0
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, start + length)
    if (read === 0) break
    length += read
  }
  return bytes.subarray(0, length)
}

/** Whether a directory is where its path says, inside of a folder, and not behind a link that leads elsewhere. */
export function isInside(folder: string, id: string): boolean {
  try {
    const real = realpathSync.native(folder)
    const path = relative(real, realpathSync.native(join(folder, id)))
    return path.split(sep).join('/') === (id === '.' ? '' : id)
  } catch {
    return false
  }
}
