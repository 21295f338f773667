// Made by tools/settings-types.ts: change the schema, then run `npm run options`.

/** Settings of a run other than the hyperparameters and the environment, as a user gives them. */
export type TrainingSettingsInput = {
  /** Environment steps to train for. A whole number of at least 1. */
  steps: number
  /** Environment steps from one evaluation to the next while training. 'never' or a whole number of at least 1. Default 'never'. */
  evaluateEvery?: 'never' | number
  /** Steps after which an episode that has not ended is cut off; 'own' leaves that to the environment. 'own' or a whole number of at least 1. Default 'own'. */
  timeLimit?: 'own' | number
  /** Number of recent observations to stack into one, for tasks where a single one does not show velocities. A whole number of at least 1. Default 1. */
  stackFrames?: number
  /** Threads over which environments side by side are spread, 0 for none but the agent's own; 'auto' is one per core, none for cheap environments. 'auto' or a whole number of at least 0. Default 'auto'. */
  envThreads?: 'auto' | number
  /** Episodes of an evaluation, the one after training included. A whole number of at least 1. Default 10. */
  evaluationEpisodes?: number
  /** Steps after which an episode of an evaluation is cut off, so that evaluations end; 'auto' is 10000, or the timeLimit, 'never' waits for the end of each. 'auto', 'never' or a whole number of at least 1. Default 'auto'. */
  evaluationSteps?: 'auto' | 'never' | number
  /** Environment steps from one checkpoint to the next; there is one at the end too. 'auto' is every 5 minutes. 'auto', 'never' or a whole number of at least 1. Default 'auto'. */
  checkpointEvery?: 'auto' | 'never' | number
  /** Where demonstrations go: 'batches' has the demonstrationShare of every batch made of them, 'replay' puts them into the replay buffer before training. Default 'batches'. */
  demonstrationsInto?: 'batches' | 'replay'
  /** Updates of the actor alone that imitate the demonstrations, before training. A whole number of at least 0. Default 0. */
  cloningUpdates?: number
  /** Updates of the whole agent on the demonstrations alone, before the first step. A whole number of at least 0. Default 0. */
  demonstrationUpdates?: number
  /** Steps from one line of metrics to the next; 'auto' is a thousandth of all steps, at least 100. 'auto' or a whole number of at least 1. Default 'auto'. */
  logEvery?: 'auto' | number
}
