import { fromUnitAction } from '../env/action-scaling.ts'
import type { Vector } from '../env/env.ts'
import { createRandom, type Random } from '../random.ts'
import type { Spaces } from '../sac/agent.ts'
import type { NamedParameters } from '../sac/parameters.ts'
import type { Policy } from '../training/evaluate.ts'
import { type ActorNetwork, actorForward, squash } from './network.ts'

/** How the actor's network is built, as far as the spaces do not say it. */
export type PolicyNetwork = Pick<ActorNetwork, 'hiddenSizes' | 'activation'>

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
  parameters: NamedParameters,
  { observationSpace, actionSpace }: Spaces,
  network: PolicyNetwork,
  random: Random = createRandom(0, 'exploration'),
): Policy {
  const observationSize = observationSpace.size
  const actionSize = actionSpace.size
  const forward = actorForward({ ...network, observationSize, actionSize })
  const flat = flattenActor(parameters, [observationSize, ...network.hiddenSizes, 2 * actionSize])
  const noise = new Float32Array(actionSize)

  return {
    act(observation: Vector, { deterministic = false } = {}) {
      requireObservation(observation, observationSize)
      const output = forward(flat, observation)
      const drawn = deterministic ? undefined : random.fillNormal(noise)
      const action = squash(output, new Float32Array(actionSize), drawn)
      return fromUnitAction(actionSpace, action, action)
    },
  }
}

/** The actor's parameters one after another, in the order `actorForward` reads them. */
function flattenActor(parameters: NamedParameters, sizes: readonly number[]): Float32Array {
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

function requireObservation(observation: Vector, size: number): void {
  if (observation?.length !== size) {
    throw new RangeError(`The observation has ${observation?.length ?? 'no'} elements; expected ${size}.`)
  }
  for (let i = 0; i < size; i++) {
    if (!Number.isFinite(observation[i])) {
      throw new RangeError(`The observation is not finite: element ${i} is ${observation[i]}.`)
    }
  }
}
