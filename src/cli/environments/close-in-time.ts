import { setTimeout } from 'node:timers/promises'
import type { Env } from '../../env/env.ts'
import { closeAll } from '../../run/environments/environment.ts'
import { exitNow } from '../exit.ts'

/** Longer than Python and worker threads are given to close theirs. */
const PATIENCE_MS = 10_000

/**
 * Closes environments. If that fails it says so; if it does not end within ten seconds it says so and ends the program.
 * @param remark added to the message in the latter case
 * @returns whether they are closed
 */
export async function closeInTime(close: () => Promise<void>, remark = ''): Promise<boolean> {
  try {
    const late = setTimeout(PATIENCE_MS, true, { ref: false })
    if (!(await Promise.race([close().then(() => false), late]))) return true
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    process.stderr.write(`error: closing the environments failed: ${reason}\n`)
    return false
  }
  process.stderr.write(
    `error: an environment's close() has not ended after ${PATIENCE_MS / 1000} s${remark}\n`,
  )
  return exitNow(1)
}

/** Closes the environments of a command that has done its work; the exit code is 1 if that fails. */
export async function closeAtEnd(envs: readonly Env[]): Promise<void> {
  if (!(await closeInTime(() => closeAll(envs)))) process.exitCode ||= 1
}
