/** What Ant and Humanoid share: a body free in space, and a reward for moving along x, staying healthy and calm. */
import type { Vector } from '../../env/env.ts'
import type { Outcome } from './environment.ts'
import type { HealthOptions, LocomotionOptions } from './options.ts'
import type { Simulation } from './simulation.ts'
import { sumOfSquares } from './terms.ts'

/** What a step led to; velocities in m/s. */
export interface WalkedStep {
  xVelocity: number
  yVelocity: number
  healthy: boolean
  /** What the contact forces cost. */
  contactCost: number
}

/** What the step was worth. */
export function walkOutcome(
  { qpos }: Simulation,
  action: Vector,
  options: Required<LocomotionOptions & HealthOptions>,
  { xVelocity, yVelocity, healthy, contactCost }: WalkedStep,
): Outcome {
  const rewardForward = options.forwardRewardWeight * xVelocity
  const rewardSurvive = healthy ? options.healthyReward : 0
  const rewardCtrl = -options.ctrlCostWeight * sumOfSquares(action)
  const rewardContact = -contactCost
  return {
    reward: rewardForward + rewardSurvive + rewardCtrl + rewardContact,
    terminated: !healthy && options.terminateWhenUnhealthy,
    info: {
      xPosition: qpos[0],
      yPosition: qpos[1],
      distanceFromOrigin: Math.sqrt(qpos[0] ** 2 + qpos[1] ** 2),
      xVelocity,
      yVelocity,
      rewardForward,
      rewardCtrl,
      rewardContact,
      rewardSurvive,
    },
  }
}
