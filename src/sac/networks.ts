import { concat } from '../graph/operations.ts'
import type { Tensor } from '../graph/tensor.ts'
import { type Activation, mlp, mlpParameters } from '../nn/mlp.ts'
import { layoutOf, type ParameterLayout } from '../nn/parameters.ts'

/** The sizes that every network follows from. */
export interface NetworkSizes {
  observationSize: number
  actionSize: number
  hiddenSizes: readonly number[]
  activation: Activation
}

/** The actor's parameters: observation -> hidden layers -> mu and log sigma of each action. */
export const actorLayout = ({ observationSize, actionSize, hiddenSizes }: NetworkSizes): ParameterLayout =>
  layoutOf(mlpParameters('actor', [observationSize, ...hiddenSizes, 2 * actionSize]))

/** Both critics' parameters in one vector: (observation, action) -> hidden layers -> Q. */
export function criticsLayout({ observationSize, actionSize, hiddenSizes }: NetworkSizes): ParameterLayout {
  const sizes = [observationSize + actionSize, ...hiddenSizes, 1]
  return layoutOf([...mlpParameters('critic1', sizes), ...mlpParameters('critic2', sizes)])
}

/** Q1(s, a) and Q2(s, a), each [B, 1], from both critics' parameters as `criticsLayout` orders them. */
export function twinCritics(
  parameters: readonly Tensor[],
  observation: Tensor,
  action: Tensor,
  activation: Activation,
): [q1: Tensor, q2: Tensor] {
  const x = concat([observation, action], 1)
  const half = parameters.length / 2
  return [mlp(parameters.slice(0, half), x, activation), mlp(parameters.slice(half), x, activation)]
}
