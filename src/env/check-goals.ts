import type { Report } from './check-env.ts'
import type { Goals, Vector } from './env.ts'
import { goalsIn, rewardsOf } from './goals.ts'
import { describe } from './require.ts'

/** Steps whose rewards are also computed one by one. */
const ONE_BY_ONE = 100
/** Largest difference, relative to 1 + the reward: goals are kept in float32. */
const TOLERANCE = 1e-4

/** A step of a run. */
export interface GoalStep {
  observation: Vector
  reward: number
}

/**
 * Reports rewards that `computeReward` or `computeRewards` gives other than `step`, or the one other than the other.
 * @param steps of a run, in their order
 */
export async function checkGoals(goals: Goals, steps: readonly GoalStep[], report: Report): Promise<void> {
  const pairs = steps.map(({ observation }) => goalsIn(observation, goals.size))
  const single: Goals = { size: goals.size, computeReward: (...pair) => goals.computeReward(...pair) }
  const ways = [
    { name: 'computeReward', by: single, count: Math.min(steps.length, ONE_BY_ONE) },
    ...(goals.computeRewards ? [{ name: 'computeRewards', by: goals, count: steps.length }] : []),
  ]
  const compute = async (by: Goals, count: number, shift: number) => {
    const joined = (part: 'achieved' | 'desired', by: number) =>
      Float32Array.from(pairs.slice(0, count).flatMap((_, i) => [...pairs[(i + by) % count][part]]))
    return rewardsOf(by, joined('achieved', 0), joined('desired', shift), count)
  }
  try {
    for (const { name, by, count } of ways) {
      const rewards = await compute(by, count, 0)
      const wrong = steps.findIndex(({ reward }, i) => i < count && differ(rewards[i], reward))
      if (wrong === -1) continue
      const { achieved, desired } = pairs[wrong]
      report(
        'goal rewards',
        'error',
        `step() number ${wrong + 1} returned reward ${steps[wrong].reward}, but goals.${name} gives ${rewards[wrong]} for ` +
          `the achieved goal [${achieved}] and the desired goal [${desired}] in its observation`,
        'let step() compute its reward by goals.computeReward, from the goals in the observation that it returns and ' +
          'nothing else; an observation ends in the achieved goal and then the desired one',
      )
      return
    }
    if (ways.length < 2) return
    // Goals of other steps, as with hindsight; far away, because a goal often stays for an episode.
    const count = ways[0].count
    const shift = count >> 1
    const [one, many] = [await compute(single, count, shift), await compute(goals, count, shift)]
    const wrong = Array.from({ length: count }, (_, i) => i).findIndex(i => differ(many[i], one[i]))
    if (wrong === -1) return
    report(
      'goal rewards',
      'error',
      `goals.computeRewards gives ${many[wrong]} where goals.computeReward gives ${one[wrong]}, for the achieved goal ` +
        `[${pairs[wrong].achieved}] and the desired goal [${pairs[(wrong + shift) % count].desired}]`,
      'let computeRewards return what computeReward returns for each pair, or leave it out',
    )
  } catch (error) {
    report(
      'goal rewards',
      'error',
      describe(error),
      'let computeReward return a finite number for any two goals, and computeRewards as many as there are pairs',
    )
  }
}

// Written so that NaN differs.
const differ = (a: number, b: number) => !(Math.abs(a - b) <= TOLERANCE * (1 + Math.abs(b)))
