import { codeSize, encodeAction } from '../env/action-space.ts'
import type { Vector } from '../env/env.ts'
import type { Spaces } from '../env/spaces.ts'
import type { Policy } from '../policy/policy.ts'
import { loadPolicy } from '../policy/policy-file.ts'
import { createRandom } from '../random.ts'
import { createExplorer } from '../sac/explorer.ts'
import { progressAt } from '../sac/schedule.ts'
import type { RunDescription, Weights } from './board.ts'

/** Who chooses the actions and the beginnings of episodes of an actor. */
export interface RunExplorer {
  /** The action to take next. */
  explore(observation: Vector, weights: Weights): Float32Array
  /** Says that another episode begins. */
  endEpisode(): void
  /** 32 random bits. */
  environmentSeed(): number
}

/** Explores as the agent of the run does, by the newest policy that it sent, with random numbers of its own. */
export function createRunExplorer({ options }: RunDescription, spaces: Spaces, seed: number): RunExplorer {
  const exploration = createRandom(seed, 'exploration')
  const environment = createRandom(seed, 'environment')
  let loaded: { weights: Weights; policy: Policy } | undefined
  let newest: Float32Array | undefined
  let steps = 0
  const policy: Policy = { act: (observation, how) => loaded!.policy.act(observation, how) }
  const { observationSpace, actionSpace } = spaces
  const one = { ...options, envs: 1 }
  const held = { newestAction: () => newest }
  const explorer = createExplorer(
    one,
    { observationSpace, actionSpace },
    policy,
    held,
    exploration,
    undefined,
  )

  return {
    explore(observation, weights) {
      if (loaded?.weights !== weights) {
        loaded = { weights, policy: loadPolicy(weights.policy, { seed: exploration.uint32() }) }
      }
      const progress = progressAt(weights.steps, options)
      const action =
        weights.steps < weights.learningFrom
          ? explorer.random(observation, 0, steps)
          : explorer.byPolicy(observation, 0, progress)
      newest = encodeAction(actionSpace, action, new Float32Array(codeSize(actionSpace)))
      steps++
      return action
    },
    endEpisode: () => explorer.noise?.reset(0),
    environmentSeed: () => environment.uint32(),
  }
}
