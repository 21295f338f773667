import type { NamedTensors } from '../encoding/safetensors.ts'
import { fromUnitAction, requireBounded } from '../env/action-scaling.ts'
import type { Vector } from '../env/env.ts'
import { requireVector } from '../env/require.ts'
import type { Spaces } from '../env/spaces.ts'
import { createRandom, type Random } from '../random.ts'
import { HEADS, type Head } from './head.ts'
import { type ActorLayer, actorLayers, flattenLayers } from './layers.ts'
import { type ActorNetwork, actorForward, squash } from './network.ts'
import { type Normalizer, normalize, normalizerIn } from './normalizer.ts'

/** How to act. */
export interface ActOptions {
  /** Take tanh(mu), the policy's centre, instead of a sample. Default false; a deterministic policy has nothing else. */
  deterministic?: boolean
}

/** Anything that acts: an agent, or a policy loaded from a file. */
export interface Policy {
  /**
   * The action for an observation, both in the environment's units. Synchronous.
   * @throws RangeError for an observation of another length, or with an element that is no number or not finite, and
   * for one so large that the network overflows
   */
  act(observation: Vector, options?: ActOptions): Float32Array
}

/** How the actor's network is built, as far as the spaces do not say it. */
export type PolicyNetwork = Omit<ActorNetwork, 'observationSize' | 'actionSize'>

/**
 * A policy around an actor's network.
 *
 * @param head what the network's output means
 * @param forward from an observation to that output
 * @param random draws the noise of actions that are not deterministic
 */
export function createPolicy(
  { observationSpace, actionSpace }: Spaces,
  head: Head,
  forward: (observation: Vector) => ArrayLike<number>,
  random: Random,
): Policy {
  const noise = new Float32Array(actionSpace.size)
  const { isSampled } = HEADS[head]
  return {
    act(observation, { deterministic = false } = {}) {
      requireVector('observation', observation, observationSpace.size)
      const output = forward(observation)
      const drawn = deterministic || !isSampled ? undefined : random.fillNormal(noise)
      const action = squash(output, new Float32Array(actionSpace.size), drawn)
      // Sums in the network may still overflow, to infinities of both signs.
      requireVector('action', action, actionSpace.size)
      return fromUnitAction(actionSpace, action, action)
    },
  }
}

/** What a policy is made of; an agent has all of it, and so has a policy's file. */
export interface PolicySource extends Spaces {
  /** Id of the environment it acts in, if it has one. */
  readonly environment?: string
  readonly network: PolicyNetwork
  /** At least those of the actor, and of the normaliser if there is one, by name. */
  parameters(): NamedTensors
}

/**
 * What a policy computes with: the layers of its actor and, if it normalises observations, their statistics.
 * @throws RangeError if a parameter is missing, has another shape than the network's or no place in it, or is not
 * finite, and for action bounds that are not
 */
export function policyParts(policy: PolicySource): {
  layers: ActorLayer[]
  normalizer: Normalizer | undefined
} {
  const { observationSpace, actionSpace, network } = policy
  requireBounded(actionSpace)
  const parameters = policy.parameters()
  const sizes = { observationSize: observationSpace.size, actionSize: actionSpace.size }
  return {
    layers: actorLayers(parameters, { ...network, ...sizes }),
    normalizer: normalizerIn(parameters, sizes.observationSize),
  }
}

/**
 * A policy that acts but does not learn: synchronous, and with no engine to load.
 *
 * @param parameters as `SAC.parameters()` gives them; only those of actor and normaliser are used
 * @param random draws the noise of actions that are not deterministic; by default a stream of seed 0
 * @throws RangeError if a parameter is missing, has another shape than the network's or no place in it, or is not
 * finite, and for action bounds that are not
 * @example
 * const policy = policyFromParameters(agent.parameters(), env, { hiddenSizes: [64, 64], activation: 'relu' })
 * const action = policy.act(observation, { deterministic: true })
 */
export function policyFromParameters(
  parameters: NamedTensors,
  spaces: Spaces,
  network: PolicyNetwork,
  random: Random = createRandom(0, 'exploration'),
): Policy {
  const [observationSize, actionSize] = [spaces.observationSpace.size, spaces.actionSpace.size]
  const { layers, normalizer } = policyParts({ ...spaces, network, parameters: () => parameters })
  const flat = flattenLayers(layers)
  const forward = actorForward({ ...network, observationSize, actionSize })
  const normalized = new Float32Array(observationSize)
  const output = normalizer
    ? (observation: Vector) => forward(flat, normalize(normalizer, observation, normalized))
    : (observation: Vector) => forward(flat, observation)
  return createPolicy(spaces, network.head ?? 'gaussian', output, random)
}
