import type { Goals, StepResult, Vector } from '../../env/env.ts'
import { goalsIn } from '../../env/goals.ts'
import { requireNumber } from '../../env/require.ts'

/** What the environments with goals take. */
export interface SparseGoalOptions {
  /** Distance in m from its goal within which something counts as there; above 0. */
  tolerance?: number
}

/**
 * Goals that are points of `size` coordinates in m: the reward is 0 within `tolerance` of one, and -1 elsewhere.
 * @throws RangeError if the tolerance is not a finite number above 0
 */
export function sparseGoals(size: number, tolerance: number): Goals {
  requireNumber('tolerance', tolerance)
  if (!(tolerance > 0)) throw new RangeError(`tolerance is ${tolerance}: it must be a number above 0`)
  return { size, computeReward: (achieved, desired) => (isWithin(achieved, desired, tolerance) ? 0 : -1) }
}

/** What a step returns that ends with an observation: episodes go on also where the goal is reached. */
export function goalStep(goals: Goals, observation: Float32Array): StepResult {
  // Of the numbers that are observed, rounded to float32: computeReward knows no others.
  const { achieved, desired } = goalsIn(observation, goals.size)
  const reward = goals.computeReward(achieved, desired) as number
  return {
    observation,
    reward,
    terminated: false,
    truncated: false,
    info: { is_success: reward === 0 },
  }
}

function isWithin(a: Vector, b: Vector, distance: number): boolean {
  let squares = 0
  for (let i = 0; i < a.length; i++) squares += (a[i] - b[i]) ** 2
  return squares <= distance * distance
}
