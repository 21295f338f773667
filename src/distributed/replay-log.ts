/** Learning again from what the log of a run still has, without taking part in the run. */
import type { SAC } from '../sac/agent.ts'
import type { TrainingEvent } from '../training/events.ts'
import type { TrainingState } from '../training/lanes.ts'
import type { IntakeNotice } from './intake.ts'
import { type LearnFromActorsOptions, learnFromActors } from './learn.ts'
import type { Lease } from './lease.ts'
import { RunError } from './run-error.ts'
import type { Transport } from './transport.ts'

/** What `replayLog` takes beside the agent and the transport. */
export interface ReplayLogOptions extends Pick<LearnFromActorsOptions, 'maxStaleness' | 'signal'> {
  /** Steps to take in. */
  steps: number
  /** Where the run was (`beginningOf`, or the state of a checkpoint), with the agent as it was there. */
  state: TrainingState
}

/**
 * Learns again what a learner has learned from a log: the same weights, bit for bit. Nothing is written: actors and learner of
 * the run do not notice.
 *
 * @throws RunError if the log does not have all that came after `state` any more
 * @example
 * const state = beginningOf((await surveyRun(transport)).run)
 * for await (const event of replayLog(agent, transport, { steps: 1000, state })) console.log(event.type)
 */
export function replayLog(
  agent: SAC,
  transport: Transport,
  options: ReplayLogOptions,
): AsyncGenerator<TrainingEvent, void> {
  const lost = new AbortController()
  const lease: Lease = { lost: lost.signal, renew: async () => {}, release: async () => {} }
  const onNotice = (notice: IntakeNotice) => {
    if (notice.type === 'lost') {
      lost.abort(
        new RunError(
          'The log does not have all that was learned from any more: it is trimmed behind checkpoints.',
        ),
      )
    }
  }
  return learnFromActors(agent, readOnly(transport), { ...options, lease, onNotice })
}

/** What would be written is not. */
const readOnly = (transport: Transport): Transport => ({
  ...transport,
  append: async () => {},
  trim: async () => {},
  put: async () => {},
  swap: async (_key, _value, revision) => revision + 1,
  close: async () => {},
})
