import { join } from 'node:path'
import { flagName, formatValue } from '../../option-text.ts'
import { resolveSettings } from '../preset-settings.ts'
import { SAC_PROGRAM } from '../processes/train-in-process.ts'
import type { SacCommand } from './launches.ts'
import type { Ui } from './server.ts'

/** How runs are served. */
export interface ServeRunsOptions {
  /** Port of 127.0.0.1 to listen on. Default 0: any that is free. */
  port?: number
}

/**
 * Serves the page that `sac ui` opens: runs in a folder, live, and their trainings started, stopped and resumed. Only this
 * machine can reach it, and only with the address that is returned.
 * @param folder with the runs
 * @throws UsageError if there is no such folder, or the port is taken
 * @example
 * const { url, close } = await serveRuns('runs')
 */
export async function serveRuns(folder: string, { port = 0 }: ServeRunsOptions = {}): Promise<Ui> {
  // Loaded only here: nothing else needs a server.
  const { openUi } = await import('./server.ts')
  return openUi({ folder, page: join(import.meta.dirname, '../../../page'), sac: sacCommand(), port })
}

const sacCommand = (): SacCommand => ({
  program: process.execPath,
  args: [...process.execArgv, SAC_PROGRAM],
  settings: resolveSettings,
  flags: named => Object.entries(named).map(([name, value]) => `${flagName(name)}=${formatValue(value)}`),
})
