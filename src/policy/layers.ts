import type { NamedTensors } from '../encoding/safetensors.ts'
import { HEADS } from './head.ts'
import { type ActorNetwork, BATCH_RENORM_EPSILON, outputSize } from './network.ts'
import { parameterIn, requireNumbers } from './parameter.ts'
import { LOG_STD } from './state-dependent.ts'

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
 * Batch renorm before a layer, such as `actor.renormScale0` [1, units], is folded into it.
 * @throws RangeError if a parameter is missing, has another shape than the network's or no place in it, or is not finite
 */
export function actorLayers(
  parameters: NamedTensors,
  network: Omit<ActorNetwork, 'activation'>,
): ActorLayer[] {
  const { observationSize, hiddenSizes, batchRenormEpsilon = BATCH_RENORM_EPSILON } = network
  const sizes = [observationSize, ...hiddenSizes, outputSize(network)]
  const isRenormed = Object.hasOwn(parameters, 'actor.renormScaleIn')
  const known = new Set<string>(HEADS[network.head ?? 'gaussian'].isStateDependent ? [LOG_STD] : [])
  const parameter = (name: string, shape: readonly number[]) => {
    known.add(name)
    return parameterIn(parameters, name, shape)
  }
  const layers = sizes.slice(1).map((outputs, i) => {
    const layer: ActorLayer = {
      inputs: sizes[i],
      outputs,
      kernel: parameter(`actor.kernel${i}`, [sizes[i], outputs]),
      bias: parameter(`actor.bias${i}`, [1, outputs]),
    }
    if (!isRenormed) return layer
    const [scale, offset, mean, variance] = ['Scale', 'Offset', 'Mean', 'Variance'].map(part =>
      parameter(`actor.renorm${part}${i === 0 ? 'In' : i - 1}`, [1, sizes[i]]),
    )
    const factor = Array.from(scale, (value, k) => value / Math.sqrt(variance[k] + batchRenormEpsilon))
    const folded = foldInto(
      layer,
      factor,
      factor.map((value, k) => offset[k] - mean[k] * value),
    )
    // A negative variance has no root, and a tiny one may make weights infinite.
    for (const data of [folded.kernel, folded.bias]) {
      requireNumbers(`actor.kernel${i} with its batch renorm`, { shape: [data.length], data })
    }
    return folded
  })
  // A network with more layers may have others of fitting shapes.
  const surplus = Object.keys(parameters).find(name => name.startsWith('actor.') && !known.has(name))
  if (surplus) throw new RangeError(`Parameter ${surplus} belongs to no layer of this policy.`)
  return layers
}

/** The layer that maps x to what the given one makes of x factor + shift. */
function foldInto(
  { inputs, outputs, kernel, bias }: ActorLayer,
  factor: readonly number[],
  shift: readonly number[],
): ActorLayer {
  const sums = Float64Array.from(bias)
  kernel.forEach((value, at) => {
    sums[at % outputs] += shift[Math.floor(at / outputs)] * value
  })
  const folded = kernel.map((value, at) => factor[Math.floor(at / outputs)] * value)
  return { inputs, outputs, kernel: folded, bias: Float32Array.from(sums) }
}

/** The parameters of layers by name, the reverse of `actorLayers` for an actor without batch renorm. */
export const layerParameters = (layers: readonly ActorLayer[]): NamedTensors =>
  Object.fromEntries(
    layers.flatMap(({ inputs, outputs, kernel, bias }, i) => [
      [`actor.kernel${i}`, { shape: [inputs, outputs], data: kernel }],
      [`actor.bias${i}`, { shape: [1, outputs], data: bias }],
    ]),
  )

/**
 * All layers one after another, each its kernel and then its bias, and at the end variances of state-dependent noise, if
 * any: the order in which `actorForward` reads them.
 */
export function flattenLayers(
  layers: readonly ActorLayer[],
  variances: Float32Array = new Float32Array(0),
): Float32Array {
  const parts = [...layers.flatMap(({ kernel, bias }) => [kernel, bias]), variances]
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
