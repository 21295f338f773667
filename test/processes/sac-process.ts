import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

/** The built program. */
export const SAC_PROGRAM = join(import.meta.dirname, '../../dist/src/cli/main.js')

export interface Finished {
  code: number | null
  stdout: string
  stderr: string
}

export interface Surroundings {
  /** The folder it runs in. */
  cwd: string
  /** Environment variables beside those of the tests themselves. */
  env?: Record<string, string>
  /** Sees the output so far each time some comes. */
  during?: (child: ChildProcess, stdout: string) => void
}

/** Runs the built `sac` as a process. */
export function runSac(args: string, { cwd, env, during }: Surroundings): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SAC_PROGRAM, ...args.split(' ').filter(Boolean)], {
      cwd,
      env: { ...process.env, ...env },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', data => {
      stdout += data
      during?.(child, stdout)
    })
    child.stderr.on('data', data => {
      stderr += data
    })
    child.on('error', reject)
    child.on('close', code => resolve({ code, stdout, stderr }))
  })
}
