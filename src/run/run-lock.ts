/**
 * At most one process trains in a run's directory: it keeps a file there, `training.<number>.lock`, that says who it is,
 * and touches it every two seconds.
 *
 * A lock counts for nothing when its process has ended; then the next number is taken, because to remove the old file and
 * to make it again could remove that of a third process. Where it cannot be seen whether the process lives, because it is on
 * another machine or in another container, the file is watched for a while. Only whether it is touched counts, not when
 * by the clock: clocks differ and jump.
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isAlive, type ProcessIdentity, thisProcess } from './this-process.ts'
import { UsageError } from './usage-error.ts'
import { WriteError, writing } from './write-file.ts'

/** The right to train in a run's directory. */
export interface RunLock {
  /** @throws WriteError if the lock has been removed, because then another process may be training */
  requireHeld(): void
  /** Gives it back. */
  release(): void
}

const NAME = /^training\.(\d+)\.lock$/
const TOUCH_MS = 2000
/** More than the longest time for which writing a large checkpoint keeps a process from touching its lock. */
const PATIENCE_MS = 20_000

/** Whether a file in a run's directory is a lock. */
export const isLock = (name: string): boolean => NAME.test(name)

/** How to wait for a sign of life. */
export interface WatchOptions {
  /** Called when it takes a while to see whether another process trains. */
  say?: (text: string) => void
  patienceMs?: number
}

/**
 * Takes the lock of a run, whose directory must be there.
 * @throws UsageError naming the process that trains, if one does
 * @throws WriteError if the directory cannot be written
 */
export async function lockRun(directory: string, options: WatchOptions = {}): Promise<RunLock> {
  for (;;) {
    const before = locksIn(directory)
    await refuseIfHeld(directory, before, options)
    const path = join(directory, `training.${(before.at(-1)?.number ?? 0) + 1}.lock`)
    if (!create(path)) continue
    // Another process may have made one of another number, from what it had seen before. The one that sees the other gives way.
    const others = locksIn(directory).filter(lock => lock.path !== path)
    const known = before.filter(({ owner }) => owner).map(lock => lock.path)
    try {
      await refuseIfHeld(
        directory,
        others.filter(lock => !known.includes(lock.path)),
        options,
      )
    } catch (error) {
      rmSync(path, { force: true })
      throw error
    }
    for (const other of others) rmSync(other.path, { force: true })
    return keep(path)
  }
}

/**
 * Checks whether a process trains in a directory, which need not exist, and removes the locks of those that have ended.
 * @throws UsageError naming the process that trains, if one does
 */
export async function requireNobodyTrains(directory: string, options: WatchOptions = {}): Promise<void> {
  const locks = locksIn(directory)
  await refuseIfHeld(directory, locks, options)
  for (const { path, owner } of locks) if (owner) writing(path, () => rmSync(path, { force: true }))
}

/** Whether a process trains in a directory, as far as can be seen without waiting; undefined if one may, somewhere else. */
export function isTraining(directory: string): boolean | undefined {
  const states = locksIn(directory).map(({ path, owner }) => {
    if (owner === undefined) return false
    return isAlive(owner) ?? (wasTouchedLately(path) || undefined)
  })
  if (states.includes(true)) return true
  return states.includes(undefined) ? undefined : false
}

/**
 * The process that trains in a directory, for certain, and on this machine; undefined if none can be seen that does.
 */
export const trainingProcess = (directory: string): number | undefined =>
  locksIn(directory).find(({ owner }) => owner && isAlive(owner) === true)?.owner?.pid

interface Lock {
  path: string
  number: number
  /** Missing if the process was stopped while it wrote this. */
  owner?: ProcessIdentity
}

/** By their numbers. */
function locksIn(directory: string): Lock[] {
  const found = namesIn(directory).flatMap(name => {
    const number = NAME.exec(name)?.[1]
    if (number === undefined) return []
    const path = join(directory, name)
    return [{ path, number: Number(number), owner: ownerOf(path) }]
  })
  return found.sort((a, b) => a.number - b.number)
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}

function ownerOf(path: string): ProcessIdentity | undefined {
  try {
    // A link is not a lock of ours, and reading a pipe could block for ever.
    if (!lstatSync(path).isFile()) return undefined
    const { pid, host, system, started } = JSON.parse(readFileSync(path, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? { pid, host: String(host), system, started } : undefined
  } catch {
    return undefined
  }
}

async function refuseIfHeld(directory: string, locks: readonly Lock[], options: WatchOptions): Promise<void> {
  for (const { path, owner } of locks) {
    if (!owner || !(isAlive(owner) ?? (await isTouched(directory, path, owner, options)))) continue
    throw new UsageError(
      `${directory} is being trained by process ${owner.pid} on ${owner.host}: wait until it has ended, or stop it. ` +
        'Two processes would write to the same files.',
    )
  }
}

/** Judged by the clocks of this machine and the other one, which may differ. */
function wasTouchedLately(path: string): boolean {
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
  return Math.abs(Date.now() - touched) < 5 * TOUCH_MS
}

/** Whether the process of a lock gives a sign of life within a while. */
async function isTouched(
  directory: string,
  path: string,
  { pid, host }: ProcessIdentity,
  { say = () => {}, patienceMs = PATIENCE_MS }: WatchOptions,
): Promise<boolean> {
  const touched = () => statSync(path, { throwIfNoEntry: false })?.mtimeMs
  const before = touched()
  say(
    `Watching for up to ${patienceMs / 1000} s whether process ${pid} on ${host} still trains ${directory}.`,
  )
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    await setTimeout(Math.min(500, patienceMs))
    const now = touched()
    if (now === undefined) return false
    if (now !== before) return true
  }
  return false
}

/** Makes a lock of this process; false if there is one of this name. */
function create(path: string): boolean {
  return writing(path, () => {
    let file: number
    try {
      file = openSync(path, 'wx')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
    try {
      writeFileSync(file, `${JSON.stringify(thisProcess())}\n`)
    } catch (error) {
      rmSync(path, { force: true })
      throw error
    } finally {
      closeSync(file)
    }
    return true
  })
}

function keep(path: string): RunLock {
  const touch = () => {
    const now = new Date()
    try {
      utimesSync(path, now, now)
    } catch {
      // A hiccup of the file system is no reason to end. Whether the lock is still there is checked before saving.
    }
  }
  const timer = setInterval(touch, TOUCH_MS).unref()
  return {
    requireHeld() {
      if (existsSync(path)) return
      throw new WriteError(
        `Nothing more is saved, because ${path} has been removed: another process may be training this run.`,
      )
    },
    release() {
      clearInterval(timer)
      rmSync(path, { force: true })
    },
  }
}
