import { add, constant, neg, scale, slice, softplus, square, sum, tanh } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { tensors } from '../nn/arithmetic.ts'
import { gaussianSample, logSigma } from '../policy/head.ts'

const LOG_2 = 0.6931471805599453
const LOG_2_PI = 1.8378770664093453

export interface SquashedSample {
  /** a = tanh(mu + sigma xi), [rows, actions], within (-1, 1). */
  action: Tensor
  /** log pi(a | s), [rows, 1]: the exact density of a, tanh accounted for. */
  logProb: Tensor
}

/**
 * Sample of the squashed Gaussian policy by reparameterisation (Haarnoja et al. 2018, appendix C).
 *
 * log pi = sum_j [ -xi_j^2 / 2 - log sigma_j - log(2 pi) / 2 - log(1 - tanh(u_j)^2) ], where the last term is written
 * 2 (log 2 - u - softplus(-2u)): exact and finite for every u, where 1 - tanh^2 rounds to zero.
 *
 * @param actorOutput [rows, 2 actions]: mu in the first columns, log sigma in the last
 * @param noise xi, standard normal, [rows, actions]
 */
export function squashedGaussian(actorOutput: Tensor, noise: Tensor): SquashedSample {
  const [, actions] = noise.shape
  const mu = slice(actorOutput, 1, 0, actions)
  const logSigmas = logSigma(tensors, slice(actorOutput, 1, actions, 2 * actions))
  const u = gaussianSample(tensors, mu, logSigmas, noise)
  const gaussian = neg(add(scale(square(noise), 0.5), logSigmas))
  const squash = scale(add(u, softplus(scale(u, -2))), 2)
  const constants = constant(-LOG_2_PI / 2 - 2 * LOG_2)
  return { action: tanh(u), logProb: sum(add(add(gaussian, squash), constants), 1) }
}
