/** Samplers: which point of a space to try next. */
import type { Random } from '../random.ts'
import { logDensity, parzenEstimator, samplePoint } from './parzen.ts'
import { type Point, randomPoint, type Space } from './space.ts'
import { bestFirst, type Trial } from './trial.ts'

/** How TPE chooses. */
export interface TpeOptions {
  /** Trials that end before it chooses by their results; until then it draws at random. Default 10. */
  startupTrials?: number
  /** Points that it draws from the density of good ones, to take the one that is best by comparison. Default 24. */
  candidates?: number
}

/** Most trials that count as good ones. */
const MOST_GOOD = 25

/**
 * A point for the next trial by the tree-structured Parzen estimator (Bergstra et al. 2011), all settings together: drawn
 * where those of the best tenth of the trials are denser than those of all others. Trials that still run count as others, so
 * that several at once do not try the same.
 * @param trials all of them, in the order of their numbers
 */
export function suggestByTpe(
  space: Space,
  trials: readonly Trial[],
  random: Random,
  { startupTrials = 10, candidates = 24 }: TpeOptions = {},
): Point {
  const ended = bestFirst(trials)
  if (ended.length < startupTrials) return randomPoint(space, random)
  const good = new Set(ended.slice(0, goodOnes(ended.length)))
  const densityOf = (group: readonly Trial[]) =>
    parzenEstimator(
      space,
      group.map(({ point }) => point),
    )
  const [better, others] = [true, false].map(isGood => densityOf(trials.filter(t => good.has(t) === isGood)))
  const drawn = Array.from({ length: candidates }, () => samplePoint(better, random))
  const scores = drawn.map(point => logDensity(better, point) - logDensity(others, point))
  return drawn[scores.indexOf(scores.reduce((a, b) => Math.max(a, b)))]
}

/** How many of the trials that have ended count as good. */
export const goodOnes = (ended: number): number => Math.min(Math.ceil(0.1 * ended), MOST_GOOD)
