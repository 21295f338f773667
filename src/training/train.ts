import { isPromise } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import { episodeSeed } from '../env/episode-seed.ts'
import { createBreaks } from '../event-loop.ts'
import type { SAC } from '../sac/agent.ts'
import { evaluate } from './evaluate.ts'
import type { TrainingEvent } from './events.ts'
import { createLanes, laneStates, type TrainingState } from './lanes.ts'
import { occupy } from './occupied.ts'
import { playRound } from './round.ts'

export interface TrainOptions {
  /**
   * Environment steps to take in this call; with n environments rounded up to whole rounds of n. With 0 it only makes
   * the updates that are due, because a loop was left before they were made, and an evaluation that `state` says is due.
   */
  steps: number
  /** Environment steps from one evaluation of the deterministic policy to the next; needs `evaluationEnv`. Default: never. */
  evaluateEvery?: number
  /** A separate environment to evaluate in. */
  evaluationEnv?: Env
  /** Episodes of one evaluation. Default 10. */
  evaluationEpisodes?: number
  /** Steps after which an episode of an evaluation is cut off (`maxSteps` of `evaluate`). Default 10,000. */
  evaluationSteps?: number
  /** Environment steps from one `checkpoint` event to the next, or a function that returns true after a step to have one. Default: never. */
  checkpointEvery?: number | (() => boolean)
  /** Ends training after the round in progress. */
  signal?: AbortSignal
  /**
   * Where to resume: the `state` of a `checkpoint` or `done` event, for an agent that was restored from
   * `agent.state()` of that moment. Default: new episodes.
   */
  state?: TrainingState
}

/**
 * Trains an agent in an environment, or in several side by side: a stream of events, which neither prints nor writes
 * anything. Leave the loop (`break`) or abort the signal to stop after the present step; the agent keeps all it
 * learned, and another call continues, with fresh episodes unless it is given the `state` of the last event. If the loop
 * is left between the updates of a step, the others are the first that the next call makes.
 *
 * Environments side by side take one step each in a round; then the agent observes all in their order and makes the
 * updates that are due, `updatesPerStep` for each step. So results do not depend on how fast each of them answers.
 *
 * Timers, signals and pages stay responsive: after 20 ms of computing the event loop has a turn, between two steps or
 * updates.
 *
 * @param env as many environments as `agent.options.envs` says; the one alone need not be in a list
 * @throws EnvironmentError if an environment throws or answers with something that is not finite
 * @throws DivergenceError if an update is not finite
 * @throws RangeError for options out of range
 * @throws Error while another loop trains the agent or uses one of the environments, and after the agent's `dispose`
 * @example
 * for await (const event of train(agent, env, { steps: 10_000 })) {
 *   if (event.type === 'episode') console.log(event.step, event.return)
 * }
 */
export async function* train(
  agent: SAC,
  env: Env | readonly Env[],
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, void> {
  const envs: readonly Env[] = [env].flat()
  checkOptions(options, agent, envs)
  const { evaluateEvery, evaluationEnv, checkpointEvery, signal } = options
  const lastStep = agent.steps + options.steps
  const release = occupy(agent, envs)
  try {
    const breaks = createBreaks()
    const lanes = await createLanes(envs, options.state && (options.state.lanes ?? []))
    let evaluationDue = options.state?.evaluationDue ?? false
    let before = agent.steps
    let ended: TrainingEvent[] = []
    const state = async (): Promise<TrainingState> => ({ lanes: await laneStates(lanes), evaluationDue })

    for (;;) {
      // Those of the round before, or of the one in which an earlier loop was left.
      while (agent.updatesDue > 0) {
        if (breaks.isDue()) await breaks.take()
        // Counted first, so that an update that diverges is not tried for ever by a caller that continues.
        agent.updatesDue--
        const metrics = await agent.update()
        yield { type: 'update', step: agent.steps, update: agent.updates, metrics }
      }
      yield* ended

      evaluationDue ||= passes(evaluateEvery, before, agent.steps)
      const checkpointDue = agent.steps > before && isCheckpointDue(checkpointEvery, before, agent.steps)
      if (evaluationDue && evaluationEnv && !signal?.aborted) {
        try {
          const evaluation = await evaluate(agent, evaluationEnv, {
            episodes: options.evaluationEpisodes,
            maxSteps: options.evaluationSteps,
            // Always the same starts, so that evaluations compare.
            seed: episodeSeed(evaluationEnv, agent.options.seed),
            signal,
          })
          evaluationDue = false
          yield { type: 'evaluation', step: agent.steps, ...evaluation }
        } catch (error) {
          if (!signal?.aborted) throw error
        }
      }
      if (checkpointDue) yield { type: 'checkpoint', step: agent.steps, state: await state() }
      if (breaks.isDue()) await breaks.take()
      if (agent.steps >= lastStep || signal?.aborted) break

      before = agent.steps
      const answer = playRound(agent, lanes, breaks)
      // Awaiting even a plain value costs as much as a small environment's step.
      const round = isPromise(answer) ? await answer : answer
      yield* round.steps
      ended = round.episodes
    }
    const reason = signal?.aborted ? 'aborted' : 'steps'
    yield { type: 'done', step: agent.steps, reason, state: await state() }
  } finally {
    release()
  }
}

function isCheckpointDue(every: TrainOptions['checkpointEvery'], before: number, now: number): boolean {
  return typeof every === 'function' ? every() : passes(every, before, now)
}

/** Whether a multiple of `interval` lies above `before` and not above `now`. */
const passes = (interval: number | undefined, before: number, now: number) =>
  interval !== undefined && Math.floor(now / interval) > Math.floor(before / interval)

function checkOptions(
  { steps, evaluateEvery, evaluationEnv, evaluationEpisodes, checkpointEvery }: TrainOptions,
  agent: SAC,
  envs: readonly Env[],
) {
  if (!(Number.isInteger(steps) && steps >= 0)) {
    throw new RangeError(`steps is ${steps}; it must be a whole number of at least 0.`)
  }
  for (const [name, value] of Object.entries({ evaluateEvery, evaluationEpisodes, checkpointEvery })) {
    if (value === undefined || typeof value === 'function') continue
    if (!(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`${name} is ${value}; it must be a whole number of at least 1.`)
    }
  }
  if (evaluateEvery && !evaluationEnv)
    throw new RangeError('evaluateEvery needs an evaluationEnv to evaluate in.')
  if (envs.length !== agent.options.envs) {
    throw new RangeError(
      `The agent was made for ${agent.options.envs} environments side by side, not ${envs.length}: ` +
        'create it with the option envs set to their number.',
    )
  }
}
