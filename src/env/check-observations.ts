/** What observations look like to a network: their sizes, and whether they carry any information. */
import type { Report } from './check-env.ts'

/** Root mean square from which an element drowns out the others and makes what networks learn from it overflow. */
const LARGE = 1000
/** Magnitude from which a number that never changes is more than a small offset. */
const LARGE_CONSTANT = 10

/**
 * Reports elements that never change and those that are very large.
 * @param observations of the steps of a run, all of one length
 * @param single whether every episode was a single step, for which nothing needs to be observed
 */
export function checkObservations(
  observations: readonly (readonly number[])[],
  single: boolean,
  report: Report,
): void {
  const [first] = observations
  const steps = `${observations.length} observations`
  const changing = first.map((start, i) => observations.some(observation => observation[i] !== start))
  if (!single && !changing.includes(true)) {
    report(
      'constant',
      'warning',
      `no element of the observation changed in ${steps}: the agent sees nothing of what its actions do`,
      'let the observation show what the task depends on',
    )
    return
  }
  const constant = first.findIndex((start, i) => !changing[i] && Math.abs(start) > LARGE_CONSTANT)
  if (constant !== -1) {
    report(
      'constant',
      'warning',
      `observation[${constant}] was ${first[constant]} in all ${steps}: it gives no information, and drowns out others`,
      'leave it out of the observation',
    )
  }
  const scales = first.map((_, i) =>
    Math.sqrt(observations.reduce((sum, observation) => sum + observation[i] ** 2 / observations.length, 0)),
  )
  const large = scales.findIndex((scale, i) => changing[i] && scale >= LARGE)
  if (large !== -1) {
    report(
      'scale',
      'warning',
      `observation[${large}] is of the order of ${scales[large].toPrecision(2)}: networks learn badly from numbers far ` +
        'from 1, and diverge where they are very large',
      'train with normalizeObservations (--normalize-observations), or give the environment units in which all ' +
        'elements are about 1',
    )
  }
}
