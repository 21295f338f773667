/** What one gradient update reports: means over the batch, in the order the step computes them. */
export interface UpdateMetrics {
  /** mean (Q1 - y)^2 + mean (Q2 - y)^2, before the critics moved. */
  criticLoss: number
  /** Mean of the first critic over the batch. */
  q1: number
  /** Mean of the second critic over the batch. */
  q2: number
  /** Mean of the target y. */
  target: number
  /** mean (alpha log pi - min(Q1, Q2)); `undefined` on updates where the actor rests (`policyDelay`). */
  actorLoss?: number
  /** Mean of -log pi: the policy's entropy in the normalised action space; `undefined` where the actor rests. */
  entropy?: number
  /** Temperature alpha used in this update. */
  temperature: number
}
