import type { SacOptionsInput } from '../../../src/index.ts'

/** An environment and its settings. */
export interface World {
  id: string
  options: Record<string, unknown>
  /** The visitor's own: a module that exports a function which makes it. */
  code?: string
}

/** All that decides what a training run does, to the last bit. */
export interface Plan {
  world: World
  /** Settings that differ from what is preset for the environment; the seed among them. */
  agent: SacOptionsInput
}

/** How fast training goes: as time does in the environment, ten times that, or as fast as it can. */
export type Pace = 'paused' | 'real' | 'tenfold' | 'fast'
