import { requireOptions } from '../options.ts'
import type { SAC } from '../sac/agent.ts'
import type { TrainingEvent } from '../training/events.ts'
import { occupy } from '../training/occupied.ts'
import { trainOn } from '../training/train.ts'
import { LOOP_NAMES, requireAgent, requireLoop, type TrainOptions } from '../training/train-options.ts'
import { type IntakeNotice, openIntake } from './intake.ts'
import type { Lease } from './lease.ts'
import type { Transport } from './transport.ts'

/** What `learnFromActors` takes beside the agent and the transport. */
export interface LearnFromActorsOptions extends TrainOptions {
  /**
   * Transitions that an actor may be ahead of what the learner has taken in; then it waits. Default 512. With 1, and one
   * actor, each step is acted by the newest policy.
   */
  window?: number
  /** Milliseconds from one policy that is sent to the actors to the next, at least. Default 100. */
  weightsEvery?: number
  /** Chunks whose policy is more updates behind are dropped. Default: none is. */
  maxStaleness?: number
  /** What actors are told of the run besides what they need to act; anything that JSON can hold. */
  settings?: unknown
  /** Of `takeLease`, for a learner that stood by; stays the caller's. Default: it takes one itself. */
  lease?: Lease
  /** Receives what is to be known of actors. */
  onNotice?: (notice: IntakeNotice) => void
}

const NAMES = Object.keys({
  window: true,
  weightsEvery: true,
  maxStaleness: true,
  settings: true,
  lease: true,
  onNotice: true,
} satisfies Record<Exclude<keyof LearnFromActorsOptions, keyof TrainOptions>, true>)

/**
 * Trains an agent on what actors elsewhere experience (`actFor`): the events of `train`, with the same evaluations and
 * checkpoints. Which updates are made when depends on the order of the log alone, so that the same log gives the same
 * weights. Experience of any number of actors shares the `envs` lanes of the replay buffer.
 *
 * To resume, pass the `state` of a checkpoint: what the log has after it is read again.
 *
 * @throws RangeError and OptionError for mistakes, at once
 * @throws RunError if another learner has the run, or takes it over
 * @throws DivergenceError and EnvironmentError as `train`
 * @example
 * for await (const event of learnFromActors(agent, transport, { steps: 100_000 })) {
 *   if (event.type === 'episode') console.log(event.step, event.return)
 * }
 */
export function learnFromActors(
  agent: SAC,
  transport: Transport,
  options: LearnFromActorsOptions,
): AsyncGenerator<TrainingEvent, void> {
  requireAgent('learnFromActors', agent)
  requireOptions('learnFromActors', options, [...LOOP_NAMES, ...NAMES])
  requireLoop([], options)
  const { window = 512, weightsEvery = 100, maxStaleness = Infinity, state } = options
  if (!(Number.isInteger(window) && window >= 1)) {
    throw new RangeError(`window is ${window}; it must be a whole number of at least 1.`)
  }
  for (const [name, value] of Object.entries({ weightsEvery, maxStaleness })) {
    if (!(value >= 0)) throw new RangeError(`${name} is ${value}; it must be a number of at least 0.`)
  }
  if (agent.options.stateDependentNoise) {
    throw new RangeError(
      'The agent explores by noise that depends on the state (stateDependentNoise), which actors do not have: create it ' +
        'without, or train it by train().',
    )
  }
  if (state && !state.experience) {
    throw new RangeError('The state to resume from is of a run that acts itself: resume it by train.')
  }
  return trainOn(
    agent,
    async () => {
      const free = occupy(agent, [])
      try {
        const settings = { ...options, window, weightsEvery, maxStaleness }
        const intake = await openIntake(agent, transport, settings)
        return {
          ...intake,
          release: async () => {
            await intake.release()
            free()
          },
        }
      } catch (error) {
        free()
        throw error
      }
    },
    options,
  )
}
