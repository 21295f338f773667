/** What is on a run's board: its description, the newest policy, and what each actor may send and reports. */
import { crc32 } from '../encoding/crc32.ts'
import { toJson } from '../encoding/json.ts'
import { boundsOf } from '../env/action-space.ts'
import type { Spaces } from '../env/spaces.ts'
import type { PolicySource } from '../policy/policy.ts'
import { policyToSafetensors } from '../policy/policy-file.ts'
import type { SacOptions } from '../sac/options.ts'
import { RunError } from './run-error.ts'

export const RUN_KEY = 'run'
export const WEIGHTS_KEY = 'weights'
/** Who learns: changes every second while it lives. */
export const LEASE_KEY = 'learner'
export const creditKey = (actor: string): string => `credit.${actor}`
export const actorKey = (actor: string): string => `actor.${actor}`
/** All keys of actors. */
export const ACTOR_KEYS = actorKey('*')
/** The reverse of `actorKey`; undefined for another key. */
export const nameOfActor = (key: string): string | undefined => /^actor\.(.*)$/s.exec(key)?.[1]

const PROTOCOL = 1

/** What an actor has to know of a run. */
export interface RunDescription {
  /** Version of the messages. */
  protocol: number
  /** When the run began, in milliseconds since 1970; a resumed run keeps it. */
  epoch: number
  /** Position in the log from which on entries may belong to it. */
  start: number
  /** Of all that makes experience of one run no experience of another: what an actor sends contains it. */
  hash: number
  /** Distinguishes one learner's process from another. */
  learner: string
  /** Id of the environment, if it has one. */
  environment?: string
  /** Bounds of an observation. */
  observation: { low: number[]; high: number[] }
  /** Kind of the action space, and bounds of an action. */
  action: { kind: 'box' | 'discrete'; low: number[]; high: number[] }
  /** Of the agent: what says how to explore is among them. */
  options: SacOptions
  /** How many transitions an actor may be ahead of what the learner has taken in. */
  window: number
  /** Whatever else the learner's program wants its actors to know. */
  settings?: unknown
  /** Whether the learner has taken all steps that it was to take: actors end. */
  finished?: boolean
}

export function describeRun(
  agent: Spaces & { environment?: string; options: SacOptions },
  rest: Pick<RunDescription, 'epoch' | 'start' | 'learner' | 'window' | 'settings'>,
): RunDescription {
  const { observationSpace, actionSpace, environment, options } = agent
  const fixed = {
    protocol: PROTOCOL,
    epoch: rest.epoch,
    ...(environment !== undefined && { environment }),
    observation: { low: [...observationSpace.low], high: [...observationSpace.high] },
    action: { kind: actionSpace.kind, ...boundsOf(actionSpace) },
    options,
  }
  // A run that is resumed for more steps than it was to take is the same run.
  const { scheduleSteps: _, ...lasting } = options
  const hash = crc32(encodeJson({ ...fixed, options: lasting }))
  const { start, learner, window, settings } = rest
  return { ...fixed, hash, start, learner, window, ...(settings !== undefined && { settings }) }
}

export const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(toJson(value))

/** @throws Error for what is no JSON */
export const decodeJson = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T

/** @throws RunError for a run whose messages another version of this package writes */
export function decodeRun(bytes: Uint8Array): RunDescription {
  const run = decodeJson<RunDescription>(bytes)
  if (run?.protocol === PROTOCOL) return run
  throw new RunError(
    `The run uses version ${run?.protocol} of the messages, and this actor version ${PROTOCOL}: ` +
      'use the same version of soft-actor-critic on both sides.',
  )
}

/** What is wrong with an environment for a run; undefined if it fits. */
export function misfit(run: RunDescription, { observationSpace, actionSpace }: Spaces): string | undefined {
  const same = (a: readonly number[], b: ArrayLike<number>) =>
    a.length === b.length && a.every((x, i) => x === b[i])
  const { low, high } = boundsOf(actionSpace)
  if (run.observation.low.length !== observationSpace.size) {
    return `its observations have ${observationSpace.size} numbers, and those of the run ${run.observation.low.length}`
  }
  if (
    !same(run.observation.low, observationSpace.low) ||
    !same(run.observation.high, observationSpace.high)
  ) {
    return 'the bounds of its observations are others than those of the run'
  }
  if (run.action.kind !== actionSpace.kind)
    return `its actions are of kind ${actionSpace.kind}, not ${run.action.kind}`
  if (run.action.low.length !== actionSpace.size) {
    return `its actions have ${actionSpace.size} numbers, and those of the run ${run.action.low.length}`
  }
  if (!same(run.action.low, low) || !same(run.action.high, high)) {
    return 'the bounds of its actions are others than those of the run'
  }
  return undefined
}

/** The newest policy. */
export interface Weights {
  /** That of the run which it is for (`RunDescription.hash`). */
  hash: number
  /** Updates that it has behind it. */
  updates: number
  /** Steps that the learner had taken in. */
  steps: number
  /** Until so many steps, actions are uniformly random. */
  learningFrom: number
  /** A policy's file (safetensors), as `policyToSafetensors` makes it. */
  policy: Uint8Array
}

/** 'SACW' */
const WEIGHTS_MAGIC = 0x57434153
const WEIGHTS_HEADER = 40

export function encodeWeights(
  agent: PolicySource,
  { hash, updates, steps, learningFrom }: Omit<Weights, 'policy'>,
): Uint8Array {
  const policy = policyToSafetensors(agent)
  const bytes = new Uint8Array(WEIGHTS_HEADER + policy.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, WEIGHTS_MAGIC, true)
  view.setUint32(4, PROTOCOL, true)
  view.setUint32(8, hash, true)
  view.setFloat64(16, updates, true)
  view.setFloat64(24, steps, true)
  view.setFloat64(32, learningFrom, true)
  bytes.set(policy, WEIGHTS_HEADER)
  return bytes
}

/** @throws Error for what is no policy of this version */
export function decodeWeights(bytes: Uint8Array): Weights {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (
    bytes.length < WEIGHTS_HEADER ||
    view.getUint32(0, true) !== WEIGHTS_MAGIC ||
    view.getUint32(4, true) !== PROTOCOL
  ) {
    throw new Error(
      'The newest policy of the run is not in the form that this version of soft-actor-critic reads.',
    )
  }
  return {
    hash: view.getUint32(8, true),
    updates: view.getFloat64(16, true),
    steps: view.getFloat64(24, true),
    learningFrom: view.getFloat64(32, true),
    policy: new Uint8Array(bytes.subarray(WEIGHTS_HEADER)),
  }
}

/** What the learner lets an actor send. */
export interface Credit {
  incarnation: number
  /** The actor may send transitions with smaller numbers. */
  upTo: number
  /** Why the learner takes nothing more from it. */
  refused?: string
}

/** What an actor says of itself. */
export interface Presence {
  /** When its process began, in milliseconds since 1970. */
  incarnation: number
  /** Id of its environment, if it has one. */
  environment?: string
  /** Steps since it began. */
  steps: number
  /** Episodes that have ended since it began. */
  episodes: number
  /** Since it last said so. */
  stepsPerSecond: number
  /** Updates of the policy that it acts by. */
  policyUpdates: number
  /** When it said so, in milliseconds since 1970, by its own clock. */
  time: number
}
