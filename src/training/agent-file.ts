/** A whole agent as the bytes of one file, in Node and in pages alike. */
import { concatBytes } from '../encoding/protobuf.ts'
import { SafetensorsError } from '../encoding/safetensors-header.ts'
import { decodeStructured, encodeStructured, type FileKind } from '../encoding/structured-file.ts'
import type { Env } from '../env/env.ts'
import { describe } from '../env/require.ts'
import type { Spaces } from '../env/spaces.ts'
import { requireOptions } from '../options.ts'
import { type AgentState, SAC } from '../sac/agent.ts'
import type { SacOptions } from '../sac/options.ts'
import type { TrainingState } from './lanes.ts'
import { requireAgent } from './train-options.ts'

const AGENT: FileKind = { format: 'soft-actor-critic agent', formatVersion: '1', name: 'an agent' }

/** What an agent's file holds. */
interface StoredAgent {
  options: SacOptions
  /** Plain data, as they are. */
  spaces: Spaces
  /** Without the replay buffer if that was left out. */
  agent: Omit<AgentState, 'replay'> & { replay?: AgentState['replay'] }
  training?: TrainingState
}

/** What `saveAgent` takes. */
export interface SaveAgentOptions {
  /**
   * The `state` of the `done` or `checkpoint` event with which `train` was left: with it the episodes in progress resume
   * exactly. Default: none, and training resumes with new episodes.
   */
  training?: TrainingState
  /**
   * Whether the replay buffer and demonstrations are saved too. Without them the file is small, and an agent that is loaded from it first
   * gathers `learningStarts` new steps by its policy before it learns on. Default true.
   */
  replay?: boolean
}

/**
 * A whole agent as the bytes of a file (safetensors): its options and spaces, weights, optimisers, random streams and
 * replay buffer. `loadAgent` makes the agent again, which continues to the same bits.
 * @throws TypeError if it is given something else than an agent
 * @throws Error while an update is under way
 * @example
 * const bytes = saveAgent(agent, { training: done.state })
 */
export function saveAgent(agent: SAC, options: SaveAgentOptions = {}): Uint8Array {
  requireAgent('saveAgent', agent)
  requireOptions('saveAgent', options, ['training', 'replay'])
  const { training, replay = true } = options
  const state = agent.state()
  const { environment: id, observationSpace, actionSpace, steps, updates } = agent
  const stored: StoredAgent = {
    options: agent.options,
    spaces: { id, observationSpace, actionSpace },
    agent: replay ? state : withoutReplay(state, agent.options),
    training,
  }
  return concatBytes(encodeStructured(stored, AGENT, { steps: String(steps), updates: String(updates) }))
}

/** What `loadAgent` takes: options that decide how the agent computes, and not what; by default as it was made. */
export interface LoadAgentOptions extends Partial<Pick<SacOptions, 'engine' | 'threads' | 'background'>> {
  /** Its environment, of which an agent with hindsight needs the goals. Default: none is needed. */
  env?: Pick<Env, 'goals'>
}

/**
 * Makes the agent again that `saveAgent` saved. It continues to the same bits on an engine of the same arithmetic.
 * @throws SafetensorsError if the file is cut off, damaged, of something else, or of another version of the format
 * @throws RangeError if what it holds does not fit together
 * @example
 * const agent = await loadAgent(bytes)
 * for await (const event of train(agent, env, { steps: 10_000, state: trainingStateIn(bytes) })) report(event)
 */
export async function loadAgent(bytes: Uint8Array, options: LoadAgentOptions = {}): Promise<SAC> {
  requireOptions('loadAgent', options, ['engine', 'threads', 'background', 'env'])
  const stored = read(bytes)
  const { env, ...others } = options
  const agent = await SAC.create({ ...stored.spaces, goals: env?.goals }, { ...stored.options, ...others })
  try {
    agent.restore({ ...stored.agent, replay: stored.agent.replay ?? agent.replay.state() })
  } catch (error) {
    await agent.dispose()
    throw error
  }
  return agent
}

/**
 * Where training was when an agent was saved, for `train`'s option `state`; undefined if it was not saved with it.
 * @throws SafetensorsError as `loadAgent`
 * @example
 * const events = train(agent, env, { steps: 10_000, state: trainingStateIn(bytes) })
 */
export const trainingStateIn = (bytes: Uint8Array): TrainingState | undefined => read(bytes).training

/** It has to gather experience before it learns on: updates on a handful of transitions would spoil what it knows. */
function withoutReplay(
  { replay: _, demonstrations: __, counters, policyLoaded, ...rest }: AgentState,
  { learningStarts }: SacOptions,
): StoredAgent['agent'] {
  const { updatesDue: ___, ...others } = counters
  const hasPolicy = policyLoaded || counters.updates > 0
  return {
    ...rest,
    counters: { ...others, learningFrom: counters.steps + learningStarts },
    ...(hasPolicy && { policyLoaded: true }),
  }
}

function read(bytes: Uint8Array): StoredAgent {
  if (!ArrayBuffer.isView(bytes)) {
    throw new TypeError(
      `loadAgent takes the bytes of a file as a Uint8Array, not ${describe(bytes)}; of an ArrayBuffer: new Uint8Array(buffer).`,
    )
  }
  let at = 0
  const next = (part: Uint8Array) => {
    if (at + part.length > bytes.length) throw new SafetensorsError('it is cut off.')
    part.set(bytes.subarray(at, at + part.length))
    at += part.length
  }
  try {
    return decodeStructured(bytes.length, next, AGENT).value as StoredAgent
  } catch (cause) {
    throw new SafetensorsError(`The agent cannot be loaded: ${(cause as Error).message}`, { cause })
  }
}
