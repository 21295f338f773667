import type { NamedTensors } from '../encoding/safetensors.ts'
import { requireActionSpace } from '../env/action-space.ts'
import { isPromise } from '../env/awaitable.ts'
import type { Vector } from '../env/env.ts'
import { describe } from '../env/require.ts'
import { requireSpaces } from '../env/require-env.ts'
import type { ActionSpace, Box } from '../env/spaces.ts'
import { createBreaks } from '../event-loop.ts'
import { copyArrays, writeArrays } from '../graph/program.ts'
import { mapRecord } from '../map-record.ts'
import { OptionError } from '../options.ts'
import type { Head } from '../policy/head.ts'
import {
  type ActOptions,
  createPolicy,
  type Policy,
  type PolicyNetwork,
  type PolicySource,
} from '../policy/policy.ts'
import { createRandom } from '../random.ts'
import type { HindsightOptions } from '../replay/future-goals.ts'
import type { ReplayBuffer } from '../replay/replay-buffer.ts'
import type { Transition } from '../replay/transition.ts'
import { actingForward } from './acting.ts'
import { type AgentState, requireAgentState, STREAMS, type Streams } from './agent-state.ts'
import { drawChance } from './chance.ts'
import { cloneActor } from './cloning.ts'
import { chooseEngine } from './engine.ts'
import { createExperience, type Experience, type LearnFromOptions } from './experience.ts'
import type { EpisodeNoise } from './exploration-noise.ts'
import { createExplorer, type Explorer } from './explorer.ts'
import { type AgentSpaces, hindsightOf } from './hindsight.ts'
import { createLearner, type Learner } from './learner.ts'
import { type LiveOptions, parseChanges } from './live-options.ts'
import type { UpdateMetrics } from './metrics.ts'
import type { SacOptions, SacOptionsInput } from './options.ts'
import { exportParameters, importParameters } from './parameters.ts'
import { parseSacOptions } from './parse-options.ts'
import { policyNetworkOf } from './policy-network.ts'
import type { RunningStatistics } from './running-statistics.ts'
import { progressAt } from './schedule.ts'
import { requireSizes } from './sizes.ts'
import { stateDependentNoiseOf } from './state-dependent-noise.ts'
import type { StoredTransitions } from './stored-experience.ts'
import { isTuned, targetEntropyAt } from './temperature.ts'
import { createTurns } from './turns.ts'

