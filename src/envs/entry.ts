import type { Awaitable, Env } from '../env/env.ts'

/** Settings of an environment by name; each environment documents its own. */
export type EnvOptions = Record<string, unknown>

/** Makes an environment, time limit included. May answer with a promise, so that it can load what it needs. */
export type EnvFactory = (options: EnvOptions) => Awaitable<Env>

/** What lists of environments say about one. */
export interface EnvAbout {
  /** The task in one line. Default: nothing. */
  summary?: string
  /** The options it takes and their meaning. Where it is left out, options are not checked. */
  options?: Record<string, string>
}

/** How an environment is made. */
export interface Maker {
  /** A step takes less time than handing it to another thread. */
  cheap?: boolean
  /** Makes it. */
  make: EnvFactory
}

/** An environment known by its id. */
export interface EnvEntry extends EnvAbout, Maker {
  /** A name such as `Pendulum-v1`. */
  id: string
  /** The task in one line. */
  summary: string
}
