/** Why an update diverged, as far as its batch shows. */

/** What an update learns from, as the networks see it: observations normalised if they are, rewards scaled. */
export interface DivergedBatch {
  /** [rows, elements], row-major, as is `nextObservation`. */
  observation: ArrayLike<number>
  nextObservation: ArrayLike<number>
  /** [rows] */
  reward: ArrayLike<number>
}

/** Magnitude from which on squares of squares overflow before long. */
const LARGE = 10_000

/** What helps against the divergence of an update on this batch, in a sentence or two. */
export function remedyFor({ observation, nextObservation, reward }: DivergedBatch): string {
  const elements = observation.length / reward.length
  const [largest, next, highest] = [observation, nextObservation, reward].map(indexOfLargest)
  const [from, at] =
    Math.abs(observation[largest]) >= Math.abs(nextObservation[next])
      ? [observation, largest]
      : [nextObservation, next]
  const remedies: string[] = []
  if (Math.abs(from[at]) >= LARGE) {
    remedies.push(
      `Its observations are too large to learn from: element ${at % elements} is ${from[at].toPrecision(2)}. ` +
        'Set normalizeObservations, or give the environment units in which observations are about 1.',
    )
  }
  if (Math.abs(reward[highest]) >= LARGE) {
    remedies.push(
      `Its rewards, times rewardScale, are as large as ${reward[highest].toPrecision(2)}. Set a rewardScale with which ` +
        'they are about 1 a step.',
    )
  }
  return (
    remedies.join(' ') ||
    'Try smaller learning rates, rewards scaled to about 1 a step, or a maxGradientNorm.'
  )
}

function indexOfLargest(values: ArrayLike<number>): number {
  let largest = 0
  for (let i = 1; i < values.length; i++) {
    if (Math.abs(values[i]) > Math.abs(values[largest])) largest = i
  }
  return largest
}
