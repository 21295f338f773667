import { basename, extname, isAbsolute, relative, resolve, sep } from 'node:path'

/** Extensions of files that export an environment. */
export const MODULE_EXTENSIONS = ['.js', '.mjs', '.ts', '.mts']

/** How an environment of Gymnasium is named: this, and what `gymnasium.make` takes. */
export const GYMNASIUM = 'gymnasium:'

/** Whether an environment is named by a file, `./my-env.ts` or `./my-env.ts#name of an export`, and not by an id. */
export function isModulePath(environment: string): boolean {
  if (environment.startsWith(GYMNASIUM)) return false
  const { path } = splitExport(environment)
  return MODULE_EXTENSIONS.includes(extname(path)) || /[\\/]/.test(path)
}

/** `./my-env.ts#tank` as its path and the name of an export, if it has one. */
export function splitExport(environment: string): { path: string; exported?: string } {
  const [, path, exported] = /^(.*?)(?:#(\w+))?$/s.exec(environment)!
  return { path, exported }
}

/** A short name for an environment: the file's without folder and extension, or the id as it is. */
export function environmentName(environment: string): string {
  if (!isModulePath(environment)) return environment
  const { path, exported } = splitExport(environment)
  const name = basename(path, extname(path))
  return exported ? `${name}#${exported}` : name
}

/** An environment as settings name it. */
export interface NamedEnvironment {
  /** An id that `makeEnv` knows, a path with an export's name behind `#` or none, or `gymnasium:` and an id. */
  environment: string
  /** What its factory or `gymnasium.make` receives; for Gymnasium also `python`, the Python to run. */
  environmentOptions: Record<string, unknown>
}

/** Settings, checked or not, with the paths in them, of environment, Python, model, `initFrom` and `demonstrations`, resolved from a folder. */
export function resolvePaths<
  T extends { [K in keyof NamedEnvironment | 'initFrom' | 'demonstrations']?: unknown },
>(named: T, folder: string): T {
  const { environment, environmentOptions, initFrom, demonstrations } = named
  const resolved = {
    ...named,
    ...(typeof initFrom === 'string' && { initFrom: resolve(folder, initFrom) }),
    ...(typeof demonstrations === 'string' && { demonstrations: resolve(folder, demonstrations) }),
  }
  if (typeof environment !== 'string') return resolved
  if (isModulePath(environment)) return { ...resolved, environment: resolve(folder, environment) }
  const { python, xmlFile } = (environmentOptions ?? {}) as { python?: unknown; xmlFile?: unknown }
  const inOptions = (path: Record<string, string>) => ({
    ...resolved,
    environmentOptions: { ...(environmentOptions as object), ...path },
  })
  if (!environment.startsWith(GYMNASIUM)) {
    return typeof xmlFile === 'string' ? inOptions({ xmlFile: resolve(folder, xmlFile) }) : resolved
  }
  // The name of a program without a path is looked up in PATH.
  const isPath = typeof python === 'string' && /[\\/]/.test(python)
  return isPath ? inOptions({ python: resolve(folder, python) }) : resolved
}

/** An absolute path of an environment as seen from a folder, with `/` on every system. An id stays as it is. */
export function relativeEnvironment(environment: string, folder: string): string {
  if (!isModulePath(environment)) return environment
  const path = relative(folder, environment)
  // On Windows there is no relative path from one drive to another.
  if (isAbsolute(path)) return path
  const portable = path.split(sep).join('/')
  return portable.startsWith('.') ? portable : `./${portable}`
}
