import type { Env } from '../env/env.ts'
import { nearest } from '../nearest.ts'
import type { EnvAbout, EnvFactory, EnvOptions, Maker } from './entry.ts'
import type { EnvironmentOptions } from './environment-options.ts'
import { makers } from './makers.ts'

/** Of those that are registered here, what lists say about them; the others stand in the catalogue. */
interface Registered extends Maker {
  about?: EnvAbout
}

export const registered = new Map<string, Registered>(Object.entries(makers))

/** No environment has the id asked for. */
export class UnknownEnvironmentError extends Error {
  override name = 'UnknownEnvironmentError'
  /** The id asked for. */
  readonly id: string
  /** The id that was likely meant. */
  readonly suggestion: string | undefined

  constructor(id: string) {
    const suggestion = nearest(id, environmentIds())
    super(
      `there is no environment '${id}'${suggestion ? `; did you mean '${suggestion}'?` : '.'} ` +
        `Known are ${environmentIds().join(', ')}; add your own with registerEnv()`,
    )
    this.id = id
    this.suggestion = suggestion
  }
}

/** Any text, while editors still offer the ids that are known. */
export type AnyId = string & Record<never, never>

/** What `makeEnv` takes for an id: the options of a built-in environment, anything for another one. */
export type OptionsOf<Id> = Id extends keyof EnvironmentOptions ? EnvironmentOptions[Id] : EnvOptions

/**
 * Makes an environment by its id. Those that are built in have the time limit of their definition; one that was
 * registered is as its factory made it.
 *
 * @param options what the environment takes, see `environments()`; if its entry does not list its options, what its
 *   factory accepts
 * @throws UnknownEnvironmentError for an unknown id (the promise rejects, as for all errors here)
 * @throws TypeError for an option that the entry does not list, or a value of the wrong kind
 * @throws Error if a package that the environment needs is not installed, and any error of a registered factory
 * @example
 * const env = await makeEnv('Pendulum-v1')
 */
export async function makeEnv<Id extends keyof EnvironmentOptions | AnyId>(
  id: Id,
  options?: OptionsOf<Id>,
): Promise<Env> {
  const given: EnvOptions = options === undefined ? {} : (options as EnvOptions)
  const entry = registered.get(id)
  if (!entry) throw new UnknownEnvironmentError(id)
  const names = Object.keys(given)
  if (names.length > 0) {
    const { options } = entry.about ?? (await import('./catalogue.ts')).catalogue[id as keyof typeof makers]
    if (options) requireKnown(id, names, Object.keys(options))
  }
  return entry.make(given)
}

function requireKnown(id: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find(name => !known.includes(name))
  if (unknown === undefined) return
  const meant = nearest(unknown, known)
  throw new TypeError(
    `${id} has no option '${unknown}'${meant ? `; did you mean '${meant}'?` : '.'} ` +
      (known.length > 0 ? `It takes ${known.join(', ')}` : 'It takes none'),
  )
}

/**
 * The ids `makeEnv` knows, in the order they were registered.
 * @example
 * environmentIds().includes('Pendulum-v1') // true
 */
export function environmentIds(): string[] {
  return [...registered.keys()]
}

/**
 * Makes an environment of your own known to `makeEnv` under an id.
 *
 * @param make makes the environment; add `timeLimit` here if episodes may go on for ever
 * @throws Error if the id is taken
 * @example
 * registerEnv('Tank-v1', () => timeLimit(createTank(), 500), { summary: 'Keep the level' })
 */
export function registerEnv(id: string, make: EnvFactory, about: EnvAbout = {}): void {
  if (registered.has(id)) {
    throw new Error(
      `there is already an environment '${id}': register yours under another id, say with a new version`,
    )
  }
  registered.set(id, { make, about })
}
