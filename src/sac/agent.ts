import type { NamedTensors } from '../encoding/safetensors.ts'
import { codeSize, decodeAction, drawCode, encodeAction, requireActionSpace } from '../env/action-space.ts'
import { isPromise } from '../env/awaitable.ts'
import type { Awaitable, Vector } from '../env/env.ts'
import { describe, requireFlag, requireNames, requireNumber, requireVector } from '../env/require.ts'
import { requireSpaces } from '../env/require-env.ts'
import type { ActionSpace, Box } from '../env/spaces.ts'
import { requireWithin } from '../env/within.ts'
import { createBreaks } from '../event-loop.ts'
import { type Arrays, copyArrays, writeArrays } from '../graph/program.ts'
import { mapRecord } from '../map-record.ts'
import { OptionError, requireOptions } from '../options.ts'
import type { Head } from '../policy/head.ts'
import { normalize } from '../policy/normalizer.ts'
import {
  type ActOptions,
  createPolicy,
  type Policy,
  type PolicyNetwork,
  type PolicySource,
} from '../policy/policy.ts'
import { createRandom } from '../random.ts'
import type { HindsightOptions } from '../replay/future-goals.ts'
import { sampleMixture } from '../replay/mixture.ts'
import { createReplayBuffer, type ReplayBuffer } from '../replay/replay-buffer.ts'
import type { Batch, Transition } from '../replay/transition.ts'
import { actingForward } from './acting.ts'
import { type AgentState, requireAgentState, STREAMS, type Streams } from './agent-state.ts'
import { drawChance } from './chance.ts'
import { cloneActor } from './cloning.ts'
import { chooseEngine } from './engine.ts'
import { createExplorationNoise, type ExplorationNoise } from './exploration-noise.ts'
import { type AgentSpaces, hindsightOf } from './hindsight.ts'
import { createLearner, type Learner } from './learner.ts'
import { type LiveOptions, parseChanges } from './live-options.ts'
import type { UpdateMetrics } from './metrics.ts'
import type { SacOptions, SacOptionsInput } from './options.ts'
import { exportParameters, importParameters } from './parameters.ts'
import { parseSacOptions } from './parse-options.ts'
import { policyNetworkOf } from './policy-network.ts'
import { createRunningStatistics, type RunningStatistics } from './running-statistics.ts'
import { requireSizes } from './sizes.ts'
import { type StoredTransitions, takeIn } from './stored-experience.ts'
import { isTuned, targetEntropyAt } from './temperature.ts'
import type { UpdateInputs } from './tensors.ts'
import { createTurns } from './turns.ts'

export type { AgentState } from './agent-state.ts'

/** What `learnFrom` takes beside the transitions. */
export interface LearnFromOptions {
  /**
   * 'demonstrations' are kept beside the replay buffer, and the share `demonstrationShare` of every batch is drawn from
   * them; 'replay' is the replay buffer itself, in which they count as the agent's own experience until newer experience
   * takes their place. Default 'demonstrations'.
   */
  into?: 'demonstrations' | 'replay'
  /** Stops it: the promise rejects with the signal's reason, and what was taken in by then stays. */
  signal?: AbortSignal
}

/** Where an agent's time goes, in milliseconds. */
export interface Timings {
  /** In the environments: counted by `train`, because an agent does not see it. */
  environment: number
  /** Choosing actions while learning. */
  act: number
  /** Drawing batches and noise for updates. */
  sample: number
  /** In the gradient steps themselves. */
  update: number
}

/**
 * An agent of Soft Actor-Critic (Haarnoja et al. 2018) or another member of its family (option `algorithm`): policy,
 * critics, temperature, replay buffer and random streams.
 *
 * `train` drives it; a program with a loop of its own calls `explore`, `observe` and `update`:
 * @example
 * const action = agent.explore(observation)
 * // ... the action takes effect in your world ...
 * let due = agent.observe({ observation, action, reward, nextObservation, terminated, truncated })
 * while (due-- > 0) await agent.update()
 */
