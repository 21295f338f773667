import type { NamedTensors } from '../encoding/safetensors.ts'
import { fromUnitAction } from '../env/action-scaling.ts'
import type { Vector } from '../env/env.ts'
import type { Spaces } from '../env/spaces.ts'
import { requireVector } from '../env/vector.ts'
import { createRandom, type Random } from '../random.ts'
import { type ActorNetwork, actorForward, squash } from './network.ts'

/** How to act. */
export interface ActOptions {
  /** Take tanh(mu), the policy's centre, instead of a sample. Default false. */
  deterministic?: boolean
}

/** Anything that acts: an agent, or a policy loaded from a file. */
export interface Policy {
  /**
   * The action for an observation, both in the environment's units. Synchronous.
   * @throws RangeError for an observation of another length, or with an element that is not finite
   */
  act(observation: Vector, options?: ActOptions): Float32Array
}

/** How the actor's network is built, as far as the spaces do not say it. */
export type PolicyNetwork = Pick<ActorNetwork, 'hiddenSizes' | 'activation'>

/**
 * A policy around an actor's network.
 *
 * @param forward from an observation to mu and log sigma of each action
 * @param random draws the noise of actions that are not deterministic
 */
export function createPolicy(
  { observationSpace, actionSpace }: Spaces,
  forward: (observation: Vector) => ArrayLike<number>,
  random: Random,
): Policy {
  const noise = new Float32Array(actionSpace.size)
  return {
    act(observation, { deterministic = false } = {}) {
      requireVector('observation', observation, observationSpace.size)
      const output = forward(observation)
      const drawn = deterministic ? undefined : random.fillNormal(noise)
      const action = squash(output, new Float32Array(actionSpace.size), drawn)
      return fromUnitAction(actionSpace, action, action)
    },
  }
}

/**
 * A policy that acts but does not learn: synchronous, and with no engine to load.
 *
 * @param parameters as `SAC.parameters()` gives them; only those of the actor are used
 * @param random draws the noise of actions that are not deterministic; by default a stream of seed 0
 * @throws RangeError if a parameter is missing, or has another shape than the network's or no place in it
 * @example
 * const { tensors } = decodeSafetensors(bytes)
 * const policy = loadPolicy(tensors, env, { hiddenSizes: [64, 64], activation: 'relu' })
 * const action = policy.act(observation, { deterministic: true })
 */
export function loadPolicy(
  parameters: NamedTensors,
  spaces: Spaces,
  network: PolicyNetwork,
  random: Random = createRandom(0, 'exploration'),
): Policy {
  const [observationSize, actionSize] = [spaces.observationSpace.size, spaces.actionSpace.size]
  const flat = flattenActor(parameters, [observationSize, ...network.hiddenSizes, 2 * actionSize])
  const forward = actorForward({ ...network, observationSize, actionSize })
  return createPolicy(spaces, observation => forward(flat, observation), random)
}

/** The actor's parameters one after another, in the order `actorForward` reads them. */
function flattenActor(parameters: NamedTensors, sizes: readonly number[]): Float32Array {
  const slots = sizes.slice(1).flatMap((outputs, layer) => [
    { name: `actor.kernel${layer}`, shape: [sizes[layer], outputs] },
    { name: `actor.bias${layer}`, shape: [1, outputs] },
  ])
  const parts = slots.map(({ name, shape }) => {
    const given = Object.hasOwn(parameters, name) ? parameters[name] : undefined
    if (given?.shape.join() === shape.join()) return given.data
    const found = given ? `is [${given.shape}]` : 'is missing'
    throw new RangeError(`Parameter ${name} ${found}; this policy's is [${shape}].`)
  })
  // A network with more layers may have others of fitting shapes.
  const known = slots.map(({ name }) => name)
  const surplus = Object.keys(parameters).find(name => name.startsWith('actor.') && !known.includes(name))
  if (surplus) throw new RangeError(`Parameter ${surplus} belongs to no layer of this policy.`)

  const flat = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let offset = 0
  for (const part of parts) {
    flat.set(part, offset)
    offset += part.length
  }
  return flat
}
