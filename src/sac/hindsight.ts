import { whenThere } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import { faultOfGoals, rewardsOf } from '../env/goals.ts'
import type { Spaces } from '../env/spaces.ts'
import { OptionError } from '../options.ts'
import type { HindsightOptions } from '../replay/future-goals.ts'
import type { SacOptions } from './options.ts'

/** What an agent is made for. */
export type AgentSpaces = Spaces & Pick<Env, 'goals'>

/**
 * How a replay buffer gives transitions other goals; undefined without hindsight.
 * @throws OptionError if the environment has no goals, or its description of them is of no use
 */
export function hindsightOf(
  { hindsight, hindsightGoals, rewardScale }: SacOptions,
  spaces: AgentSpaces,
): HindsightOptions | undefined {
  if (hindsight === 'none') return undefined
  const { goals, id = 'the environment' } = spaces
  const fault = goals ? faultOfGoals(spaces) : undefined
  if (!goals || fault) {
    throw new OptionError(
      `Option hindsight is "${hindsight}"; ` +
        (fault
          ? `the goals of ${id} cannot be used: ${fault}.`
          : `${id} has no goals (Env.goals), so it must be "none". Stacked frames have none either.`),
    )
  }
  return {
    goalSize: goals.size,
    goals: hindsightGoals,
    computeRewards: (achieved, desired, count) =>
      whenThere(rewardsOf(goals, achieved, desired, count), rewards =>
        rewardScale === 1 ? rewards : Float64Array.from(rewards, reward => reward * rewardScale),
      ),
  }
}