export class SAC implements Policy, PolicySource {
  readonly options: SacOptions
  /** Id of the environment it was made for, if that has one. */
  readonly environment?: string
  readonly observationSpace: Box
  readonly actionSpace: ActionSpace
  /** Its actions are within [-1, 1], or each the number of a discrete one; with `normalizeObservations` its observations are less their origin (`statistics`). */
  readonly replay: ReplayBuffer
  readonly learner: Learner
  readonly random: Streams
  /** Statistics of the observations acted on, with the option `normalizeObservations`. */
  readonly statistics: RunningStatistics | undefined
  /** Time spent so far, in milliseconds. */
  readonly timings: Timings = { environment: 0, act: 0, sample: 0, update: 0 }
  /** Environment steps observed, over the agent's whole life. */
  steps = 0
  /** Episodes ended, over the agent's whole life. */
  episodes = 0
  /** Updates of the last step that `train` has still to make, because its loop was left before they were made. */
  updatesDue = 0
  readonly #hindsight: HindsightOptions | undefined
  readonly #policy: Policy
  /** What makes a deterministic policy explore. */
  readonly explorationNoise: ExplorationNoise | undefined
  readonly #code: Float32Array
  readonly #observation: Float32Array
  readonly #nextObservation: Float32Array
  readonly #updates = createTurns()
  #demonstrations: ReplayBuffer | undefined
  #policyLoaded = false
  /** Steps before the first update. */
  #learningFrom: number
  #disposal: Promise<void> | undefined

