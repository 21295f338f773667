/**
 * The results of a run from its `metrics.jsonl`, read once and then only from where the last reading ended: a thousand
 * runs are as quick to follow as one.
 */
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import type { EndLine, EvaluationLine, MetricsLine } from '../metrics.ts'
import { parseLine } from '../parse-metrics.ts'
import { RUN_FILES } from '../run-directory.ts'
import { readPart, withRegularFile } from './inside.ts'

/** What has been read of a file so far. */
export interface Scan {
  /** The file, to notice that another one has taken its place. */
  inode: number
  /** Bytes read, up to the end of a line. */
  read: number
  /** Bytes that it had, of which the last line may not be complete. */
  size: number
  steps: number
  bestReturn?: number
  lastReturn?: number
  evaluation?: Pick<EvaluationLine, 'step' | 'mean' | 'standardDeviation'>
  end?: Pick<EndLine, 'reason' | 'message'>
  startedAt?: string
  /** Of earlier sessions, in s. */
  earlierSeconds: number
  /** When the session began and when its last line was written, in ms. */
  sessionStart?: number
  lastTime?: number
  damaged: number
}

/** Read at a time; what else is to be done must wait for no more than that. */
const PART = 1 << 19
/** Enough for the last evaluation and the lines around it. */
const TAIL = 1 << 16
/** A longer line is not read. */
const LONGEST = 1 << 24

const emptyScan = (inode: number): Scan => ({
  inode,
  read: 0,
  size: 0,
  steps: 0,
  earlierSeconds: 0,
  damaged: 0,
})

/** Whether a file has been read up to its end. */
export const isUpToDate = (scan: Scan | undefined, { ino, size }: Pick<Stats, 'ino' | 'size'>): boolean =>
  scan !== undefined && scan.inode === ino && scan.size === size

/**
 * Reads the next part of a run's metrics, from where `before` ended or, if another file has taken the place of the one
 * read before, from the start.
 * @returns the results so far, and whether that was all; undefined if there is no such file
 */
export function scanPart(directory: string, before?: Scan): { scan: Scan; done: boolean } | undefined {
  return withRegularFile(join(directory, RUN_FILES.metrics), (file, { ino, size }) => {
    const resumes = before !== undefined && before.inode === ino && before.read <= size
    const scan = resumes ? { ...before } : emptyScan(ino)
    let length = PART
    let text = readPart(file, scan.read, Math.min(size, scan.read + length))
    // A line may be longer than a part.
    while (text.lastIndexOf(10) < 0 && text.length === length && length < LONGEST) {
      length *= 4
      text = readPart(file, scan.read, Math.min(size, scan.read + length))
    }
    const last = text.lastIndexOf(10)
    if (last < 0 && text.length >= LONGEST) {
      scan.read += text.length
      scan.damaged++
    } else {
      for (const line of text.toString('utf8', 0, Math.max(0, last)).split('\n')) {
        if (last >= 0) addLine(scan, line)
      }
      scan.read += last + 1
    }
    scan.size = size
    return { scan, done: scan.read >= size || (last < 0 && text.length < length) }
  })
}

/**
 * What the end of a run's metrics says, for a first look: its steps and last results.
 * @returns undefined if there is no such file
 */
export function scanTail(directory: string): Scan | undefined {
  return withRegularFile(join(directory, RUN_FILES.metrics), (file, { ino, size }) => {
    const scan = emptyScan(ino)
    const start = Math.max(0, size - TAIL)
    const text = readPart(file, start, size).toString('latin1')
    const lines = text
      .slice(start === 0 ? 0 : text.indexOf('\n') + 1, Math.max(0, text.lastIndexOf('\n')))
      .split('\n')
    const evaluation = lines.findLastIndex(line => line.startsWith('{"type":"evaluation"'))
    const returned = lines.findLastIndex(
      line => line.startsWith('{"type":"train"') && line.includes('"return":'),
    )
    const wanted = new Set([evaluation, returned, lines.length - 2, lines.length - 1])
    for (const [i, line] of lines.entries())
      if (wanted.has(i)) addLine(scan, Buffer.from(line, 'latin1').toString())
    return { ...scan, damaged: 0, bestReturn: undefined }
  })
}

/** How long a run was at work, in s. */
export function secondsOf({ earlierSeconds, sessionStart, lastTime }: Scan, isRunning: boolean): number {
  if (sessionStart === undefined) return earlierSeconds
  return earlierSeconds + ((isRunning ? Date.now() : (lastTime ?? sessionStart)) - sessionStart) / 1000
}

/** Most lines are of training, and only these of their numbers are needed. */
const TRAIN =
  /^\{"type":"train","step":(\d{1,15}),"time":"([\dT:.Z-]+)"(?:.*?,"return":(-?[\d.]+(?:e[+-]?\d+)?)[,}])?.*\}$/

function addLine(scan: Scan, text: string): void {
  const [quick, step, time, value] = TRAIN.exec(text) ?? []
  if (quick !== undefined) {
    addTrain(scan, Number(step), Date.parse(time), value === undefined ? undefined : Number(value))
    return
  }
  const line = parseLine(text)
  if (line === 'damaged') scan.damaged++
  else if (line !== 'unknown') addParsed(scan, line)
}

function addTrain(scan: Scan, step: number, time: number, value: number | undefined): void {
  scan.end = undefined
  scan.steps = Math.max(scan.steps, step)
  if (!Number.isNaN(time)) scan.lastTime = time
  if (value === undefined || Math.abs(value) > 1e100) return
  scan.lastReturn = value
  scan.bestReturn = Math.max(scan.bestReturn ?? -Infinity, value)
}

function addParsed(scan: Scan, line: MetricsLine): void {
  const time = Date.parse(line.time)
  if (line.type === 'train') addTrain(scan, line.step, time, line.return)
  if (line.type === 'evaluation') {
    const { step, mean, standardDeviation } = line
    scan.evaluation = { step, mean, standardDeviation }
    scan.steps = Math.max(scan.steps, step)
  }
  if (line.type === 'start') {
    scan.startedAt ??= line.time
    scan.earlierSeconds = secondsOf(scan, false)
    scan.sessionStart = time
  }
  scan.end = line.type === 'end' ? { reason: line.reason, message: line.message } : undefined
  if (scan.end) scan.steps = Math.max(scan.steps, line.step)
  scan.lastTime = time
}
