import { extname } from 'node:path'
import { missingMembers } from '../../env/check-env.ts'
import type { Env } from '../../env/env.ts'
import type { EnvOptions } from '../../envs/entry.ts'
import { MODULE_EXTENSIONS, splitExport } from '../environment-path.ts'
import { UsageError } from '../usage-error.ts'
import { describeFailure, readModule } from './read-module.ts'

/**
 * Makes the environment that a module exports: an object, a function that makes it, which receives the options and
 * may be async, or a class. Each call runs the module again, so that no two environments share its variables.
 *
 * @param environment absolute path of the module; behind a `#` the name of an export
 * @returns an object, whose methods and spaces have not been checked
 * @throws UsageError if the module cannot be run, or exports nothing that could be an environment
 */
export async function makeModuleEnv(environment: string, options: EnvOptions): Promise<Env> {
  const { path, exported } = splitExport(environment)
  if (!MODULE_EXTENSIONS.includes(extname(path))) {
    throw new UsageError(
      `The environment ${path} must be a file whose name ends in one of ${MODULE_EXTENSIONS.join(', ')}.`,
    )
  }
  const { name, value } = chooseExport(path, await readModule(path), exported)
  const env = await instantiate(path, name, value, options)
  if (typeof env === 'object' && env !== null) return env
  throw new UsageError(`${path}: its ${name} export gives ${env}; it must return the environment, an object.`)
}

/** The export asked for, or else the default export, or else the only one that can be an environment. */
function chooseExport(path: string, module: Record<string, unknown>, asked?: string) {
  const names = Object.keys(module).filter(name => name !== '__esModule')
  if (asked !== undefined) {
    if (names.includes(asked)) return { name: asked, value: module[asked] }
    const there = names.length > 0 ? `it exports ${names.join(', ')}` : 'it exports nothing'
    throw new UsageError(`${path} has no export ${asked}: ${there}.`)
  }
  const likely = (name: string) =>
    typeof module[name] === 'function' || missingMembers(module[name]).length === 0
  const possible = names.includes('default') ? ['default'] : names.length > 1 ? names.filter(likely) : names
  if (possible.length === 1) return { name: possible[0], value: module[possible[0]] }
  if (possible.length === 0) {
    throw new UsageError(
      `${path} exports no environment: write "export default" before the function that makes it.`,
    )
  }
  throw new UsageError(
    `${path} exports several functions or environments (${possible.join(', ')}): name one, ` +
      `as in ${path}#${possible[0]}, or make it the default export.`,
  )
}

async function instantiate(path: string, name: string, value: unknown, options: EnvOptions): Promise<Env> {
  if (typeof value !== 'function') {
    if (Object.keys(options).length > 0) {
      throw new UsageError(
        `${path}: its ${name} export is an object, which takes no options; to take some, export a function of them.`,
      )
    }
    return value as Env
  }
  try {
    const isClass = /^class\b/.test(Function.prototype.toString.call(value))
    return await (isClass ? Reflect.construct(value, [options]) : value(options))
  } catch (cause) {
    throw new UsageError(`${path} failed to make its environment: ${describeFailure(path, cause)}`, { cause })
  }
}
