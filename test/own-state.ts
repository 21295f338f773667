import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What tests remember for their user goes into a folder of their own; the processes that they start inherit it. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'sac-state-'))
  process.env.XDG_STATE_HOME = folder
  // What is printed must not depend on who runs the tests: under npm, commands begin with npx.
  delete process.env.npm_command
  return () => rmSync(folder, { recursive: true, force: true })
}
