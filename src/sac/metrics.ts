import type { ActionStatistics } from './action-statistics.ts'
import { type DivergedBatch, remedyFor } from './divergence.ts'

/**
 * What one gradient update reports; means are over the batch. Where the actor is skipped (`policyDelay`), what its step
 * reports is missing; so is what a member of the family does not have.
 */
export interface UpdateMetrics extends Partial<ActionStatistics> {
  /** J(Q) summed over all critics, before they moved: mean (Q - y)^2 each, or the quantile loss. */
  criticLoss: number
  /** Mean of the first critic. */
  q1: number
  /** Mean of the second critic, if there is one. */
  q2?: number
  /** Mean of the target y. */
  target: number
  /** Length of the critics' gradient, before clipping. */
  criticsGradientNorm: number
  /** The critics' learning rate in this update, according to its schedule. */
  learningRate: number
  /** Standard deviation of the exploration noise at this update, according to its schedule, for members that have it. */
  explorationNoise?: number
  /** How far rows drawn by priority were weighted in this update, according to its schedule. */
  priorityBeta?: number
  /** Temperature alpha used in this update, if entropy counts. */
  temperature?: number
  /** J(pi): mean (alpha log pi - Q), or mean (-Q) of a deterministic policy. */
  actorLoss?: number
  /** Mean of log pi, the logarithm of the sampled actions' density in the normalised action space. */
  logProb?: number
  /** Its negative: the policy's entropy there. */
  entropy?: number
  /** -log alpha (mean log pi + target entropy); missing if the temperature does not tune itself. */
  temperatureLoss?: number
  /** Length of the actor's gradient, before clipping. */
  actorGradientNorm?: number
}

/** A number that should be finite is not: training has diverged. Parameters and optimisers are as before the update. */
export class DivergenceError extends Error {
  override name = 'DivergenceError'
}

/**
 * @param batch what the update learned from
 * @throws DivergenceError naming the first quantity that is not finite, and what helps
 */
export function requireFinite(metrics: UpdateMetrics, update: number, batch: DivergedBatch): void {
  // On every update: a list of the entries would take as long as all of their sums.
  for (const name in metrics) {
    const value = metrics[name as keyof UpdateMetrics]
    if (Number.isFinite(value)) continue
    throw new DivergenceError(
      `Update ${update} diverged: ${name} is ${value}. The update was not applied. ${remedyFor(batch)}`,
    )
  }
}
