/** Goals of environments: what they are made of, and rewards for goals that were not the desired ones at the time. */
import { isPromise, whenThere } from './awaitable.ts'
import type { Awaitable, Env, Goals, Vector } from './env.ts'
import { EnvironmentError } from './environment-error.ts'
import { describe, requireVector } from './require.ts'

/** What is wrong with the goals that an environment describes, if anything is. */
export function faultOfGoals({
  goals,
  observationSpace,
}: Pick<Env, 'goals' | 'observationSpace'>): string | undefined {
  if (goals === undefined) return undefined
  const { size, computeReward, computeRewards } = goals ?? {}
  if (!(Number.isInteger(size) && size >= 1)) {
    return `goals.size is ${describe(size)}; it must be a positive whole number`
  }
  if (2 * size > observationSpace.size) {
    return (
      `goals have ${size} numbers, and an observation ${observationSpace.size}: it must end in an achieved and a desired ` +
      `goal, ${2 * size} numbers`
    )
  }
  if (typeof computeReward !== 'function') return 'goals has no function computeReward()'
  if (computeRewards !== undefined && typeof computeRewards !== 'function') {
    return `goals.computeRewards is ${describe(computeRewards)}; it must be a function, or left out`
  }
  return undefined
}

/** The goals that an observation [observationSize] ends in, each [size]. */
export function goalsIn(
  observation: Vector,
  size: number,
): { achieved: Float32Array; desired: Float32Array } {
  const start = observation.length - 2 * size
  const from = (offset: number) =>
    Float32Array.from({ length: size }, (_, i) => observation[start + offset + i])
  return { achieved: from(0), desired: from(size) }
}

/**
 * Rewards [count] for `achieved` [count, size] where `desired` [count, size] was the goal: at once if the environment
 * answers at once.
 * @throws EnvironmentError if it throws, or answers with something else than as many finite numbers
 */
export function rewardsOf(
  goals: Goals,
  achieved: Float32Array,
  desired: Float32Array,
  count: number,
): Awaitable<Vector> {
  const name = goals.computeRewards ? 'computeRewards' : 'computeReward'
  const explain = (error: unknown) =>
    new EnvironmentError(
      `The environment failed in goals.${name}: ${error instanceof Error ? error.message : String(error)}. ` +
        'checkEnv(env) finds most such faults.',
      { cause: error },
    )
  const check = (rewards: Vector) => {
    requireVector('result', rewards, count)
    return rewards
  }
  try {
    const answer =
      goals.computeRewards?.(achieved, desired, count) ?? oneByOne(goals, achieved, desired, count)
    if (!isPromise(answer)) return check(answer)
    return answer.then(check).catch(error => {
      throw explain(error)
    })
  } catch (error) {
    throw explain(error)
  }
}

function oneByOne(
  goals: Goals,
  achieved: Float32Array,
  desired: Float32Array,
  count: number,
): Awaitable<number[]> {
  const part = (vectors: Float32Array, i: number) => vectors.subarray(i * goals.size, (i + 1) * goals.size)
  const rewards = Array.from({ length: count }, (_, i) =>
    goals.computeReward(part(achieved, i), part(desired, i)),
  )
  return rewards.some(isPromise) ? Promise.all(rewards) : (rewards as number[])
}

/** Goals of an environment elsewhere, which computes rewards of one pair as those of many. */
export const goalsInBatches = (
  size: number,
  computeRewards: NonNullable<Goals['computeRewards']>,
): Goals => ({
  size,
  computeReward: (achieved, desired) =>
    whenThere(
      computeRewards(Float32Array.from(achieved), Float32Array.from(desired), 1),
      rewards => rewards[0],
    ),
  computeRewards,
})

/** The same goals with rewards changed by a function of one. */
export function changeRewards(goals: Goals, change: (reward: number) => number): Goals {
  const { size, computeReward, computeRewards } = goals
  return {
    size,
    computeReward: (achieved, desired) => whenThere(computeReward.call(goals, achieved, desired), change),
    ...(computeRewards && {
      computeRewards: (achieved, desired, count) =>
        whenThere(computeRewards.call(goals, achieved, desired, count), rewards =>
          Array.from(rewards, change),
        ),
    }),
  }
}
