import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, resolve } from 'node:path'
import { MODULE_EXTENSIONS, resolvePaths } from '../run/environment-path.ts'
import { readModule } from '../run/environments/read-module.ts'
import { RUN_FILES } from '../run/run-directory.ts'
import { UsageError } from '../run/usage-error.ts'

type Reader = (path: string) => unknown

// Each parser is loaded only where its kind of file is given.
const readers: Record<string, Reader> = {
  '.json': path => JSON.parse(readFileSync(path, 'utf8')),
  '.yaml': readYaml,
  '.yml': readYaml,
  ...Object.fromEntries(MODULE_EXTENSIONS.map(extension => [extension, readDefault])),
}

/**
 * Reads a config file: a table of settings under the names that `config.json` of a run uses. JavaScript and
 * TypeScript files export it as default. Paths in it are relative to its own folder.
 *
 * @throws UsageError if there is no such file, its kind is unknown or it cannot be read
 */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const read = readers[extname(path)]
  if (!read) {
    const known = Object.keys(readers).join(', ')
    throw new UsageError(`The config file ${path} must have a name that ends in one of ${known}.`)
  }
  let config: unknown
  try {
    config = await read(resolve(path))
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    const [reason] = (cause as Error).message.split('\n')
    throw new UsageError(`The config file ${path} cannot be read: ${reason}`, { cause })
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw new UsageError(`The config file ${path} must hold a table of settings, such as "batchSize: 64".`)
  }
  // Paths in it are relative to its own folder, wherever it is used.
  return resolvePaths(config as Record<string, unknown>, dirname(resolve(path)))
}

async function readYaml(path: string): Promise<unknown> {
  const { parse } = await import('yaml')
  return parse(readFileSync(path, 'utf8'))
}

async function readDefault(path: string): Promise<unknown> {
  return (await readModule(path)).default
}

/** Whether a config file belongs to a run, which may come from somebody else, and is not one that the user wrote. */
export const isOfRun = (path: string, config: Record<string, unknown>) =>
  config.run !== undefined || existsSync(join(dirname(path), RUN_FILES.metrics))
