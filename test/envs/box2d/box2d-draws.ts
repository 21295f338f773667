import type { Draws } from '../../../src/envs/box2d/episodes.ts'

/** No push, no dispersion, level ground: the middle of every range. */
export const middle: Draws = { uniform: (low = 0, high = 1) => (low + high) / 2, integer: n => n >> 1 }
/** As `middle`, but with a push of its own to the right. */
export const pushed = (force: number): Draws => ({
  ...middle,
  uniform: (low = 0, high = 1) => (high === 1000 || high === 5 ? force : (low + high) / 2),
})
