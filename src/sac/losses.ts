/** The equations of Soft Actor-Critic and its family, under their names. Batches are [B, 1] unless stated otherwise. */
import {
  add,
  clamp,
  concat,
  constant,
  div,
  isAtMost,
  isPositive,
  mean,
  min,
  mul,
  neg,
  reshape,
  scale,
  square,
  stopGradient,
  sub,
  sum,
} from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'

/** min_i Q_i. */
export const smallest = (q: readonly Tensor[]): Tensor => q.reduce(min)

/** The mean of all critics. */
export const average = (q: readonly Tensor[]): Tensor => scale(q.reduce(add), 1 / q.length)

/** Q - alpha log pi: the value of a state, entropy included (Haarnoja et al. 2018, 1812.05905, equation 3). */
export const softValue = (q: Tensor, alpha: Tensor, logProb: Tensor): Tensor => sub(q, mul(alpha, logProb))

/**
 * y = r + discount V(s'), where discount is gamma^k (1 - terminated): 0 where the task ended within the k steps, but not
 * in a truncated episode, because its future continues.
 */
export const bootstrapTarget = (reward: Tensor, discount: Tensor, nextValue: Tensor): Tensor =>
  stopGradient(add(reward, mul(discount, nextValue)))

/**
 * J(Q) = sum_i mean w (Q_i - y)^2, equation 5 for all critics, without its factor 1/2; w is 1 unless rows were drawn by
 * priority.
 */
export const squaredErrors = (q: readonly Tensor[], y: Tensor, w?: Tensor): Tensor =>
  q.map(qi => mean(weighted(square(sub(qi, y)), w))).reduce(add)

/** Rows by their weights [B, 1], if there are any. */
export const weighted = (x: Tensor, w?: Tensor): Tensor => (w ? mul(x, w) : x)

/** |delta| of each row, [B, 1]: how far the critics are from the target, their mean. */
export const distances = (q: readonly Tensor[], y: Tensor): Tensor =>
  average(q.map(qi => distance(sub(qi, y))))

/** J(pi) = mean (alpha log pi(a | s) - Q(s, a)), equation 9. */
export const softActorLoss = (q: Tensor, alpha: Tensor, logProb: Tensor): Tensor =>
  mean(sub(mul(alpha, logProb), q))

/** J(pi) = -mean Q(s, pi(s)), the deterministic policy gradient (Silver et al. 2014). */
export const deterministicActorLoss = (q: Tensor): Tensor => mean(neg(q))

/**
 * mean d |centre of pi(s) - a|^2, where d [B, 1] is 1 for rows that are demonstrations and 0 for others (behaviour cloning
 * beside learning: Nair et al. 2018, 1709.10089), times the mean of |V|, which is not differentiated: in proportion to what
 * else the actor learns from, whatever rewards are in (TD3+BC: Fujimoto and Gu 2021, 2106.06860).
 * @param value what the actor maximises, [B, 1]
 */
export const imitationLoss = (centre: Tensor, action: Tensor, d: Tensor, value: Tensor): Tensor =>
  mul(mean(mul(sum(square(sub(centre, action)), 1), d)), stopGradient(mean(distance(value))))

/**
 * J(alpha) = -log alpha (mean log pi + target entropy), equation 18 on the logarithm; log pi is not differentiated.
 * @param targetEntropy [1, 1]
 */
export const temperatureLoss = (logAlpha: Tensor, logProb: Tensor, targetEntropy: Tensor): Tensor =>
  neg(mul(logAlpha, stopGradient(add(mean(logProb), targetEntropy))))

/** a' = clip(a + clip(sigma xi, -c, c), -1, 1): smoothing of the target policy (Fujimoto et al. 2018, 1802.09477). */
export const smoothed = (action: Tensor, xi: Tensor, sigma: number, c: number): Tensor =>
  clamp(add(action, clamp(scale(xi, sigma), -c, c)), -1, 1)

/**
 * J(Z) = sum_i mean |tau_k - [u < 0]| huber(u), u = y_j - Z_ik, tau_k = (2k + 1) / 2K: quantile regression of each critic
 * on the lowest targets (Kuznetsov et al. 2020, 2005.04269, equation 8, without the factor 1 / number of critics).
 *
 * @param z each critic's atoms, [B, K]
 * @param y targets from all atoms, [B, n]
 * @param kept how many of them, the lowest of each row, count
 * @param share how much each of them counts, [B, n]
 */
export function quantileErrors(
  z: readonly Tensor[],
  y: Tensor,
  kept: number,
  share: Tensor = lowest(y, kept),
): Tensor {
  const [B] = y.shape
  const K = z[0].shape[1]
  // Every atom meets every target of its row: B K rows of n pairs.
  const targets = repeatRows(y, K)
  const weights = repeatRows(share, K)
  const fractions = Array.from({ length: K }, (_, k) => constant((k + 0.5) / K, [B, 1]))
  const tau = reshape(concat(fractions, 1), [B * K, 1])
  const errorsOf = (atoms: Tensor): Tensor => {
    const u = sub(targets, reshape(atoms, [B * K, 1]))
    const above = isPositive(u)
    // |tau - [u < 0]| is tau where u is positive, and 1 - tau where it is negative.
    const slope = add(sub(constant(1), tau), mul(above, sub(scale(tau, 2), constant(1))))
    return scale(sum(mul(mul(weights, slope), huber(u))), 1 / (B * K * kept))
  }
  return z.map(errorsOf).reduce(add)
}

/** u^2 / 2 within [-1, 1], |u| - 1/2 beyond. */
function huber(u: Tensor): Tensor {
  const far = distance(u)
  const near = min(far, constant(1))
  return mul(near, sub(far, scale(near, 0.5)))
}

/** |u|. */
const distance = (u: Tensor): Tensor => neg(min(u, neg(u)))

/** [B, n] -> [B k, n]: each row k times. */
const repeatRows = (x: Tensor, k: number): Tensor =>
  reshape(concat(Array<Tensor>(k).fill(x), 1), [x.shape[0] * k, x.shape[1]])

/**
 * Weights [B, n] of the `count` lowest numbers of each row: 1 for these, 0 for the others. Equal numbers across the
 * border share what remains, which is the same to any sum over them.
 */
export function lowest(y: Tensor, count: number): Tensor {
  const [B, n] = y.shape
  const own = reshape(y, [B * n, 1])
  const others = repeatRows(y, n)
  const atMost = sum(isAtMost(others, own), 1)
  const atLeast = sum(isAtMost(own, others), 1)
  const below = sub(constant(n), atLeast)
  const equal = sub(atMost, below)
  return stopGradient(reshape(clamp(div(sub(constant(count), below), equal), 0, 1), [B, n]))
}
