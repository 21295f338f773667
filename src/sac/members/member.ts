import type { Algorithm } from '../algorithm.ts'
import type { OptionGroup, SacOptions, SacOptionsInput } from '../options.ts'

/** A member of the family. To add one: a file with such a value, its name in `ALGORITHMS`, and a line in `index.ts`. */
export interface Member {
  /** Its name in words. */
  title: string
  /** Where it was published: authors, year, arXiv number. */
  source: string
  /** The groups of options that it has in addition to those that all have. */
  groups: readonly OptionGroup[]
  /** Its published settings, where they differ from the defaults of `sac`. */
  defaults: SacOptionsInput
  /** Its equations, with these options. */
  algorithm(options: SacOptions): Algorithm
  /** Its equations for `n` discrete actions, if it has a form for these. */
  discrete?(options: SacOptions, n: number): Algorithm
}
