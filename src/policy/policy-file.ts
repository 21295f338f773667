/**
 * A policy as a file: safetensors whose metadata say what the numbers are for, so that one file suffices to act.
 * `parameters.safetensors` of a run is such a file, with critics and temperature in addition to the actor.
 */
import { ACTIVATIONS, type Activation } from '../arithmetic.ts'
import {
  type DecodedTensors,
  decodeSafetensors,
  encodeSafetensors,
  type NamedTensors,
} from '../encoding/safetensors.ts'
import { boundsOf, requireActionSpace } from '../env/action-space.ts'
import { type Discrete, multiDiscrete } from '../env/discrete.ts'
import { type Box, box } from '../env/spaces.ts'
import { createRandom } from '../random.ts'
import { packageVersion } from '../version.ts'
import { HEADS, type Head, headFor } from './head.ts'
import { layerParameters } from './layers.ts'
import { type Policy, type PolicySource, policyFromParameters, policyParts } from './policy.ts'
import { LOG_STD } from './state-dependent.ts'

/**
 * What a policy's file says about it besides its numbers: environment, activation, head, bounds of observation and action
 * (one number per element, separated by blanks; of a discrete action its first and last value) and the version of this
 * package.
 */
export function policyMetadata(policy: PolicySource): Record<string, string> {
  const { environment, network, observationSpace, actionSpace } = policy
  const action = boundsOf(actionSpace)
  return {
    ...(environment !== undefined && { environment }),
    activation: network.activation,
    head: headFor(actionSpace, network.head),
    ...(network.batchRenormEpsilon !== undefined && {
      batchRenormEpsilon: String(network.batchRenormEpsilon),
    }),
    observationLow: observationSpace.low.join(' '),
    observationHigh: observationSpace.high.join(' '),
    actionLow: action.low.join(' '),
    actionHigh: action.high.join(' '),
    version: packageVersion,
  }
}

/**
 * The policy alone, without critics, as the bytes of a file for `loadPolicy`. Batch renorm is folded into its layers.
 * @throws RangeError if parameters are missing, do not fit together or are not finite
 * @example
 * await writeFile('policy.safetensors', policyToSafetensors(agent))
 */
export function policyToSafetensors(policy: PolicySource): Uint8Array {
  const layers = layerParameters(policyParts(policy).layers)
  const others = Object.entries(policy.parameters()).filter(
    ([name]) => name.startsWith('normalizer.') || name === LOG_STD,
  )
  return encodeSafetensors({ ...layers, ...Object.fromEntries(others) }, policyMetadata(policy))
}

/**
 * What a policy's file says: for `loadPolicy`, and for exports to other formats.
 *
 * @param bytes from `policyToSafetensors`, or `parameters.safetensors` of a run
 * @throws SafetensorsError for bytes that are cut off, damaged or of another format
 * @throws RangeError if the file does not say what policy it holds
 * @example
 * const onnx = policyToOnnx(readPolicy(bytes))
 */
export function readPolicy(bytes: Uint8Array): PolicySource {
  return policyIn(decodeSafetensors(bytes))
}

/**
 * The same of a file that is decoded already.
 * @throws RangeError if the file does not say what policy it holds
 */
export function policyIn({ tensors, metadata }: DecodedTensors): PolicySource {
  // Older files, from when there was one kind of head, do not name it.
  const { environment, activation, head = 'gaussian', batchRenormEpsilon } = metadata
  if (!isActivation(activation)) {
    throw new RangeError(
      `The file does not say what policy it holds: its activation is ${activation ?? 'missing'}. It was not written ` +
        'as a policy, or by an older version; load its parameters into an agent, and save that.',
    )
  }
  if (!isHead(head)) {
    throw new RangeError(
      `The policy's head is ${head}, which this version does not know: ${Object.keys(HEADS).join(', ')}.`,
    )
  }
  const epsilon = batchRenormEpsilon === undefined ? {} : { batchRenormEpsilon: Number(batchRenormEpsilon) }
  const actionSpace = HEADS[head].isChoice ? choicesIn(metadata) : boxIn(metadata, 'action')
  requireActionSpace(actionSpace)
  return {
    environment,
    observationSpace: boxIn(metadata, 'observation'),
    actionSpace,
    network: { activation, head, hiddenSizes: hiddenSizesIn(tensors), ...epsilon },
    parameters: () => tensors,
  }
}

/** What `loadPolicy` takes beside the file. */
export interface LoadPolicyOptions {
  /** Seed of the noise in actions that are not deterministic, a whole number in [0, 2^32). Default 0. */
  seed?: number
}

/** A policy from a file, and what it is for. */
export interface LoadedPolicy extends Policy, Omit<PolicySource, 'parameters'> {}

/**
 * A policy from its file: acts synchronously, with no engine to load, in Node and in browsers alike.
 *
 * @param bytes from `policyToSafetensors` or `sac export --format safetensors`, or `parameters.safetensors` of a run
 * @throws SafetensorsError for bytes that are cut off, damaged or of another format
 * @throws RangeError if the file does not say what policy it holds, or its parameters do not fit together
 * @example
 * const response = await fetch('policy.safetensors')
 * const policy = loadPolicy(new Uint8Array(await response.arrayBuffer()))
 * const action = policy.act(observation, { deterministic: true })
 */
export function loadPolicy(bytes: Uint8Array, { seed = 0 }: LoadPolicyOptions = {}): LoadedPolicy {
  const { environment, observationSpace, actionSpace, network, parameters } = readPolicy(bytes)
  const spaces = { observationSpace, actionSpace }
  const policy = policyFromParameters(parameters(), spaces, network, createRandom(seed, 'exploration'))
  return { ...policy, ...spaces, environment, network }
}

const isActivation = (name: string | undefined): name is Activation =>
  (ACTIVATIONS as readonly (string | undefined)[]).includes(name)

const isHead = (name: string): name is Head => Object.hasOwn(HEADS, name)

const boxIn = (metadata: Record<string, string>, what: 'observation' | 'action'): Box =>
  box({ low: numbersIn(metadata, `${what}Low`), high: numbersIn(metadata, `${what}High`) })

function choicesIn(metadata: Record<string, string>): Discrete {
  const [low, high] = ['actionLow', 'actionHigh'].map(name => numbersIn(metadata, name))
  return multiDiscrete(
    low.map((first, i) => high[i] - first + 1),
    { start: low },
  )
}

function numbersIn(metadata: Record<string, string>, name: string): number[] {
  const text = metadata[name]
  // Number('') is 0.
  const values = text?.split(' ').map(value => (value ? Number(value) : Number.NaN))
  if (values && !values.some(Number.isNaN)) return values
  throw new RangeError(`The file does not say what policy it holds: ${name} is ${text ?? 'missing'}.`)
}

/** Width of every layer but the last. */
function hiddenSizesIn(tensors: NamedTensors): number[] {
  const widths: number[] = []
  for (let layer = 0; Object.hasOwn(tensors, `actor.kernel${layer}`); layer++) {
    widths.push(tensors[`actor.kernel${layer}`].shape[1])
  }
  return widths.slice(0, -1)
}
