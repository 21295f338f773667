/** What an agent learns from: its own experience and demonstrations, in the form in which it learns from them. */
import { codeSize, encodeAction } from '../env/action-space.ts'
import type { Awaitable } from '../env/env.ts'
import { describe, requireFlag, requireNames, requireNumber, requireVector } from '../env/require.ts'
import type { ActionSpace } from '../env/spaces.ts'
import { requireWithin } from '../env/within.ts'
import { requireOptions } from '../options.ts'
import { normalize } from '../policy/normalizer.ts'
import type { Random } from '../random.ts'
import type { HindsightOptions } from '../replay/future-goals.ts'
import { sampleMixture, shownRows } from '../replay/mixture.ts'
import { createReplayBuffer, type ReplayBuffer } from '../replay/replay-buffer.ts'
import type { Batch, Transition } from '../replay/transition.ts'
import type { AgentState } from './agent-state.ts'
import type { SacOptions } from './options.ts'
import { createRunningStatistics, type RunningStatistics } from './running-statistics.ts'
import { priorityBetaAt } from './schedule.ts'
import { type StoredTransitions, takeIn } from './stored-experience.ts'

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

/** Its actions are within [-1, 1], or each the number of a discrete one; normalised observations are less their origin. */
export interface Experience {
  readonly replay: ReplayBuffer
  /** Undefined until there are any. */
  readonly demonstrations: ReplayBuffer | undefined
  /** Statistics of the observations acted on, with the option `normalizeObservations`. */
  readonly statistics: RunningStatistics | undefined
  /**
   * Stores a step of the agent's own, in the environment's units.
   * @throws as `SAC.observe`; nothing is stored then
   */
  add(lane: number, transition: Transition): void
  /** As `SAC.learnFrom`. */
  learnFrom(transitions: StoredTransitions, options?: LearnFromOptions): Promise<number>
  /**
   * Draws a batch from experience and demonstrations.
   * @param progress how far schedules are, from 0 to 1
   * @returns with hindsight, a promise if the environment does not compute rewards at once: then they come later
   */
  draw(batch: Batch, random: Random, progress: number): Awaitable<void>
  /** Gives the transitions of the last batch priorities by the critics' errors, a row each; nothing without priorities. */
  learnErrors(errors: Float32Array | undefined): void
  /** Normalises the observations of a batch in place, if the options say so. */
  normalize(batch: Pick<Batch, 'observation' | 'nextObservation'>): void
  state(): Pick<AgentState, 'replay' | 'demonstrations' | 'statistics'>
  /** @throws RangeError if it is of other sizes or damaged; nothing is changed then */
  restore(state: Pick<AgentState, 'replay' | 'demonstrations' | 'statistics'>): void
}

/** A transition, by the names of its parts. */
const PARTS = ['observation', 'action', 'reward', 'nextObservation', 'terminated'] as const

