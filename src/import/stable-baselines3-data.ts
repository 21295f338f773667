/** The readable part of `data` in a file of Stable-Baselines3: the settings an agent was trained with. */
import type { SacOptionsInput } from '../sac/options.ts'
import { ModelFileError } from './model-file-error.ts'

export type Table = Record<string, unknown>

const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws ModelFileError unless the bytes are a table in JSON; `what` names them */
export function parseData(bytes: Uint8Array, what: string): Table {
  let data: unknown
  try {
    data = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw new ModelFileError(`${what} is not JSON: ${(cause as Error).message}.`, { cause })
  }
  if (isTable(data)) return data
  throw new ModelFileError(`${what} is not a table of settings.`)
}

/** Our names of their settings. */
const SETTINGS = {
  seed: 'seed',
  gamma: 'gamma',
  tau: 'tau',
  ent_coef: 'temperature',
  target_entropy: 'targetEntropy',
  batch_size: 'batchSize',
  buffer_size: 'bufferSize',
  learning_starts: 'learningStarts',
  target_update_interval: 'targetUpdateInterval',
} as const

function activationIn({ policy_kwargs: policy }: Table): 'relu' | 'tanh' {
  const name = isTable(policy) && policy.activation_fn !== undefined ? String(policy.activation_fn) : 'ReLU'
  const [, activation] = /(\w+)\W*$/.exec(name) ?? []
  if (activation === 'ReLU') return 'relu'
  if (activation === 'Tanh') return 'tanh'
  throw new ModelFileError(`The agent's activation_fn is ${activation ?? name}; here it is ReLU or Tanh.`)
}

/**
 * Hyperparameters for `SAC.create`.
 * @throws ModelFileError for an activation other than ReLU and Tanh
 */
export function optionsIn(data: Table): SacOptionsInput {
  const isSet = ([theirs]: [string, string]) => ['number', 'string'].includes(typeof data[theirs])
  const taken = Object.entries(SETTINGS)
    .filter(isSet)
    .map(([theirs, ours]) => [ours, data[theirs]])
  const rate = data.learning_rate
  const rates = typeof rate === 'number' && {
    actorLearningRate: rate,
    criticLearningRate: rate,
    temperatureLearningRate: rate,
  }
  return { activation: activationIn(data), ...Object.fromEntries(taken), ...rates }
}

/** What the agent was trained with that could not be taken over. */
export function notesOn({
  learning_rate: rate,
  gradient_steps: updates,
  n_envs: environments,
}: Table): string[] {
  const notes: string[] = []
  if (typeof rate !== 'number') notes.push('The learning rate is a schedule in Python; the default is taken.')
  if (updates !== -1 && (updates !== 1 || environments !== 1)) {
    notes.push(
      `gradient_steps is ${updates} with ${environments} environments, after a number of steps that is not legible; updatesPerStep is 1.`,
    )
  }
  return notes
}

export const countIn = (data: Table, name: string) =>
  Number.isSafeInteger(data[name]) ? Number(data[name]) : 0

/** Bounds of a space as numpy prints them, such as `[-1. -1.]`; undefined if it prints them in part, or not at all. */
export function boundsIn(space: unknown, end: 'low' | 'high', size: number): number[] | undefined {
  const text = isTable(space) && typeof space[end] === 'string' ? space[end] : ''
  const bounds = (text.match(/[^\s[\]]+/g) ?? []).map(Number)
  return bounds.length === size && bounds.every(Number.isFinite) ? bounds : undefined
}
