import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The command line itself. */
export const SAC_PROGRAM = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

/**
 * Trains a run by `sac` in a process of its own, so that it goes as it would alone.
 *
 * @param args as on the command line, from the name of the command on
 * @param signal when it aborts, the process is asked to stop, and saves what it has learned
 * @returns its error messages if it failed; undefined if it did not, or was asked to stop
 */
export function trainInProcess(args: readonly string[], signal?: AbortSignal): Promise<string | undefined> {
  const child = spawn(process.execPath, [...process.execArgv, SAC_PROGRAM, ...args], {
    // Its output is a pipe, and is discarded: if this process is killed, the pipe breaks, and the child stops and saves.
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A terminal sends Ctrl-C to the child as well; one that arrives twice at once counts once.
  const forward = () => child.kill('SIGINT')
  signal?.addEventListener('abort', forward)
  let errors = ''
  child.stdout.resume()
  child.stderr.on('data', data => {
    errors += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, killedBy) => {
      signal?.removeEventListener('abort', forward)
      if (code === 0 || signal?.aborted) resolve(undefined)
      else resolve(errors.trimEnd() || `error: ended by ${killedBy ?? `exit code ${code}`}`)
    })
  })
}

/** Does jobs one after the other, some at a time, until a signal comes; those in progress then still end. */
export async function doAll<Job>(
  jobs: readonly Job[],
  atOnce: number,
  work: (job: Job) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const waiting = [...jobs]
  const next = () => (signal?.aborted ? undefined : waiting.shift())
  const worker = async () => {
    for (let job = next(); job !== undefined; job = next()) await work(job)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
