import { spawn } from 'node:child_process'

/**
 * `sac` with other arguments, in a process of its own, so that a training goes as it would alone.
 *
 * @param args as on the command line, from the name of the command on
 * @param signal when it aborts, the process is asked to stop, and saves what it has learned
 * @returns its error messages if it failed; undefined if it did not, or was asked to stop
 */
export function trainInProcess(args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1], ...args], {
    // Its output is a pipe, and is discarded: if this process is killed, the pipe breaks, and the child stops and saves.
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A terminal sends Ctrl-C to the child as well; one that arrives twice at once counts once.
  const forward = () => child.kill('SIGINT')
  signal.addEventListener('abort', forward)
  let errors = ''
  child.stdout.resume()
  child.stderr.on('data', data => {
    errors += data
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', forward)
      if (code === 0 || signal.aborted) resolve(undefined)
      else resolve(errors.trimEnd() || `error: ended by ${killedBy ?? `exit code ${code}`}`)
    })
  })
}
