/**
 * The options as interfaces, each with its line of documentation, for editors and the reference. Made from the schema by
 * `npm run options`: change that instead.
 */

/** Options as a user gives them: everything may be left out. Defaults are those of `sac`. */
export interface SacOptionsInput {
  /**
   * Member of the family that learns; the defaults of the other options are those published for it.
   * 'sac', 'td3', 'ddpg', 'redq', 'droq', 'tqc', 'crossq', 'sac-n'. Default 'sac'.
   */
  algorithm?: 'sac' | 'td3' | 'ddpg' | 'redq' | 'droq' | 'tqc' | 'crossq' | 'sac-n'
  /**
   * Seed of every random stream: environment, exploration, replay, updates, initial weights. A whole
   * number from 0 to 4294967295. Default 0.
   */
  seed?: number
  /** Discount of the reward one step later. A number from 0 to 1. Default 0.99. */
  gamma?: number
  /**
   * Share of the critics that moves into the target critics at each target update (Polyak averaging). A
   * number above 0, at most 1. Default 0.005.
   */
  tau?: number
  /**
   * Rewards that a target sums up before it asks the critics; fewer where an episode ends. A whole number
   * of at least 1. Default 1.
   */
  nStep?: number
  /**
   * Goals with which transitions are learned from, in environments that have goals: 'none' is those
   * desired at the time, 'future' also those achieved later in the episode (HER). 'none' or 'future'.
   * Default 'none'.
   */
  hindsight?: 'none' | 'future'
  /**
   * With hindsight, transitions with a goal achieved later for each one that keeps its own, k. A whole
   * number of at least 1. Default 4.
   */
  hindsightGoals?: number
  /**
   * Which transitions are drawn more often: 'none', each is as likely, or 'proportional' to the critics'
   * errors to the power of priorityAlpha. 'none' or 'proportional'. Default 'none'.
   */
  prioritizedReplay?: 'none' | 'proportional'
  /**
   * With prioritised replay, how much errors count: 0 draws uniformly, 1 in proportion to them. A number
   * from 0 to 1. Default 0.6.
   */
  priorityAlpha?: number
  /**
   * With prioritised replay, how far rows that are drawn more often count less in the critics' loss: 1
   * makes up for all of it. A number from 0 to 1. Default 0.4.
   */
  priorityBeta?: number
  /**
   * How priorityBeta goes to priorityBetaScheduleEnd within scheduleSteps. 'constant', 'linear',
   * 'cosine', 'exponential'. Default 'constant'.
   */
  priorityBetaSchedule?: 'constant' | 'linear' | 'cosine' | 'exponential'
  /** Where the schedule of priorityBeta ends. A number from 0 to 1. Default 1. */
  priorityBetaScheduleEnd?: number
  /**
   * Weight alpha of the entropy: a number keeps it fixed, 'auto' tunes it from 1, 'auto_0.1' from 0.1. A
   * number of at least 0, 'auto', or 'auto_' and a starting value above 0, as in 'auto_0.1'. Default
   * 'auto'.
   */
  temperature?: number | string
  /**
   * Entropy that an automatic temperature aims at; 'auto' is minus the number of action dimensions.
   * 'auto' or any finite number. Default 'auto'.
   */
  targetEntropy?: 'auto' | number
  /**
   * How the entropy that is aimed at, or a fixed temperature, goes to entropyScheduleEnd within
   * scheduleSteps. 'constant', 'linear', 'cosine', 'exponential'. Default 'constant'.
   */
  entropySchedule?: 'constant' | 'linear' | 'cosine' | 'exponential'
  /**
   * Where the entropy schedule ends: a target entropy, or the temperature if that is fixed. Any finite
   * number; at least 0 for a fixed temperature.
   */
  entropyScheduleEnd?: number
  /**
   * Width of each hidden layer of the actor, and of the critics unless criticHiddenSizes says otherwise.
   * A list of one or more whole numbers of at least 1, such as 256,256. Default [256, 256].
   */
  hiddenSizes?: number[]
  /** Non-linearity of the hidden layers. 'relu' or 'tanh'. Default 'relu'. */
  activation?: 'relu' | 'tanh'
  /**
   * Width of each hidden layer of the critics; 'same' is those of the actor. 'same' or a list of one or
   * more whole numbers of at least 1, such as 512,512. Default 'same'.
   */
  criticHiddenSizes?: 'same' | number[]
  /**
   * Non-linearity of the critics' hidden layers; 'same' is that of the actor. 'same', 'relu' or 'tanh'.
   * Default 'same'.
   */
  criticActivation?: 'same' | 'relu' | 'tanh'
  /** Number of critics. A whole number of at least 1. Default 2. */
  critics?: number
  /**
   * Critics of which a target takes the smallest, drawn again for each update; 'all' is all of them.
   * 'all' or a whole number from 1 to the number of critics. Default 'all'.
   */
  targetCritics?: 'all' | number
  /**
   * What the actor maximises: the smallest of the critics, their mean, or the first one. 'min', 'mean' or
   * 'first'. Default 'min'.
   */
  actorValue?: 'min' | 'mean' | 'first'
  /** Quantiles of the return that each critic gives. A whole number of at least 1. */
  atoms?: number
  /**
   * Highest quantiles for each critic that a target leaves out, against overestimation. A whole number of
   * at least 0, below the number of atoms.
   */
  droppedAtoms?: number
  /**
   * Layer normalisation in the hidden layers of the critics, before the activation. True or false.
   * Default false.
   */
  layerNorm?: boolean
  /** Term that keeps the division of layer normalisation finite. A number above 0. Default 0.00001. */
  layerNormEpsilon?: number
  /**
   * Batch renormalisation of the input and after each hidden layer, in actor and critics. True or false.
   * Default false.
   */
  batchRenorm?: boolean
  /**
   * Updates of each network with plain batch normalisation, before its statistics are good enough to
   * correct by. A whole number of at least 0. Default 100000.
   */
  batchRenormWarmup?: number
  /** Share of the running statistics that stays at each update. A number from 0 to 1. Default 0.99. */
  batchRenormMomentum?: number
  /**
   * Largest correction r of the deviation; the smallest is its reciprocal. A number of at least 1.
   * Default 3.
   */
  batchRenormMaxScale?: number
  /** Largest correction d of the mean, in deviations. A number of at least 0. Default 5. */
  batchRenormMaxShift?: number
  /** Term that keeps the division of batch renormalisation finite. A number above 0. Default 0.001. */
  batchRenormEpsilon?: number
  /**
   * 'paper' is (x - mean) / sigma r + d as published; 'folded' takes r and d into mean and variance
   * first, as SBX does; they differ where a unit hardly varies. 'paper' or 'folded'. Default 'paper'.
   */
  batchRenormForm?: 'paper' | 'folded'
  /**
   * Share of hidden units of the critics that is left out at random, in every pass of an update. A number
   * of at least 0, below 1. Default 0.
   */
  dropout?: number
  /**
   * Slow copies of the networks for the target; false takes the networks themselves. True or false.
   * Default true.
   */
  targetNetworks?: boolean
  /**
   * Standard deviation of the noise added to actions while learning, in units of half the action range. A
   * number of at least 0.
   */
  explorationNoise?: number
  /**
   * 'gaussian' is independent at each step, 'ornstein-uhlenbeck' wanders and returns to 0. 'gaussian' or
   * 'ornstein-uhlenbeck'.
   */
  explorationNoiseKind?: 'gaussian' | 'ornstein-uhlenbeck'
  /** Share of the way back to 0 that Ornstein-Uhlenbeck noise takes at each step. A number from 0 to 1. */
  explorationNoiseTheta?: number
  /**
   * How explorationNoise goes to explorationNoiseScheduleEnd within scheduleSteps. 'constant', 'linear',
   * 'cosine', 'exponential'.
   */
  explorationNoiseSchedule?: 'constant' | 'linear' | 'cosine' | 'exponential'
  /** Where the schedule of the exploration noise ends. A number of at least 0. */
  explorationNoiseScheduleEnd?: number
  /**
   * Exploration with noise that is the same function of the state for a while (gSDE), of smooth actions,
   * for robots. True or false. Default false.
   */
  stateDependentNoise?: boolean
  /**
   * Steps after which noise that depends on the state is drawn anew; 'episode' keeps it for whole
   * episodes. 'episode' or a whole number of at least 1. Default 'episode'.
   */
  stateDependentNoiseSteps?: 'episode' | number
  /**
   * Logarithm of the deviations that noise which depends on the state begins with. A number from -20 to
   * 2. Default -3.
   */
  stateDependentNoiseStart?: number
  /**
   * Standard deviation of the noise added to the target policy's actions, in units of half the action
   * range. A number of at least 0.
   */
  targetNoise?: number
  /** Largest magnitude of that noise. A number of at least 0. */
  targetNoiseClip?: number
  /** Adam's learning rate for the actor. A number above 0. Default 0.0003. */
  actorLearningRate?: number
  /** Adam's learning rate for the critics. A number above 0. Default 0.0003. */
  criticLearningRate?: number
  /** Adam's learning rate for the logarithm of the temperature. A number above 0. Default 0.0003. */
  temperatureLearningRate?: number
  /**
   * How all learning rates go to learningRateScheduleEnd of themselves within scheduleSteps. 'constant',
   * 'linear', 'cosine', 'exponential'. Default 'constant'.
   */
  learningRateSchedule?: 'constant' | 'linear' | 'cosine' | 'exponential'
  /** Share of all learning rates that is left where their schedule ends. A number from 0 to 1. Default 0. */
  learningRateScheduleEnd?: number
  /**
   * Environment steps within which schedules run; 'auto' is all steps of the run. 'auto' or a whole
   * number of at least 1. Default 'auto'.
   */
  scheduleSteps?: 'auto' | number
  /** Decay of Adam's first moment, of actor and critics. A number of at least 0, below 1. Default 0.9. */
  beta1?: number
  /** Decay of Adam's first moment, of the temperature. A number of at least 0, below 1. Default 0.9. */
  temperatureBeta1?: number
  /**
   * Share of the actor's weights taken away at each update, times its learning rate (AdamW). A number of
   * at least 0. Default 0.
   */
  actorWeightDecay?: number
  /**
   * Share of the critics' weights taken away at each update, times their learning rate (AdamW). A number
   * of at least 0. Default 0.
   */
  criticWeightDecay?: number
  /** Which weights decay: 'all', or the 'kernels' of layers alone. 'all' or 'kernels'. Default 'all'. */
  weightDecayOn?: 'all' | 'kernels'
  /**
   * Maximum gradient norm of each optimiser, over all its parameters together; longer gradients are
   * scaled down. 'none' or a number above 0. Default 'none'.
   */
  maxGradientNorm?: 'none' | number
  /** Transitions in a gradient update. A whole number of at least 1. Default 256. */
  batchSize?: number
  /**
   * Transitions the replay buffer keeps; the oldest make room for the newest. A whole number from 1 to
   * 1073741824. Default 1000000.
   */
  bufferSize?: number
  /**
   * Share of each batch that comes from demonstrations, if there are any; the rest is the agent's own
   * experience. A number from 0 to 1. Default 0.5.
   */
  demonstrationShare?: number
  /**
   * Weight in the actor's loss of imitating the demonstrations in a batch, in units of the rest of it; 0
   * imitates none. A number of at least 0. Default 0.
   */
  cloningWeight?: number
  /**
   * Environment steps before the first update, with uniformly random actions, or those of a policy that
   * was loaded. A whole number of at least 0. Default 1000.
   */
  learningStarts?: number
  /**
   * Steps for which each uniformly random action is held; long swings reach what single random steps do
   * not. A whole number of at least 1. Default 1.
   */
  randomActionRepeat?: number
  /**
   * Gradient updates per environment step; a fraction such as 0.5 spreads them out. A number of at least
   * 0. Default 1.
   */
  updatesPerStep?: number
  /**
   * Shift and scale observations by their running mean and deviation before every network, clipped to 10
   * deviations. True or false. Default false.
   */
  normalizeObservations?: boolean
  /**
   * Factor by which rewards are multiplied to learn from them; returns are reported as they are. A number
   * above 0. Default 1.
   */
  rewardScale?: number
  /**
   * Environments that run side by side, each with its own part of the replay buffer; updates per step
   * stay the same. A whole number of at least 1. Default 1.
   */
  envs?: number
  /**
   * The actor and the temperature move every policyDelay updates, counted over the whole run. A whole
   * number of at least 1. Default 1.
   */
  policyDelay?: number
  /**
   * The target networks move every targetUpdateInterval updates, counted over the whole run. A whole
   * number of at least 1. Default 1.
   */
  targetUpdateInterval?: number
  /**
   * What runs the gradient step: 'wasm' gives the same bits on every machine, 'wasm-fast' takes fused
   * multiply-add where the platform has it, 'native' computes the same in native code; 'auto' takes
   * 'native' for large networks ('wasm-fast' where that is missing) and otherwise 'wasm'. 'auto', 'wasm',
   * 'wasm-fast' or 'native'. Default 'auto'.
   */
  engine?: 'auto' | 'wasm' | 'wasm-fast' | 'native'
  /**
   * Threads of the engine; 'auto' is one for small networks and one per core for large ones. 'auto' or a
   * whole number of at least 1. Default 'auto'.
   */
  threads?: 'auto' | number
  /**
   * Updates run off the caller's thread, which stays free: for pages and servers with large networks.
   * True or false. Default false.
   */
  background?: boolean
}

