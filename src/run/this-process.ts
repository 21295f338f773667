/** Which process this is, in a way that later shows whether it still lives; process numbers alone are reused. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** A process of this or another machine, as a value that survives JSON. */
export interface ProcessIdentity {
  pid: number
  /** Name of its machine, for people. */
  host: string
  /**
   * The system in which its number is valid: on Linux one start of the machine and one space of process numbers, of which each
   * container has its own; elsewhere the machine's name.
   */
  system: string
  /** When it began, in ticks since the machine did, which no change of the clock alters; on Linux only. */
  started?: string
}

/** This process. */
export const thisProcess = (): ProcessIdentity => ({
  pid: process.pid,
  host: hostname(),
  system: systemOf(),
  started: startOf(process.pid),
})

/** Whether a process lives; undefined if that cannot be seen from here. */
export function isAlive({ pid, system, started }: ProcessIdentity): boolean | undefined {
  if (system !== systemOf()) return undefined
  try {
    process.kill(pid, 0) // sends nothing
  } catch (error) {
    // A process of another user cannot be signalled, but it lives.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = startOf(pid)
  if (now === ENDED) return false
  if (now === undefined || started === undefined) return undefined
  return now === started
}

/** In place of a start: the process has ended, but its parent has not collected its exit status. */
const ENDED = 'ended'

function systemOf(): string {
  const boot = read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const space = read(() => readlinkSync('/proc/self/ns/pid'))
  return boot && space ? `${boot} ${space}` : hostname()
}

/** Field 22 of `/proc/<pid>/stat`, see proc(5). */
function startOf(pid: number): string | undefined {
  const text = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // The name of the program, in brackets, may have anything in it.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined) return undefined
  return ['Z', 'X'].includes(fields[0]) ? ENDED : fields[19]
}

/** Undefined on systems that have no such file. */
function read(work: () => string): string | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
