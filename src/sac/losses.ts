/** The losses of Soft Actor-Critic (Haarnoja et al. 2018, 1812.05905), named as its equations. Batches are [B, 1]. */
import { add, constant, mean, min, mul, neg, scale, square, stopGradient, sub } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'

export interface TargetTerms {
  reward: Tensor
  /** 1 where the task ended; a truncated episode counts 0, because its future goes on. */
  terminated: Tensor
  gamma: number
  /** The target critics at (s', a'), a' sampled from the present policy. */
  nextQ1: Tensor
  nextQ2: Tensor
  alpha: Tensor
  /** log pi(a' | s'). */
  nextLogProb: Tensor
}

/** y = r + gamma (1 - terminated) (min_i Qtarget_i(s', a') - alpha log pi(a' | s')), equation 3 inside equation 5. */
export function softTarget({
  reward,
  terminated,
  gamma,
  nextQ1,
  nextQ2,
  alpha,
  nextLogProb,
}: TargetTerms): Tensor {
  const softValue = sub(min(nextQ1, nextQ2), mul(alpha, nextLogProb))
  return add(reward, mul(scale(sub(constant(1), terminated), gamma), softValue))
}

/** J(Q) = mean (Q1 - y)^2 + mean (Q2 - y)^2, equation 5 for both critics, without its factor 1/2. */
export const criticLoss = (q1: Tensor, q2: Tensor, target: Tensor): Tensor =>
  add(mean(square(sub(q1, target))), mean(square(sub(q2, target))))

/** J(pi) = mean (alpha log pi(a | s) - min_i Q_i(s, a)), equation 9. */
export const actorLoss = (alpha: Tensor, logProb: Tensor, q1: Tensor, q2: Tensor): Tensor =>
  mean(sub(mul(alpha, logProb), min(q1, q2)))

/** J(alpha) = -log alpha (mean log pi + target entropy), equation 18 on the logarithm; log pi is not differentiated. */
export const temperatureLoss = (logAlpha: Tensor, logProb: Tensor, targetEntropy: number): Tensor =>
  neg(mul(logAlpha, stopGradient(add(mean(logProb), constant(targetEntropy)))))
