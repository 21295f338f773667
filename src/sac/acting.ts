import type { Vector } from '../env/env.ts'
import { HEADS } from '../policy/head.ts'
import { actorLayers, flattenLayers } from '../policy/layers.ts'
import { actorForward } from '../policy/network.ts'
import { normalize } from '../policy/normalizer.ts'
import { noiseVariances } from '../policy/state-dependent.ts'
import type { Learner } from './learner.ts'
import { exportParameters } from './parameters.ts'
import type { RunningStatistics } from './running-statistics.ts'
import { algorithmOf } from './update.ts'

/** Far from where sums over a layer's inputs overflow float32, and far beyond any real observation. */
const LARGE = 2 ** 64

/**
 * From an observation to the actor's output as the engine computes it in float32. For an observation
 * so large that float32 may overflow on the way it is computed in float64, as exported policies do for all of them:
 * so both give the same action.
 */
export function actingForward(
  learner: Learner,
  statistics: RunningStatistics | undefined,
): (observation: Vector) => ArrayLike<number> {
  const { config } = learner
  const network = { ...config, head: algorithmOf(config).actor.head }
  const exact = actorForward(network)
  const isAsItIs = !config.batchRenorm && !HEADS[network.head].isStateDependent
  const weights = () => (isAsItIs ? learner.program.state('actor') : folded())
  const folded = () => {
    const parameters = exportParameters({ learner, statistics: undefined })
    return flattenLayers(actorLayers(parameters, network), noiseVariances(parameters, network))
  }
  const normalized = new Float32Array(learner.config.observationSize)
  return observation => {
    const input = statistics
      ? normalize(statistics.normalizer, statistics.centre(observation, normalized), normalized)
      : observation
    if (isWithin(LARGE, input)) {
      const output = learner.forward(input)
      if (isWithin(Number.MAX_VALUE, output)) return output
    }
    return exact(weights(), input)
  }
}

function isWithin(limit: number, vector: ArrayLike<number>): boolean {
  // Written so that NaN fails.
  for (let i = 0; i < vector.length; i++) if (!(Math.abs(vector[i]) <= limit)) return false
  return true
}
