import type { SacOptionsInput } from '../../../src/index.ts'

export type OptionName = keyof SacOptionsInput

/** Open from the start; the others are folded away. */
export const IMPORTANT: readonly OptionName[] = [
  'algorithm',
  'temperature',
  'actorLearningRate',
  'criticLearningRate',
  'temperatureLearningRate',
  'gamma',
  'hiddenSizes',
  'batchSize',
  'learningStarts',
  'updatesPerStep',
]

/** What the page itself decides. */
export const HIDDEN: readonly OptionName[] = ['engine', 'threads', 'background', 'envs', 'seed']

/** What networks, buffer or random streams are made of: a change begins anew. The rest changes at once. */
export const RESTARTING: readonly OptionName[] = [
  'algorithm',
  'gamma',
  'nStep',
  'hiddenSizes',
  'activation',
  'criticHiddenSizes',
  'criticActivation',
  'critics',
  'atoms',
  'layerNorm',
  'batchRenorm',
  'batchRenormForm',
  'targetNetworks',
  'bufferSize',
  'normalizeObservations',
  'explorationNoiseKind',
  'rewardScale',
]
