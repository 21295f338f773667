/**
 * What options are called in other implementations (Stable-Baselines3 and its zoo, CleanRL, Spinning Up, SBX), without
 * hyphens and underscores, and what they are called here; of several names, the first one known here counts.
 */
const NAMES: Record<string, readonly string[]> = {
  // Entropy
  entcoef: ['temperature'],
  alpha: ['temperature'],
  autotune: ['temperature'],
  initalpha: ['temperature'],
  entropycoef: ['temperature'],
  alphalr: ['temperatureLearningRate'],
  // Networks and optimisers
  netarch: ['hiddenSizes'],
  hid: ['hiddenSizes'],
  l: ['hiddenSizes'],
  hiddendim: ['hiddenSizes'],
  hiddensize: ['hiddenSizes'],
  policykwargs: ['hiddenSizes'],
  activationfn: ['activation'],
  lr: ['learningRate', 'actorLearningRate'],
  learningrate: ['learningRate', 'actorLearningRate'],
  pilr: ['actorLearningRate'],
  policylr: ['actorLearningRate'],
  actorlr: ['actorLearningRate'],
  qlr: ['criticLearningRate'],
  criticlr: ['criticLearningRate'],
  qflearningrate: ['criticLearningRate'],
  maxgradnorm: ['maxGradientNorm'],
  // Replay and updates
  buffer: ['bufferSize'],
  replaysize: ['bufferSize'],
  memorysize: ['bufferSize'],
  replaybuffersize: ['bufferSize'],
  batch: ['batchSize'],
  minibatchsize: ['batchSize'],
  startsteps: ['learningStarts'],
  starttimesteps: ['learningStarts'],
  updateafter: ['learningStarts'],
  warmupsteps: ['learningStarts'],
  initsteps: ['learningStarts'],
  nsampledgoal: ['hindsightGoals'],
  futurek: ['hindsightGoals'],
  goalselectionstrategy: ['hindsight'],
  her: ['hindsight'],
  usesde: ['stateDependentNoise'],
  gsde: ['stateDependentNoise'],
  sdesamplefreq: ['stateDependentNoiseSteps'],
  logstdinit: ['stateDependentNoiseStart'],
  per: ['prioritizedReplay'],
  useper: ['prioritizedReplay'],
  prioritizedreplayalpha: ['priorityAlpha'],
  peralpha: ['priorityAlpha'],
  prioritizedreplaybeta: ['priorityBeta'],
  prioritizedreplaybeta0: ['priorityBeta'],
  perbeta: ['priorityBeta'],
  gradientsteps: ['updatesPerStep'],
  trainfreq: ['updatesPerStep'],
  trainfrequency: ['updatesPerStep'],
  updateevery: ['updatesPerStep'],
  utd: ['updatesPerStep'],
  utdratio: ['updatesPerStep'],
  replayratio: ['updatesPerStep'],
  polyak: ['tau'],
  discount: ['gamma'],
  discountfactor: ['gamma'],
  policyfrequency: ['policyDelay'],
  targetnetworkfrequency: ['targetUpdateInterval'],
  targetupdatefreq: ['targetUpdateInterval'],
  vecnormalize: ['normalizeObservations'],
  normalize: ['normalizeObservations'],
  // Training
  algo: ['algorithm'],
  totaltimesteps: ['steps'],
  ntimesteps: ['steps'],
  timesteps: ['steps'],
  numsteps: ['steps'],
  n: ['steps'],
  numenvs: ['envs'],
  nenvs: ['envs'],
  numcpu: ['envThreads'],
  numthreads: ['threads'],
  device: ['engine'],
  cuda: ['engine'],
  maxepisodesteps: ['timeLimit', 'maxSteps'],
  maxeplen: ['timeLimit', 'maxSteps'],
  framestack: ['stackFrames'],
  evalfreq: ['evaluateEvery'],
  evalevery: ['evaluateEvery'],
  evalepisodes: ['evaluationEpisodes', 'episodes'],
  nevalepisodes: ['evaluationEpisodes', 'episodes'],
  numtestepisodes: ['evaluationEpisodes', 'episodes'],
  savefreq: ['checkpointEvery'],
  checkpointfreq: ['checkpointEvery'],
  loginterval: ['logEvery'],
  numseeds: ['seeds'],
  // Files
  envid: ['environment'],
  env: ['environment'],
  envname: ['environment'],
  envkwargs: ['environmentOptions', 'envOption'],
  expname: ['out'],
  logdir: ['out'],
  logfolder: ['out'],
  outputdir: ['out'],
  tensorboardlog: ['out'],
  f: ['out'],
  trainedagent: ['initFrom'],
  i: ['initFrom'],
  conffile: ['config'],
}

/** Where the same value would mean something else. */
const NOTES: Record<string, string> = {
  polyak: 'it is 1 - polyak',
  trainfreq: 'it is a number of updates per environment step, such as 0.5 for one every 2 steps',
  trainfrequency: 'it is a number of updates per environment step, such as 0.5 for one every 2 steps',
  updateevery: 'it is a number of updates per environment step, such as 0.5 for one every 2 steps',
  gradientsteps: 'it is a number of updates per environment step',
  autotune: "'auto' tunes it, a number keeps it fixed",
  hid: 'it is the width of each layer, such as 256,256',
  l: 'it is the width of each layer, such as 256,256',
  netarch: 'it is the width of each layer, such as 256,256',
}

/** What an option that is not known here is likely to mean. */
export interface Meant {
  /** One of the names that are known. */
  name: string
  /** How its values differ. */
  note?: string
}

/** The option among `known` spelt like `name` except for hyphens and underscores, or called so elsewhere. */
export function optionElsewhere(name: string, known: readonly string[]): Meant | undefined {
  const key = plain(name)
  const same = known.find(candidate => plain(candidate) === key)
  if (same !== undefined) return { name: same }
  const candidates = Object.hasOwn(NAMES, key) ? NAMES[key] : []
  const meant = candidates.find(candidate => known.includes(candidate))
  return meant === undefined ? undefined : { name: meant, note: NOTES[key] }
}

const plain = (name: string) => name.replace(/[-_]/g, '').toLowerCase()
