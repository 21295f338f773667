/** Samplers: which of the transitions held are read. */
import type { Random } from '../random.ts'

/** Picks one of `size` transitions, by its position from 0. */
export type Sampler = (random: Random, size: number) => number

/** Each is as likely as any other, with replacement. */
export const uniform: Sampler = (random, size) => random.integer(size)