  private constructor(
    options: SacOptions,
    spaces: AgentSpaces,
    learner: Learner,
    random: Streams,
    hindsight: HindsightOptions | undefined,
  ) {
    this.options = options
    this.#learningFrom = options.learningStarts
    this.environment = spaces.id
    this.observationSpace = spaces.observationSpace
    this.actionSpace = spaces.actionSpace
    this.learner = learner
    this.random = random
    this.#hindsight = hindsight
    this.replay = this.#createMemory(options.envs)
    const { observationSize } = learner.config
    const statistics = options.normalizeObservations
      ? // Goals have no origin, because what is achieved takes the place of what is desired.
        createRunningStatistics(observationSize, observationSize - 2 * (hindsight?.goalSize ?? 0))
      : undefined
    this.statistics = statistics
    this.#policy = createPolicy(
      spaces,
      this.network.head,
      actingForward(learner, statistics),
      random.exploration,
    )
    this.explorationNoise = createExplorationNoise(options, spaces.actionSpace.size, random.exploration)
    this.#code = new Float32Array(codeSize(spaces.actionSpace))
    this.#observation = new Float32Array(learner.config.observationSize)
    this.#nextObservation = new Float32Array(learner.config.observationSize)
  }

  /**
   * Makes an agent for an environment (or anything with its two spaces).
   * @throws TypeError for something that is no environment and has no spaces
   * @throws OptionError for a misspelt option or a value out of range, for a member without a form for discrete actions,
   *   and for hindsight where there are no goals
   * @throws RangeError for action bounds that are not finite, and for an action space of another kind
   */
  static async create(spaces: AgentSpaces, input: SacOptionsInput = {}): Promise<SAC> {
    requireSpaces('SAC.create', spaces)
    const options = parseSacOptions(input)
    requireActionSpace(spaces.actionSpace)
    requireScheduleSteps(options)
    const hindsight = hindsightOf(options, spaces)
    const streams = STREAMS.map(name => [name, createRandom(options.seed, name)] as const)
    const random = Object.fromEntries(streams) as Streams
    const sizes = requireSizes(options, spaces)
    const engine = chooseEngine(options)
    const learner = await createLearner({ ...options, ...sizes }, engine, random['initial weights'])
    return new SAC(options, spaces, learner, random, hindsight)
  }

  #createMemory(lanes: number): ReplayBuffer {
    const { bufferSize, gamma, nStep } = this.options
    const { observationSize } = this.learner.config
    const actionSize = codeSize(this.actionSpace)
    const hindsight = this.#hindsight
    return createReplayBuffer({
      capacity: bufferSize,
      observationSize,
      actionSize,
      lanes,
      gamma,
      nStep,
      hindsight,
    })
  }

  /** How the actor's network is built. */
  get network(): PolicyNetwork & { head: Head } {
    return policyNetworkOf(this.options, this.actionSpace)
  }

  /** What runs the gradient step, for people to read. */
  get engine(): string {
    return this.learner.program.engine
  }

  /** What a user should know about the engine, if anything. */
  get engineNotice(): string | undefined {
    return this.learner.program.notice
  }

  /** The entropy that the temperature aims at now; undefined if it does not tune itself. */
  get targetEntropy(): number | undefined {
    return isTuned({ ...this.options, ...this.changes })
      ? targetEntropyAt(this.#progress(), { ...this.learner.config, ...this.changes })
      : undefined
  }

  /** The options that were changed since it was made (`change`), with the values in force. */
  get changes(): LiveOptions {
    return this.learner.changes
  }

  /**
   * Changes learning rates, the temperature or the entropy it aims at, from the next update on: also between two events
   * of `train`, which then yields a `change` event. `state` has the changes, so that an agent resumes with them.
   * `options` stays what it was made with.
   * @throws OptionError for an option that cannot change, or a value out of range; nothing is changed then
   * @throws Error after `dispose`, and while an update is under way
   * @example
   * agent.change({ actorLearningRate: 1e-4, temperature: 0.05 })
   */
  change(changes: LiveOptions): void {
    this.#requireRest('change')
    const given = parseChanges(this.options, changes)
    // A choice has an entropy within bounds.
    requireSizes({ ...this.options, ...this.changes, ...given }, this)
    this.learner.takeChanges({ ...this.changes, ...given })
    if (given.temperature !== undefined) this.learner.holdTemperature(given.temperature)
  }

  /** Gradient updates made, over the agent's whole life. */
  get updates(): number {
    return this.learner.counters.updates
  }

  /**
   * The policy's action for an observation, both in the environment's units. Synchronous.
   * @throws RangeError for an observation of another length, or with an element that is not finite
   * @throws Error after `dispose`
   */
  act(observation: Vector, options?: ActOptions): Float32Array {
    this.#requireEngine('act')
    return this.#policy.act(observation, options)
  }

  /**
   * The action to take while learning: for the first `learningStarts` steps uniformly random, each held for
   * `randomActionRepeat` steps, then a sample of the policy (of a deterministic one its action and exploration noise). With a policy that was loaded (`loadParameters`) it is a
   * sample from the first step on, because experience of that policy is what it is to be improved with.
   * @param environment which of the environments side by side it is for, counted from 0
   * @throws RangeError as `act`
   * @throws Error after `dispose`
   */
  explore(observation: Vector, environment = 0): Float32Array {
    this.#requireEngine('explore')
    const started = performance.now()
    const random = !this.#policyLoaded && this.steps < this.#learningFrom
    if (random) requireVector('observation', observation, this.observationSpace.size)
    const action = random ? this.#randomAction(environment) : this.#noisyAction(observation, environment)
    this.timings.act += performance.now() - started
    return action
  }

  #noisyAction(observation: Vector, environment: number): Float32Array {
    const action = this.act(observation)
    if (!this.explorationNoise) return action
    const code = encodeAction(this.actionSpace, action, action)
    return decodeAction(
      this.actionSpace,
      this.explorationNoise.addTo(code, environment, this.#progress()),
      code,
    )
  }

  #randomAction(environment: number): Float32Array {
    const { envs, randomActionRepeat } = this.options
    const held = Math.floor(this.steps / envs) % randomActionRepeat > 0
    // The replay buffer remembers what is held, so that there is nothing more for `state` to keep.
    const newest = held ? this.replay.newestAction(environment) : undefined
    const code = newest ?? drawCode(this.actionSpace, this.random.exploration)
    return decodeAction(this.actionSpace, code, new Float32Array(this.actionSpace.size))
  }

  /**
   * Stores one step of experience, in the environment's units.
   * @param environment which of the environments side by side it comes from, counted from 0
   * @returns how many gradient updates are now due (`updatesPerStep`, once `learningStarts` steps are over)
   * @throws RangeError for wrong lengths and for what is not a number or not finite; nothing is stored then
   * @throws TypeError for `terminated` or `truncated` that is neither true nor false; nothing is stored then
   * @throws Error after `dispose`
   */
  observe(transition: Transition, environment = 0): number {
    this.#requireEngine('observe')
    this.#store(this.replay, environment, transition)
    this.steps++
    if (transition.terminated || transition.truncated) {
      this.episodes++
      this.explorationNoise?.reset(environment)
    }
    const learningSteps = this.steps - this.#learningFrom
    if (learningSteps <= 0) return 0
    const { updatesPerStep } = this.options
    return Math.floor(learningSteps * updatesPerStep) - Math.floor((learningSteps - 1) * updatesPerStep)
  }

  /** Stores a transition in the form in which it is learned from; nothing is stored if it throws. */
  #store(memory: ReplayBuffer, lane: number, transition: Transition): void {
    if (typeof transition?.terminated !== 'boolean') requireNames('the transition', transition, PARTS)
    const { observation, action, reward, nextObservation, terminated, truncated = false } = transition
    // What is converted below is checked before; the replay buffer checks the rest.
    requireVector('action', action, this.actionSpace.size)
    requireNumber('reward', reward)
    requireFlag('truncated', truncated)
    const code = encodeAction(this.actionSpace, action, this.#code)
    const scaled = reward * this.options.rewardScale
    requireNumber('reward times rewardScale', scaled)
    const stored = { observation, action: code, reward: scaled, nextObservation, terminated, truncated }
    if (this.statistics) this.#addCentred(this.statistics, memory, lane, stored)
    else memory.add(lane, stored)
  }

  /** Demonstrations that it learns from, in the form of `replay`; undefined without any. */
  get demonstrations(): ReplayBuffer | undefined {
    return this.#demonstrations
  }

  /**
   * Takes in transitions from elsewhere, in the environment's units and in the order in which they happened: those of a
   * file (`readTransitions`), of another policy or of a person. They are no steps of this agent, and by themselves cause no
   * updates. Where an observation is not the next observation of the transition before, another episode begins. At most
   * `bufferSize` are kept, the newest ones; with `normalizeObservations` their observations count in the statistics.
   *
   * @returns how many were taken in
   * @throws RangeError that names the transition, counted from 1, if it has a wrong length, something that is not a finite
   *   number, or an action out of bounds; TypeError if it has no proper `terminated`. Those before it have been taken in.
   * @throws Error after `dispose`
   * @example
   * await agent.learnFrom(readTransitions(file, agent))
   */
  async learnFrom(transitions: StoredTransitions, options: LearnFromOptions = {}): Promise<number> {
    this.#requireEngine('learnFrom')
    requireOptions('learnFrom', options, ['into', 'signal'])
    const { into = 'demonstrations', signal } = options
    if (into !== 'demonstrations' && into !== 'replay') {
      throw new RangeError(`into is ${describe(into)}; it must be 'demonstrations' or 'replay'.`)
    }
    if (into === 'demonstrations') this.#demonstrations ??= this.#createMemory(1)
    const memory = into === 'replay' ? this.replay : this.#demonstrations!
    return takeIn(transitions, {
      lanes: memory.lanes,
      signal,
      add: (lane, transition) => {
        requireWithin('action', this.actionSpace, transition.action)
        this.#store(memory, lane, transition)
      },
      endEpisode: lane => memory.endEpisode(lane),
    })
  }

  /** Stores a transition with both observations less the origin of the statistics, and counts in the first. */
  #addCentred(
    statistics: RunningStatistics,
    memory: ReplayBuffer,
    lane: number,
    transition: Transition,
  ): void {
    const { observationSize } = this.learner.config
    requireVector('observation', transition.observation, observationSize)
    requireVector('nextObservation', transition.nextObservation, observationSize)
    requireFlag('terminated', transition.terminated)
    statistics.begin(transition.observation)
    const observation = statistics.centre(transition.observation, this.#observation)
    const nextObservation = statistics.centre(transition.nextObservation, this.#nextObservation)
    memory.add(lane, { ...transition, observation, nextObservation })
    statistics.add(observation)
  }

  /**
   * One gradient update on a batch from the replay buffer and the demonstrations. The batch is drawn now; if another update is still under way,
   * this one waits for it. So the result depends on the order of calls alone, not on whether each was awaited.
   * @throws DivergenceError if something is not finite; parameters and optimisers are then as before
   * @throws RangeError while there is nothing to learn from
   * @throws EnvironmentError if the environment fails to compute rewards for hindsight
   * @throws Error after `dispose`
   */
  async update(): Promise<UpdateMetrics> {
    this.#requireEngine('update')
    const { inputs } = this.learner.program
    const { busy } = this.#updates
    const started = performance.now()
    // The program's own inputs belong to the update under way.
    const drawn = busy ? copyArrays(inputs) : inputs
    const rewards = this.#draw(drawn)
    // It is awaited when its turn comes, and until then a failure has no other handler.
    if (isPromise(rewards)) rewards.catch(() => {})
    const progress = this.#progress()
    this.timings.sample += performance.now() - started
    return this.#updates.take(async () => {
      if (isPromise(rewards)) await rewards
      const begun = performance.now()
      if (busy) writeArrays(inputs, drawn)
      const metrics = await this.learner.update(progress)
      this.timings.update += performance.now() - begun
      return metrics
    })
  }

  /**
   * Draws all that is random about an update: a batch of transitions, noise, and what else the options require.
   * @returns with hindsight, a promise if the environment does not compute rewards at once: then they come later
   */
  #draw(inputs: Arrays<UpdateInputs>): Awaitable<void> {
    const { batchSize, demonstrationShare: share } = this.options
    const { replay: experience, demonstrations } = this
    const random = this.random.replay
    const rewards = demonstrations?.size
      ? sampleMixture({ demonstrations, experience, share }, random, inputs, batchSize)
      : experience.sample(random, inputs, batchSize)
    this.#normalize(inputs)
    drawChance(inputs, this.options, this.random.updates)
    return rewards
  }

  /**
   * Behaviour cloning: the actor alone learns to do what the demonstrations show, as a start that training improves on.
   * From then on `explore` samples the policy also before learning starts.
   * @param updates gradient updates of the actor, at `actorLearningRate` on batches of `batchSize`
   * @returns the mean squared distance from the demonstrated actions in the last batch, in units of half the action range
   * @throws RangeError without demonstrations (`learnFrom`) and for `updates` out of range, and if it diverges; the actor is
   *   then as it was, as it is if the signal stops it
   * @throws Error after `dispose`, and while an update is under way
   */
  async cloneDemonstrations(updates: number, { signal }: { signal?: AbortSignal } = {}): Promise<number> {
    this.#requireRest('cloneDemonstrations')
    if (!(Number.isInteger(updates) && updates >= 1)) {
      throw new RangeError(`updates is ${describe(updates)}; it must be a whole number of at least 1.`)
    }
    const { learner, demonstrations } = this
    if (!demonstrations?.size) {
      throw new RangeError('There are no demonstrations to clone: agent.learnFrom(transitions) first.')
    }
    const breaks = createBreaks()
    return this.#updates.take(async () => {
      const loss = await cloneActor({
        learner,
        engine: chooseEngine(this.options),
        demonstrations,
        random: this.random.replay,
        updates,
        normalize: batch => this.#normalize(batch),
        async pause() {
          if (breaks.isDue()) await breaks.take()
          signal?.throwIfAborted()
        },
      })
      this.#policyLoaded = true
      return loss
    })
  }

  #normalize({ observation, nextObservation }: Pick<Batch, 'observation' | 'nextObservation'>): void {
    if (!this.statistics) return
    const { normalizer } = this.statistics
    normalize(normalizer, observation, observation)
    normalize(normalizer, nextObservation, nextObservation)
  }

  /** Counts time in the environments, which the agent does not see, in milliseconds. */
  addEnvironmentTime(milliseconds: number): void {
    this.timings.environment += milliseconds
  }

  /** How far schedules are, from 0 to 1. */
  #progress(): number {
    const { scheduleSteps } = this.options
    return scheduleSteps === 'auto' ? 0 : Math.min(1, this.steps / scheduleSteps)
  }

  /**
   * Reports that the episode in progress was abandoned and another one begins. This is not needed after a terminated
   * or truncated step.
   * @param environment which of the environments side by side, counted from 0
   */
  endEpisode(environment = 0): void {
    this.replay.endEpisode(environment)
    this.explorationNoise?.reset(environment)
  }

  /**
   * Copies of every parameter by name, such as `actor.kernel0` [observations, hidden] or `critic1.bias2` [1, 1], and
   * `normalizer.mean`, `.meanRemainder` (what rounding the means to float32 left over), `.variance` [observations] and
   * `.count` [1] with the option `normalizeObservations`.
   */
  parameters(): NamedTensors {
    return exportParameters(this)
  }

  /**
   * Overwrites every parameter, targets and temperature included; optimisers keep their moments. From now on `explore`
   * samples the policy also before learning starts.
   * @param learnedFrom the environment steps that they come from, from which the agent then counts on. Updates are not
   *   counted on: Adam would take its moments, which begin at 0, for those of as many updates, and take steps three times
   *   too long.
   * @throws RangeError if one is missing, has another shape or a number that is not finite; nothing is changed then
   * @throws Error after `dispose`, and while an update is under way
   */
  loadParameters(parameters: NamedTensors, learnedFrom?: { steps: number }): void {
    this.#requireRest('loadParameters')
    importParameters(this, parameters)
    this.#policyLoaded = true
    if (!learnedFrom) return
    this.steps = learnedFrom.steps
  }

  /**
   * Everything that decides how it continues. The arrays are its own memory: save them before it learns further.
   * `train` has a state of its own, of the episodes in progress (`CheckpointEvent.state`).
   * @throws Error while an update is under way, because its random numbers are drawn but its result is not there yet
   */
  state(): AgentState {
    this.#requireNoUpdate('state')
    const { steps, episodes, updatesDue } = this
    return {
      counters: {
        steps,
        episodes,
        ...this.learner.counters,
        ...(updatesDue > 0 && { updatesDue }),
        ...(this.#learningFrom !== this.options.learningStarts && { learningFrom: this.#learningFrom }),
      },
      random: mapRecord(this.random, stream => stream.state()) as AgentState['random'],
      learner: this.learner.state(),
      statistics: this.statistics?.state(),
      exploration: this.explorationNoise?.state(),
      replay: this.replay.state(),
      ...(this.#demonstrations && { demonstrations: this.#demonstrations.state() }),
      ...(this.#policyLoaded && { policyLoaded: true }),
      ...(Object.keys(this.changes).length > 0 && { changes: this.changes }),
    }
  }

  /**
   * Resumes exactly from what `state` of an agent with the same options returned; the arrays are copied.
   * @throws RangeError if it is of an agent of other sizes or is damaged; nothing is changed then
   * @throws Error after `dispose`, and while an update is under way
   */
  restore(state: AgentState): void {
    this.#requireRest('restore')
    requireAgentState(this, state)
    const changes = parseChanges(this.options, state.changes ?? {})
    const { counters, random, learner, statistics, exploration, replay, demonstrations, policyLoaded } = state
    // First, because only these may still fail, for lack of memory; the agent is then as before.
    const shown = demonstrations && this.#createMemory(1)
    shown?.restore(demonstrations!)
    this.replay.restore(replay)
    this.#demonstrations = shown
    this.learner.restore(learner, counters)
    this.learner.takeChanges(changes)
    if (statistics) this.statistics?.restore(statistics)
    if (exploration) this.explorationNoise?.restore(exploration)
    for (const name of STREAMS) this.random[name].restore(random[name])
    this.steps = counters.steps
    this.episodes = counters.episodes
    this.updatesDue = counters.updatesDue ?? 0
    this.#learningFrom = counters.learningFrom ?? this.options.learningStarts
    this.#policyLoaded = policyLoaded ?? false
  }

  /**
   * Frees the engine's memory, once the updates that are under way have ended. The agent no longer acts or
   * learns; what it has learned can still be read (`parameters`, `state`). A second call does nothing.
   */
  dispose(): Promise<void> {
    this.#disposal ??= this.#updates.take(() => this.learner.program.dispose())
    return this.#disposal
  }

  #requireEngine(call: string): void {
    if (!this.#disposal) return
    throw new Error(
      `${call}() was called after dispose(): this agent has given its engine back. Dispose of it when all is done, ` +
        'or make a policy of its parameters, which needs no engine: policyFromParameters(agent.parameters(), ' +
        'agent, agent.network).',
    )
  }

  #requireNoUpdate(call: string): void {
    if (!this.#updates.busy) return
    throw new Error(`${call}() was called while an update is under way: await update() first.`)
  }

  #requireRest(call: string): void {
    this.#requireEngine(call)
    this.#requireNoUpdate(call)
  }
}

/** A transition, by the names of its parts. */
const PARTS = ['observation', 'action', 'reward', 'nextObservation', 'terminated'] as const

function requireScheduleSteps(options: SacOptions): void {
  const { learningRateSchedule, entropySchedule, explorationNoiseSchedule, scheduleSteps } = options
  const kinds = { learningRateSchedule, entropySchedule, explorationNoiseSchedule }
  for (const [name, kind] of Object.entries(kinds)) {
    if (scheduleSteps === 'auto' && kind !== undefined && kind !== 'constant') {
      throw new OptionError(
        `Option ${name} is "${kind}"; an agent by itself does not know how long it will learn, so set scheduleSteps.`,
      )
    }
  }
}