export function createExperience(
  options: SacOptions,
  { observationSize, actionSpace }: { observationSize: number; actionSpace: ActionSpace },
  hindsight: HindsightOptions | undefined,
): Experience {
  const { bufferSize: capacity, gamma, nStep, envs, batchSize, rewardScale } = options
  const priorityAlpha = options.prioritizedReplay === 'none' ? undefined : options.priorityAlpha
  const actionSize = codeSize(actionSpace)
  const createMemory = (lanes: number) =>
    createReplayBuffer({
      capacity,
      observationSize,
      actionSize,
      lanes,
      gamma,
      nStep,
      hindsight,
      priorityAlpha,
    })
  const replay = createMemory(envs)
  let demonstrations: ReplayBuffer | undefined
  const statistics = options.normalizeObservations
    ? // Goals have no origin, because what is achieved takes the place of what is desired.
      createRunningStatistics(observationSize, observationSize - 2 * (hindsight?.goalSize ?? 0))
    : undefined
  // Reused from step to step.
  const code = new Float32Array(actionSize)
  const centred = { observation: new Float32Array(observationSize), next: new Float32Array(observationSize) }

  /** Stores a transition in the form in which it is learned from; nothing is stored if it throws. */
  function store(memory: ReplayBuffer, lane: number, transition: Transition): void {
    if (typeof transition?.terminated !== 'boolean') requireNames('the transition', transition, PARTS)
    const { observation, action, reward, nextObservation, terminated, truncated = false } = transition
    // What is converted below is checked before; the replay buffer checks the rest.
    requireVector('action', action, actionSpace.size)
    requireNumber('reward', reward)
    requireFlag('truncated', truncated)
    const encoded = encodeAction(actionSpace, action, code)
    const scaled = reward * rewardScale
    requireNumber('reward times rewardScale', scaled)
    const stored = { observation, action: encoded, reward: scaled, nextObservation, terminated, truncated }
    if (statistics) storeCentred(statistics, memory, lane, stored)
    else memory.add(lane, stored)
  }

  /** Stores a transition with both observations less the origin of the statistics, and counts in the first. */
  function storeCentred(
    statistics: RunningStatistics,
    memory: ReplayBuffer,
    lane: number,
    transition: Transition,
  ): void {
    requireVector('observation', transition.observation, observationSize)
    requireVector('nextObservation', transition.nextObservation, observationSize)
    requireFlag('terminated', transition.terminated)
    statistics.begin(transition.observation)
    const observation = statistics.centre(transition.observation, centred.observation)
    const nextObservation = statistics.centre(transition.nextObservation, centred.next)
    memory.add(lane, { ...transition, observation, nextObservation })
    statistics.add(observation)
  }

  function normalizeBatch({ observation, nextObservation }: Pick<Batch, 'observation' | 'nextObservation'>) {
    if (!statistics) return
    normalize(statistics.normalizer, observation, observation)
    normalize(statistics.normalizer, nextObservation, nextObservation)
  }

  return {
    replay,
    get demonstrations() {
      return demonstrations
    },
    statistics,
    add: (lane, transition) => store(replay, lane, transition),

    async learnFrom(transitions, options = {}) {
      requireOptions('learnFrom', options, ['into', 'signal'])
      const { into = 'demonstrations', signal } = options
      if (into !== 'demonstrations' && into !== 'replay') {
        throw new RangeError(`into is ${describe(into)}; it must be 'demonstrations' or 'replay'.`)
      }
      if (into === 'demonstrations') demonstrations ??= createMemory(1)
      const memory = into === 'replay' ? replay : demonstrations!
      return takeIn(transitions, {
        lanes: memory.lanes,
        signal,
        add: (lane, transition) => {
          requireWithin('action', actionSpace, transition.action)
          store(memory, lane, transition)
        },
        endEpisode: lane => memory.endEpisode(lane),
      })
    },

    draw(batch, random, progress) {
      const { demonstrationShare: share } = options
      const beta = priorityBetaAt(progress, options)
      const sample = ({ sample, prioritized }: ReplayBuffer, rows: number, firstRow: number) =>
        prioritized
          ? prioritized.sample(random, batch, rows, beta, firstRow)
          : sample(random, batch, rows, firstRow)
      const rewards = demonstrations?.size
        ? sampleMixture({ demonstrations, experience: replay, share, sample }, batchSize)
        : sample(replay, batchSize, 0)
      batch.imitated?.fill(0).fill(1, 0, demonstrations?.size ? shownRows(share, batchSize, replay.size) : 0)
      normalizeBatch(batch)
      return rewards
    },

    learnErrors(errors) {
      if (!errors) return
      replay.prioritized?.learn(errors)
      demonstrations?.prioritized?.learn(errors)
    },

    normalize: normalizeBatch,

    state: () => ({
      statistics: statistics?.state(),
      replay: replay.state(),
      ...(demonstrations && { demonstrations: demonstrations.state() }),
    }),

    restore(state) {
      const shown = state.demonstrations && createMemory(1)
      shown?.restore(state.demonstrations!)
      replay.restore(state.replay)
      demonstrations = shown
      if (state.statistics) statistics?.restore(state.statistics)
    },
  }
}