/** Options with every default of the member filled in; those that it does not have are missing. */
export interface SacOptions {
  /**
   * Member of the family that learns; the defaults of the other options are those published for it.
   * 'sac', 'td3', 'ddpg', 'redq', 'droq', 'tqc', 'crossq', 'sac-n'. Default 'sac'.
   */
  algorithm: 'sac' | 'td3' | 'ddpg' | 'redq' | 'droq' | 'tqc' | 'crossq' | 'sac-n'
  /**
   * Seed of every random stream: environment, exploration, replay, updates, initial weights. A whole
   * number from 0 to 4294967295. Default 0.
   */
  seed: number
  /** Discount of the reward one step later. A number from 0 to 1. Default 0.99. */
  gamma: number
  /**
   * Share of the critics that moves into the target critics at each target update (Polyak averaging). A
   * number above 0, at most 1. Default 0.005.
   */
  tau: number
  /**
   * Rewards that a target sums up before it asks the critics; fewer where an episode ends. A whole number
   * of at least 1. Default 1.
   */
  nStep: number
  /**
   * Goals with which transitions are learned from, in environments that have goals: 'none' is those
   * desired at the time, 'future' also those achieved later in the episode (HER). 'none' or 'future'.
   * Default 'none'.
   */
  hindsight: 'none' | 'future'
  /**
   * With hindsight, transitions with a goal achieved later for each one that keeps its own, k. A whole
   * number of at least 1. Default 4.
   */
  hindsightGoals: number
  /**
   * Which transitions are drawn more often: 'none', each is as likely, or 'proportional' to the critics'
   * errors to the power of priorityAlpha. 'none' or 'proportional'. Default 'none'.
   */
  prioritizedReplay: 'none' | 'proportional'
  /**
   * With prioritised replay, how much errors count: 0 draws uniformly, 1 in proportion to them. A number
   * from 0 to 1. Default 0.6.
   */
  priorityAlpha: number
  /**
   * With prioritised replay, how far rows that are drawn more often count less in the critics' loss: 1
   * makes up for all of it. A number from 0 to 1. Default 0.4.
   */
  priorityBeta: number
  /**
   * How priorityBeta goes to priorityBetaScheduleEnd within scheduleSteps. 'constant', 'linear',
   * 'cosine', 'exponential'. Default 'constant'.
   */
  priorityBetaSchedule: 'constant' | 'linear' | 'cosine' | 'exponential'
  /** Where the schedule of priorityBeta ends. A number from 0 to 1. Default 1. */
  priorityBetaScheduleEnd: number
  /**
   * Weight alpha of the entropy: a number keeps it fixed, 'auto' tunes it from 1, 'auto_0.1' from 0.1. A
   * number of at least 0, 'auto', or 'auto_' and a starting value above 0, as in 'auto_0.1'. Default
   * 'auto'.
   */
  temperature?: number | string
  /**
   * Entropy that an automatic temperature aims at; 'auto' is minus the number of action dimensions.
   * 'auto' or any finite number. Default 'auto'.
   */
  targetEntropy?: 'auto' | number
  /**
   * How the entropy that is aimed at, or a fixed temperature, goes to entropyScheduleEnd within
   * scheduleSteps. 'constant', 'linear', 'cosine', 'exponential'. Default 'constant'.
   */
  entropySchedule?: 'constant' | 'linear' | 'cosine' | 'exponential'
  /**
   * Where the entropy schedule ends: a target entropy, or the temperature if that is fixed. Any finite
   * number; at least 0 for a fixed temperature.
   */
  entropyScheduleEnd?: number
  /**
   * Width of each hidden layer of the actor, and of the critics unless criticHiddenSizes says otherwise.
   * A list of one or more whole numbers of at least 1, such as 256,256. Default [256, 256].
   */
  hiddenSizes: number[]
  /** Non-linearity of the hidden layers. 'relu' or 'tanh'. Default 'relu'. */
  activation: 'relu' | 'tanh'
  /**
   * Width of each hidden layer of the critics; 'same' is those of the actor. 'same' or a list of one or
   * more whole numbers of at least 1, such as 512,512. Default 'same'.
   */
  criticHiddenSizes: 'same' | number[]
  /**
   * Non-linearity of the critics' hidden layers; 'same' is that of the actor. 'same', 'relu' or 'tanh'.
   * Default 'same'.
   */
  criticActivation: 'same' | 'relu' | 'tanh'
  /** Number of critics. A whole number of at least 1. Default 2. */
  critics: number
  /**
   * Critics of which a target takes the smallest, drawn again for each update; 'all' is all of them.
   * 'all' or a whole number from 1 to the number of critics. Default 'all'.
   */
  targetCritics?: 'all' | number
  /**
   * What the actor maximises: the smallest of the critics, their mean, or the first one. 'min', 'mean' or
   * 'first'. Default 'min'.
   */
  actorValue?: 'min' | 'mean' | 'first'
  /** Quantiles of the return that each critic gives. A whole number of at least 1. */
  atoms?: number
  /**
   * Highest quantiles for each critic that a target leaves out, against overestimation. A whole number of
   * at least 0, below the number of atoms.
   */
  droppedAtoms?: number
  /**
   * Layer normalisation in the hidden layers of the critics, before the activation. True or false.
   * Default false.
   */
  layerNorm: boolean
  /** Term that keeps the division of layer normalisation finite. A number above 0. Default 0.00001. */
  layerNormEpsilon: number
  /**
   * Batch renormalisation of the input and after each hidden layer, in actor and critics. True or false.
   * Default false.
   */
  batchRenorm: boolean
  /**
   * Updates of each network with plain batch normalisation, before its statistics are good enough to
   * correct by. A whole number of at least 0. Default 100000.
   */
  batchRenormWarmup: number
  /** Share of the running statistics that stays at each update. A number from 0 to 1. Default 0.99. */
  batchRenormMomentum: number
  /**
   * Largest correction r of the deviation; the smallest is its reciprocal. A number of at least 1.
   * Default 3.
   */
  batchRenormMaxScale: number
  /** Largest correction d of the mean, in deviations. A number of at least 0. Default 5. */
  batchRenormMaxShift: number
  /** Term that keeps the division of batch renormalisation finite. A number above 0. Default 0.001. */
  batchRenormEpsilon: number
  /**
   * 'paper' is (x - mean) / sigma r + d as published; 'folded' takes r and d into mean and variance
   * first, as SBX does; they differ where a unit hardly varies. 'paper' or 'folded'. Default 'paper'.
   */
  batchRenormForm: 'paper' | 'folded'
  /**
   * Share of hidden units of the critics that is left out at random, in every pass of an update. A number
   * of at least 0, below 1. Default 0.
   */
  dropout: number
  /**
   * Slow copies of the networks for the target; false takes the networks themselves. True or false.
   * Default true.
   */
  targetNetworks: boolean
  /**
   * Standard deviation of the noise added to actions while learning, in units of half the action range. A
   * number of at least 0.
   */
  explorationNoise?: number
  /**
   * 'gaussian' is independent at each step, 'ornstein-uhlenbeck' wanders and returns to 0. 'gaussian' or
   * 'ornstein-uhlenbeck'.
   */
  explorationNoiseKind?: 'gaussian' | 'ornstein-uhlenbeck'
  /** Share of the way back to 0 that Ornstein-Uhlenbeck noise takes at each step. A number from 0 to 1. */
  explorationNoiseTheta?: number
  /**
   * How explorationNoise goes to explorationNoiseScheduleEnd within scheduleSteps. 'constant', 'linear',
   * 'cosine', 'exponential'.
   */
  explorationNoiseSchedule?: 'constant' | 'linear' | 'cosine' | 'exponential'
  /** Where the schedule of the exploration noise ends. A number of at least 0. */
  explorationNoiseScheduleEnd?: number
  /**
   * Exploration with noise that is the same function of the state for a while (gSDE), of smooth actions,
   * for robots. True or false. Default false.
   */
  stateDependentNoise?: boolean
  /**
   * Steps after which noise that depends on the state is drawn anew; 'episode' keeps it for whole
   * episodes. 'episode' or a whole number of at least 1. Default 'episode'.
   */
  stateDependentNoiseSteps?: 'episode' | number
  /**
   * Logarithm of the deviations that noise which depends on the state begins with. A number from -20 to
   * 2. Default -3.
   */
  stateDependentNoiseStart?: number
  /**
   * Standard deviation of the noise added to the target policy's actions, in units of half the action
   * range. A number of at least 0.
   */
  targetNoise?: number
  /** Largest magnitude of that noise. A number of at least 0. */
  targetNoiseClip?: number
  /** Adam's learning rate for the actor. A number above 0. Default 0.0003. */
  actorLearningRate: number
  /** Adam's learning rate for the critics. A number above 0. Default 0.0003. */
  criticLearningRate: number
  /** Adam's learning rate for the logarithm of the temperature. A number above 0. Default 0.0003. */
  temperatureLearningRate?: number
  /**
   * How all learning rates go to learningRateScheduleEnd of themselves within scheduleSteps. 'constant',
   * 'linear', 'cosine', 'exponential'. Default 'constant'.
   */
  learningRateSchedule: 'constant' | 'linear' | 'cosine' | 'exponential'
  /** Share of all learning rates that is left where their schedule ends. A number from 0 to 1. Default 0. */
  learningRateScheduleEnd: number
  /**
   * Environment steps within which schedules run; 'auto' is all steps of the run. 'auto' or a whole
   * number of at least 1. Default 'auto'.
   */
  scheduleSteps: 'auto' | number
  /** Decay of Adam's first moment, of actor and critics. A number of at least 0, below 1. Default 0.9. */
  beta1: number
  /** Decay of Adam's first moment, of the temperature. A number of at least 0, below 1. Default 0.9. */
  temperatureBeta1?: number
  /**
   * Share of the actor's weights taken away at each update, times its learning rate (AdamW). A number of
   * at least 0. Default 0.
   */
  actorWeightDecay: number
  /**
   * Share of the critics' weights taken away at each update, times their learning rate (AdamW). A number
   * of at least 0. Default 0.
   */
  criticWeightDecay: number
  /** Which weights decay: 'all', or the 'kernels' of layers alone. 'all' or 'kernels'. Default 'all'. */
  weightDecayOn: 'all' | 'kernels'
  /**
   * Maximum gradient norm of each optimiser, over all its parameters together; longer gradients are
   * scaled down. 'none' or a number above 0. Default 'none'.
   */
  maxGradientNorm: 'none' | number
  /** Transitions in a gradient update. A whole number of at least 1. Default 256. */
  batchSize: number
  /**
   * Transitions the replay buffer keeps; the oldest make room for the newest. A whole number from 1 to
   * 1073741824. Default 1000000.
   */
  bufferSize: number
  /**
   * Share of each batch that comes from demonstrations, if there are any; the rest is the agent's own
   * experience. A number from 0 to 1. Default 0.5.
   */
  demonstrationShare: number
  /**
   * Weight in the actor's loss of imitating the demonstrations in a batch, in units of the rest of it; 0
   * imitates none. A number of at least 0. Default 0.
   */
  cloningWeight: number
  /**
   * Environment steps before the first update, with uniformly random actions, or those of a policy that
   * was loaded. A whole number of at least 0. Default 1000.
   */
  learningStarts: number
  /**
   * Steps for which each uniformly random action is held; long swings reach what single random steps do
   * not. A whole number of at least 1. Default 1.
   */
  randomActionRepeat: number
  /**
   * Gradient updates per environment step; a fraction such as 0.5 spreads them out. A number of at least
   * 0. Default 1.
   */
  updatesPerStep: number
  /**
   * Shift and scale observations by their running mean and deviation before every network, clipped to 10
   * deviations. True or false. Default false.
   */
  normalizeObservations: boolean
  /**
   * Factor by which rewards are multiplied to learn from them; returns are reported as they are. A number
   * above 0. Default 1.
   */
  rewardScale: number
  /**
   * Environments that run side by side, each with its own part of the replay buffer; updates per step
   * stay the same. A whole number of at least 1. Default 1.
   */
  envs: number
  /**
   * The actor and the temperature move every policyDelay updates, counted over the whole run. A whole
   * number of at least 1. Default 1.
   */
  policyDelay: number
  /**
   * The target networks move every targetUpdateInterval updates, counted over the whole run. A whole
   * number of at least 1. Default 1.
   */
  targetUpdateInterval: number
  /**
   * What runs the gradient step: 'wasm' gives the same bits on every machine, 'wasm-fast' takes fused
   * multiply-add where the platform has it, 'native' computes the same in native code; 'auto' takes
   * 'native' for large networks ('wasm-fast' where that is missing) and otherwise 'wasm'. 'auto', 'wasm',
   * 'wasm-fast' or 'native'. Default 'auto'.
   */
  engine: 'auto' | 'wasm' | 'wasm-fast' | 'native'
  /**
   * Threads of the engine; 'auto' is one for small networks and one per core for large ones. 'auto' or a
   * whole number of at least 1. Default 'auto'.
   */
  threads: 'auto' | number
  /**
   * Updates run off the caller's thread, which stays free: for pages and servers with large networks.
   * True or false. Default false.
   */
  background: boolean
}
