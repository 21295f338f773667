import { add, clamp, concat, constant, exp, log, matmul, scale, square } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { LEAST_VARIANCE, MEAN_LIMIT } from '../policy/state-dependent.ts'

/**
 * mu and log sigma, [rows, 2 actions], of a policy whose noise depends on the state (Raffin et al. 2020, 2005.05719):
 * sigma_j^2 = sum_h phi_h^2 exp(2 logStd_hj) + 1e-6. Gradients also pass through the features, as in Stable-Baselines3.
 *
 * @param mean of the last layer, [rows, actions]
 * @param features phi, outputs of the last hidden layer, [rows, features]
 * @param logStd [features, actions]
 */
export function stateDependentGaussian(mean: Tensor, features: Tensor, logStd: Tensor): Tensor {
  const variance = matmul(square(features), exp(scale(logStd, 2)))
  const logSigma = scale(log(add(variance, constant(LEAST_VARIANCE))), 0.5)
  return concat([clamp(mean, -MEAN_LIMIT, MEAN_LIMIT), logSigma], 1)
}
