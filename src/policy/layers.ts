import type { NamedTensors } from '../encoding/safetensors.ts'
import type { ActorNetwork } from './network.ts'
import { parameterIn } from './parameter.ts'

/** One affine layer of an actor. */
export interface ActorLayer {
  readonly inputs: number
  readonly outputs: number
  /** [inputs, outputs], row-major. */
  readonly kernel: Float32Array
  readonly bias: Float32Array
}

/**
 * The layers of an actor from its parameters, `actor.kernel0` [inputs, outputs], `actor.bias0` [1, outputs] and so on.
 * @throws RangeError if a parameter is missing, has another shape than the network's or no place in it, or is not finite
 */
export function actorLayers(
  parameters: NamedTensors,
  { observationSize, hiddenSizes, actionSize }: Omit<ActorNetwork, 'activation'>,
): ActorLayer[] {
  const sizes = [observationSize, ...hiddenSizes, 2 * actionSize]
  const known = new Set<string>()
  const parameter = (name: string, shape: readonly number[]) => {
    known.add(name)
    return parameterIn(parameters, name, shape)
  }
  const layers = sizes.slice(1).map((outputs, i) => ({
    inputs: sizes[i],
    outputs,
    kernel: parameter(`actor.kernel${i}`, [sizes[i], outputs]),
    bias: parameter(`actor.bias${i}`, [1, outputs]),
  }))
  // A network with more layers may have others of fitting shapes.
  const surplus = Object.keys(parameters).find(name => name.startsWith('actor.') && !known.has(name))
  if (surplus) throw new RangeError(`Parameter ${surplus} belongs to no layer of this policy.`)
  return layers
}

/** All layers one after another, each its kernel and then its bias: the order in which `actorForward` reads them. */
export function flattenLayers(layers: readonly ActorLayer[]): Float32Array {
  const parts = layers.flatMap(({ kernel, bias }) => [kernel, bias])
  const flat = new Float32Array(parts.reduce((total, part) => total + part.length, 0))
  let offset = 0
  for (const part of parts) {
    flat.set(part, offset)
    offset += part.length
  }
  return flat
}

/** A layer with only some of its outputs, those from `begin` to before `end`. */
export function sliceOutputs(
  { inputs, outputs, kernel, bias }: ActorLayer,
  begin: number,
  end: number,
): ActorLayer {
  const kept = end - begin
  const data = new Float32Array(inputs * kept)
  for (let i = 0; i < inputs; i++) data.set(kernel.subarray(i * outputs + begin, i * outputs + end), i * kept)
  return { inputs, outputs: kept, kernel: data, bias: bias.slice(begin, end) }
}
