import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const python = join(import.meta.dirname, '../../.venv/bin/python')

/** What a Python script of this folder prints, as JSON. */
export async function runPython<T>(script: string, ...args: (string | number)[]): Promise<T> {
  const { stdout } = await run(python, [join(import.meta.dirname, script), ...args.map(String)], {
    maxBuffer: 2 ** 28,
  })
  return JSON.parse(stdout)
}
