import { isDeepStrictEqual } from 'node:util'
import { printable } from '../../printable.ts'
import type { NamedEnvironment } from '../environment-path.ts'
import { isTrusted, programsOf } from '../trust.ts'
import type { Question } from './messages.ts'

/** A run would execute programs that nobody here has agreed to; the page asks, and sends it again with the answer. */
export class ConsentNeeded extends Error {
  override name = 'ConsentNeeded'
  readonly question: Question

  constructor(programs: string[], what: string) {
    const list = programs.map(printable).join(' and ')
    super(`${what} would execute ${list}.`)
    this.question = { question: `${what} would execute ${list}. Execute it?`, programs }
  }
}

/**
 * The arguments with which `sac` executes what a run names.
 * @param agreed programs that somebody has just agreed to, if any
 * @throws ConsentNeeded if the run was not made here, and these are not the programs that were agreed to
 */
export function trustArgs(directory: string, named: NamedEnvironment, agreed: unknown): string[] {
  const programs = programsOf(directory, named)
  if (isTrusted(directory, programs)) return []
  if (isDeepStrictEqual(agreed, programs)) return ['--trust']
  throw new ConsentNeeded(programs, 'This run was not made here. It')
}
