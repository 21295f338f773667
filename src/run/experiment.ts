/** Settings, side by side, that do not affect what is learned up to a given step, and the seed. */
export const NO_PART_OF_EXPERIMENT = [
  'seed',
  'steps',
  'threads',
  'background',
  'envThreads',
  'evaluateEvery',
  'evaluationEpisodes',
  'evaluationSteps',
  'logEvery',
  'checkpointEvery',
]
