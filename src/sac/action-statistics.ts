/** A policy that saturates, or has lost its spread, no longer explores. */
export interface ActionStatistics {
  /** Mean of all actions that the policy sampled for the batch, in the normalised action space [-1, 1]. */
  actionMean: number
  /** Their standard deviation over the batch, of each dimension about its own mean: root of the mean variance. */
  actionSpread: number
  /** Share of them, from 0 to 1, within 0.01 of a bound. */
  actionSaturation: number
}

const SATURATED = 0.99

/** Summarises actions [rows, size], row-major, each number within [-1, 1]. */
export function actionStatistics(actions: ArrayLike<number>, size: number): ActionStatistics {
  const rows = actions.length / size
  let total = 0
  let variance = 0
  let saturated = 0
  for (let dimension = 0; dimension < size; dimension++) {
    let sum = 0
    let squares = 0
    for (let i = dimension; i < actions.length; i += size) {
      const action = actions[i]
      sum += action
      squares += action * action
      if (action > SATURATED || action < -SATURATED) saturated++
    }
    total += sum
    // Numbers within [-1, 1] in float64 lose nothing that matters here, except that zero may come out below zero.
    variance += Math.max(0, squares / rows - (sum / rows) ** 2)
  }
  return {
    actionMean: total / actions.length,
    actionSpread: Math.sqrt(variance / size),
    actionSaturation: saturated / actions.length,
  }
}