export type { AgentState } from './agent-state.ts'
export type { LearnFromOptions } from './experience.ts'

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
  /** What it was made with, every default of its algorithm filled in. */
  readonly options: SacOptions
  /** Id of the environment it was made for, if that has one. */
  readonly environment?: string
  /** What it observes. */
  readonly observationSpace: Box
  /** What it can do. */
  readonly actionSpace: ActionSpace
  /**
   * Networks, optimisers and the compiled gradient step.
   * @internal
   */
  readonly learner: Learner
  /** Its random streams, all derived from the option `seed`. */
  readonly random: Streams
  /** Time spent so far, in milliseconds. */
  readonly timings: Timings = { environment: 0, act: 0, sample: 0, update: 0 }
  /** Environment steps observed, over the agent's whole life. */
  steps = 0
  /** Episodes ended, over the agent's whole life. */
  episodes = 0
  /** Updates of the last step that `train` has still to make, because its loop was left before they were made. */
  updatesDue = 0
  readonly #experience: Experience
  readonly #policy: Policy
  readonly #explorer: Explorer
  readonly #updates = createTurns()
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
    const { observationSize } = learner.config
    this.#experience = createExperience(options, { ...spaces, observationSize }, hindsight)
    const { replay, statistics } = this.#experience
    const forward = actingForward(learner, statistics)
    this.#policy = createPolicy(spaces, this.network.head, forward, random.exploration)
    const noise = stateDependentNoiseOf(learner, random.exploration)
    const stateDependent = noise && { noise, forward }
    this.#explorer = createExplorer(options, spaces, this.#policy, replay, random.exploration, stateDependent)
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

  /** Its actions are within [-1, 1], or each the number of a discrete one; with `normalizeObservations` its observations are less their origin (`statistics`). */
  get replay(): ReplayBuffer {
    return this.#experience.replay
  }

  /** Demonstrations that it learns from, in the form of `replay`; undefined without any. */
  get demonstrations(): ReplayBuffer | undefined {
    return this.#experience.demonstrations
  }

  /** Statistics of the observations acted on, with the option `normalizeObservations`. */
  get statistics(): RunningStatistics | undefined {
    return this.#experience.statistics
  }

  /** What makes a deterministic policy explore, or noise that depends on the state. */
  get explorationNoise(): EpisodeNoise | undefined {
    return this.#explorer.noise
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

  /** Steps before which `explore` acts at random; 0 with a policy that was loaded. */
  get randomUntil(): number {
    return this.#policyLoaded ? 0 : this.#learningFrom
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
    const random = this.steps < this.randomUntil
    const action = random
      ? this.#explorer.random(observation, environment, this.steps)
      : this.#explorer.byPolicy(observation, environment, this.#progress())
    this.timings.act += performance.now() - started
    return action
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
    this.#experience.add(environment, transition)
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
    return this.#experience.learnFrom(transitions, options)
  }

  /**
   * One gradient update on a batch from the replay buffer and the demonstrations. The batch is drawn now; if another update is still under way,
   * this one waits for it. So the result depends on the order of calls alone, not on whether each was awaited. With
   * prioritised replay each must be awaited before the next one, because its errors decide what that draws.
   * @throws DivergenceError if something is not finite; parameters and optimisers are then as before
   * @throws RangeError while there is nothing to learn from
   * @throws EnvironmentError if the environment fails to compute rewards for hindsight
   * @throws Error after `dispose`, and with prioritised replay while an update is under way
   */
  async update(): Promise<UpdateMetrics> {
    this.#requireEngine('update')
    // Its batch depends on the errors of the one before.
    if (this.options.prioritizedReplay !== 'none') this.#requireNoUpdate('update')
    const { inputs } = this.learner.program
    const { busy } = this.#updates
    const started = performance.now()
    // The program's own inputs belong to the update under way.
    const drawn = busy ? copyArrays(inputs) : inputs
    const progress = this.#progress()
    const rewards = this.#experience.draw(drawn, this.random.replay, progress)
    drawChance(drawn, this.options, this.random.updates)
    // It is awaited when its turn comes, and until then a failure has no other handler.
    if (isPromise(rewards)) rewards.catch(() => {})
    this.timings.sample += performance.now() - started
    return this.#updates.take(async () => {
      if (isPromise(rewards)) await rewards
      const begun = performance.now()
      if (busy) writeArrays(inputs, drawn)
      const metrics = await this.learner.update(progress)
      this.#experience.learnErrors(this.learner.program.outputs.errors)
      this.timings.update += performance.now() - begun
      return metrics
    })
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
    const { learner } = this
    const demonstrations = this.#requireDemonstrations(updates)
    const breaks = createBreaks()
    return this.#updates.take(async () => {
      const loss = await cloneActor({
        learner,
        engine: chooseEngine(this.options),
        demonstrations,
        random: this.random.replay,
        updates,
        normalize: this.#experience.normalize,
        async pause() {
          if (breaks.isDue()) await breaks.take()
          signal?.throwIfAborted()
        },
      })
      this.#policyLoaded = true
      return loss
    })
  }

  /**
   * Updates of the whole agent on the demonstrations alone, before it has experience of its own: the critics learn what
   * they are worth and, with the option `cloningWeight`, the actor to do what they show. From then on `explore` samples the
   * policy also before learning starts.
   * @param updates as `update` makes them
   * @returns the metrics of the last one
   * @throws RangeError without demonstrations (`learnFrom`), for `updates` out of range, and once it has experience of its own
   * @throws DivergenceError as `update`; updates before it stay made, as they do if the signal stops it
   * @throws Error after `dispose`, and while an update is under way
   * @example
   * await agent.learnFrom(readTransitions(file, agent))
   * await agent.learnFromDemonstrations(2000)
   */
  async learnFromDemonstrations(
    updates: number,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<UpdateMetrics> {
    this.#requireRest('learnFromDemonstrations')
    this.#requireDemonstrations(updates)
    if (this.replay.size > 0) {
      throw new RangeError('This agent has experience of its own already: update() learns from both.')
    }
    const breaks = createBreaks()
    let metrics: UpdateMetrics
    for (let i = 0; i < updates; i++) {
      if (breaks.isDue()) await breaks.take()
      signal?.throwIfAborted()
      metrics = await this.update()
    }
    this.#policyLoaded = true
    return metrics!
  }

  /** Counts time in the environments, which the agent does not see, in milliseconds. */
  addEnvironmentTime(milliseconds: number): void {
    this.timings.environment += milliseconds
  }

  /** How far schedules are, from 0 to 1. */
  #progress(): number {
    return progressAt(this.steps, this.options)
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
      exploration: this.explorationNoise?.state(),
      ...this.#experience.state(),
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
    const { counters, random, learner, exploration, policyLoaded } = state
    // First, because only this may still fail, for lack of memory; the agent is then as before.
    this.#experience.restore(state)
    this.learner.restore(learner, counters)
    this.learner.takeChanges(changes)
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

  #requireDemonstrations(updates: number): ReplayBuffer {
    if (!(Number.isInteger(updates) && updates >= 1)) {
      throw new RangeError(`updates is ${describe(updates)}; it must be a whole number of at least 1.`)
    }
    if (this.demonstrations?.size) return this.demonstrations
    throw new RangeError('There are no demonstrations to learn from: agent.learnFrom(transitions) first.')
  }

  #requireRest(call: string): void {
    this.#requireEngine(call)
    this.#requireNoUpdate(call)
  }
}

function requireScheduleSteps(options: SacOptions): void {
  const { learningRateSchedule, entropySchedule, explorationNoiseSchedule, scheduleSteps } = options
  const { priorityBetaSchedule } = options
  const kinds = { learningRateSchedule, entropySchedule, explorationNoiseSchedule, priorityBetaSchedule }
  for (const [name, kind] of Object.entries(kinds)) {
    if (scheduleSteps === 'auto' && kind !== undefined && kind !== 'constant') {
      throw new OptionError(
        `Option ${name} is "${kind}"; an agent by itself does not know how long it will learn, so set scheduleSteps.`,
      )
    }
  }
}
