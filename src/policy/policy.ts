import type { NamedTensors } from '../encoding/safetensors.ts'
import { fromUnitAction } from '../env/action-scaling.ts'
import { decisionSize, requireActionSpace } from '../env/action-space.ts'
import { actionAt, type Discrete } from '../env/discrete.ts'
import type { Vector } from '../env/env.ts'
import { requireVector } from '../env/require.ts'
import type { Box, Spaces } from '../env/spaces.ts'
import { createRandom, type Random } from '../random.ts'
import { choiceAt, HEADS, type Head, headFor, likeliest } from './head.ts'
import { type ActorLayer, actorLayers, flattenLayers } from './layers.ts'
import { type ActorNetwork, actorForward, squash } from './network.ts'
import { type Normalizer, normalize, normalizerIn } from './normalizer.ts'
import { noiseVariances } from './state-dependent.ts'

/** How to act. */
export interface ActOptions {
  /**
   * Take tanh(mu), the policy's centre, or the likeliest of discrete actions, instead of a sample. Default false; a
   * deterministic policy has nothing else.
   */
  deterministic?: boolean
}

/** Anything that acts: an agent, or a policy loaded from a file. */
export interface Policy {
  /**
   * The action for an observation, both in the environment's units; a discrete action is a vector of whole numbers.
   * Synchronous.
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
  const decide =
    actionSpace.kind === 'discrete' ? chooser(actionSpace, random) : squasher(actionSpace, head, random)
  return {
    act(observation, { deterministic = false } = {}) {
      requireVector('observation', observation, observationSpace.size)
      return decide(forward(observation), deterministic)
    },
  }
}

/** An action from the actor's output. */
type Decide = (output: ArrayLike<number>, deterministic: boolean) => Float32Array

function squasher(space: Box, head: Head, random: Random): Decide {
  const noise = new Float32Array(space.size)
  const { isSampled } = HEADS[head]
  return (output, deterministic) => {
    const drawn = deterministic || !isSampled ? undefined : random.fillNormal(noise)
    const action = squash(output, new Float32Array(space.size), drawn)
    // Sums in the network may still overflow, to infinities of both signs.
    requireVector('action', action, space.size)
    return fromUnitAction(space, action, action)
  }
}

const chooser =
  (space: Discrete, random: Random): Decide =>
  (logits, deterministic) => {
    requireVector("policy's logits", logits, space.n)
    const index = deterministic ? likeliest(logits) : choiceAt(logits, random.uniform())
    return actionAt(space, index, new Float32Array(space.size))
  }

/** What a policy is made of; an agent has all of it, and so has a policy's file. */
export interface PolicySource extends Spaces {
  /** Id of the environment it acts in, if it has one. */
  readonly environment?: string
  /** How its network is built. */
  readonly network: PolicyNetwork
  /** At least those of the actor, and of the normaliser if there is one, by name. */
  parameters(): NamedTensors
}

/**
 * What a policy computes with: what its output means, the layers of its actor, the variances of noise that depends on the
 * state and, if it normalises observations, their statistics.
 * @throws RangeError if a parameter is missing, has another shape than the network's or no place in it, or is not
 * finite, and for an action space that has no finite bounds or does not fit the network's head
 */
export function policyParts(policy: PolicySource): {
  head: Head
  layers: ActorLayer[]
  variances: Float32Array | undefined
  normalizer: Normalizer | undefined
} {
  const { observationSpace, actionSpace, network } = policy
  requireActionSpace(actionSpace)
  const head = headFor(actionSpace, network.head)
  const parameters = policy.parameters()
  const sizes = { observationSize: observationSpace.size, actionSize: decisionSize(actionSpace) }
  const actor = { ...network, ...sizes, head }
  return {
    head,
    layers: actorLayers(parameters, actor),
    variances: noiseVariances(parameters, actor),
    normalizer: normalizerIn(parameters, sizes.observationSize),
  }
}

/**
 * A policy that acts but does not learn: synchronous, and with no engine to load.
 *
 * @param parameters as `SAC.parameters()` gives them; only those of actor and normaliser are used
 * @param random draws the noise of actions that are not deterministic; by default a stream of seed 0
 * @throws RangeError if a parameter is missing, has another shape than the network's or no place in it, or is not
 * finite, and for an action space that has no finite bounds or does not fit the network's head
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
  const [observationSize, actionSize] = [spaces.observationSpace.size, decisionSize(spaces.actionSpace)]
  const { head, layers, variances, normalizer } = policyParts({
    ...spaces,
    network,
    parameters: () => parameters,
  })
  const flat = flattenLayers(layers, variances)
  const forward = actorForward({ ...network, observationSize, actionSize, head })
  const normalized = new Float32Array(observationSize)
  const output = normalizer
    ? (observation: Vector) => forward(flat, normalize(normalizer, observation, normalized))
    : (observation: Vector) => forward(flat, observation)
  return createPolicy(spaces, head, output, random)
}
