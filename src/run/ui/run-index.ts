/**
 * All runs of a folder, kept up to date: a cached row for each, of which only what has changed is read again. The
 * directories are the only truth; nothing is stored beside them.
 */
import { lstatSync, realpathSync, type Stats } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { findRuns } from '../reports/find-runs.ts'
import { RUN_FILES } from '../run-directory.ts'
import { UsageError } from '../usage-error.ts'
import { isInside } from './inside.ts'
import type { Changes, RunRow } from './messages.ts'
import { rowOf, type SettingsPart, settingsPart } from './run-row.ts'
import { isUpToDate, type Scan, scanPart, scanTail } from './scan.ts'

/** The runs of a folder. */
export interface RunIndex {
  /** Its real path. */
  folder: string
  ids(): string[]
  rows(): RunRow[]
  faults(): { id: string; message: string }[]
  /** Whether every run has been looked at. */
  complete(): boolean
  /**
   * The directory of a run.
   * @throws UsageError if there is no run of this id, or something else has been put in its place
   */
  directoryOf(id: string): string
  row(id: string): RunRow | undefined
  /** Looks for runs that are new and for those that have gone. */
  list(): void
  /** Reads what has changed of these runs, or of all. A call of a moment ago that is not done yet is enough. */
  refresh(ids?: Iterable<string>): Promise<void>
  /** The runs that train or have changed within the last minute. */
  lively(): string[]
  /** Reports what has changed; returns a function that ends that. */
  listen(listener: (changes: Changes) => void): () => void
}

interface Entry {
  directory: string
  settings?: SettingsPart
  configTime?: number
  /** What is known of its metrics: from their end at first, from all of them when `whole`. */
  scan?: Scan
  /** How far they have been read from the start. */
  reading?: Scan
  whole: boolean
  row?: RunRow
  fault?: string
  changedAt: number
}

/** How long reading may keep others waiting. */
const SLICE_MS = 15
const LIVELY_MS = 60_000

/** @throws UsageError if there is no such folder */
export function openRunIndex(path: string): RunIndex {
  findRuns(path)
  const folder = realpathSync(path)
  const entries = new Map<string, Entry>()
  const listeners = new Set<(changes: Changes) => void>()
  let sliceEnd = 0
  let complete = false

  const report = (changes: Partial<Changes>) => {
    const all = { rows: [], faults: [], removed: [], complete, ...changes }
    for (const listener of listeners) listener(all)
  }

  function list(): void {
    const found = new Map(findRuns(folder).map(directory => [idOf(folder, directory), directory]))
    const removed = [...entries.keys()].filter(id => !found.has(id))
    for (const id of removed) entries.delete(id)
    for (const [id, directory] of found) {
      if (!entries.has(id)) entries.set(id, { directory, whole: false, changedAt: 0 })
    }
    if (removed.length > 0) report({ removed })
  }

  /** Gives way to others now and then. */
  async function pause(): Promise<void> {
    if (performance.now() < sliceEnd) return
    await setImmediate()
    sliceEnd = performance.now() + SLICE_MS
  }

  /** First what can be had at once for every run, then all lines of each. */
  async function refresh(ids: Iterable<string> = entries.keys()): Promise<void> {
    const unread: string[] = []
    let changed: string[] = []
    const flush = () => {
      if (changed.length > 0) report(outcomes(changed))
      changed = []
    }
    for (const id of [...ids]) {
      const entry = entries.get(id)
      if (!entry) continue
      if (glance(folder, id, entry)) changed.push(id)
      if (entry.row && !entry.whole) unread.push(id)
      if (performance.now() >= sliceEnd) flush()
      await pause()
    }
    complete = complete || [...entries.values()].every(({ row, fault }) => row || fault)
    flush()
    for (const id of unread) {
      const entry = entries.get(id)
      // Another call may have read it meanwhile.
      while (entry && !entry.whole && entries.get(id) === entry && readMore(id, entry)) await pause()
      if (entry?.row) changed.push(id)
      if (performance.now() >= sliceEnd) flush()
      await pause()
    }
    flush()
  }

  const outcomes = (ids: readonly string[]) => {
    const named = ids.flatMap(id => {
      const entry = entries.get(id)
      return entry ? [{ id, ...entry }] : []
    })
    return {
      rows: named.flatMap(({ row }) => row ?? []),
      faults: named.flatMap(({ id, fault }) => (fault === undefined ? [] : [{ id, message: fault }])),
    }
  }

  list()
  return {
    folder,
    ids: () => [...entries.keys()],
    rows: () => outcomes([...entries.keys()]).rows,
    faults: () => outcomes([...entries.keys()]).faults,
    complete: () => complete,
    directoryOf(id) {
      const entry = entries.get(id)
      if (!entry) throw new UsageError(`There is no run ${id} in ${folder}.`)
      if (!isInside(folder, id)) throw new UsageError(`${id} leads out of ${folder}, and is left alone.`)
      return entry.directory
    },
    row: id => entries.get(id)?.row,
    list,
    refresh,
    lively: () =>
      [...entries]
        .filter(([, { row, changedAt }]) => row?.status === 'running' || Date.now() - changedAt < LIVELY_MS)
        .map(([id]) => id),
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function idOf(folder: string, directory: string): string {
  const path = relative(folder, directory)
  return path === '' ? '.' : path.split(sep).join('/')
}

/**
 * Reads what is quick to read of a run that has changed.
 * @returns whether anything has
 */
function glance(folder: string, id: string, entry: Entry): boolean {
  const { directory } = entry
  const before = JSON.stringify(entry.row ?? entry.fault)
  try {
    if (!isInside(folder, id)) throw new UsageError(`${id} leads out of the folder, and is left alone.`)
    const config = statOf(join(directory, RUN_FILES.config))?.mtimeMs
    if (!entry.settings || config !== entry.configTime) entry.settings = settingsPart(directory)
    entry.configTime = config
    const metrics = statOf(join(directory, RUN_FILES.metrics))
    if (!metrics?.isFile()) throw new UsageError(`${id} has no ${RUN_FILES.metrics} that can be read.`)
    if (!isUpToDate(entry.reading, metrics)) {
      if (entry.whole) entry.changedAt = Date.now()
      // What a run has written since the last time is little; all of another file is not.
      const continues = entry.whole && entry.reading?.inode === metrics.ino
      entry.whole = false
      if (!continues || readMore(id, entry)) entry.scan = scanTail(directory)
    }
    if (!entry.scan) throw new UsageError(`${id} has no ${RUN_FILES.metrics} that can be read.`)
    entry.row = rowOf(id, directory, entry.settings, entry.scan, entry.whole)
    entry.fault = undefined
  } catch (error) {
    // One damaged run does not hide the others.
    entry.fault = error instanceof UsageError ? error.message : `${id} cannot be read: ${error}`
    entry.row = undefined
  }
  return before !== JSON.stringify(entry.row ?? entry.fault)
}

/**
 * Reads the next part of a run's metrics.
 * @returns whether there is more to read
 */
function readMore(id: string, entry: Entry): boolean {
  const part = scanPart(entry.directory, entry.reading)
  if (!part) return false
  entry.reading = part.scan
  if (!part.done) return true
  entry.scan = part.scan
  entry.whole = true
  if (entry.settings) entry.row = rowOf(id, entry.directory, entry.settings, part.scan, true)
  return false
}

/** Of the file itself, not of what a link leads to. */
const statOf = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })
