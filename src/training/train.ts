import { isPromise } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import { episodeSeed } from '../env/episode-seed.ts'
import { createBreaks } from '../event-loop.ts'
import type { SAC } from '../sac/agent.ts'
import { evaluate } from './evaluate.ts'
import type { TrainingEvent } from './events.ts'
import { createLanes, laneStates, type TrainingState } from './lanes.ts'
import { occupy } from './occupied.ts'
import { playRound, type Rounds } from './round.ts'
import { requireTraining, type TrainOptions } from './train-options.ts'

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
 * @throws TypeError and OptionError for what is no agent or no environment, and for unknown options, at once
 * @throws RangeError for options out of range, at once
 * @throws Error while another loop trains the agent or uses one of the environments, and after the agent's `dispose`
 * @example
 * for await (const event of train(agent, env, { steps: 10_000 })) {
 *   if (event.type === 'episode') console.log(event.step, event.return)
 * }
 */
export function train(
  agent: SAC,
  env: Env | readonly Env[],
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, void> {
  const envs: readonly Env[] = [env].flat()
  requireTraining(agent, envs, options)
  const begun = warnUnlessBegun()
  return trainOn(agent, () => inEnvironments(agent, envs, options, begun), options)
}

/** How long a stream may wait for its first event to be asked for, before its caller is told that nothing happens. */
const PATIENCE_MS = 1000

/** Awaiting a stream, or calling `train` alone, does nothing, which looks like training. Returns what calls it off. */
function warnUnlessBegun(): () => void {
  const timer = setTimeout(() => {
    console.warn(
      'soft-actor-critic: train() was called, but nothing asks for its events, so that nothing is trained. Loop over ' +
        'them: for await (const event of train(agent, env, { steps })) ...; or call await trainAgent(env, { steps }).',
    )
  }, PATIENCE_MS)
  return () => clearTimeout(timer)
}

async function inEnvironments(
  agent: SAC,
  envs: readonly Env[],
  options: TrainOptions,
  begun: () => void,
): Promise<Rounds> {
  begun()
  const release = occupy(agent, envs)
  try {
    const lanes = await createLanes(envs, options.state && (options.state.lanes ?? []))
    return {
      next: breaks => playRound(agent, lanes, breaks),
      state: async () => ({ lanes: await laneStates(lanes) }),
      release,
    }
  } catch (error) {
    release()
    throw error
  }
}

/**
 * The loop of `train`, wherever its rounds come from: what is due after each of them, in its order.
 * @param begin opens the rounds when the first event is asked for
 * @param options checked already
 */
export async function* trainOn(
  agent: SAC,
  begin: () => Promise<Rounds>,
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, void> {
  const rounds = await begin()
  try {
    const { evaluateEvery, evaluationEnv, checkpointEvery, signal } = options
    const lastStep = agent.steps + options.steps
    const breaks = createBreaks()
    let evaluationDue = options.state?.evaluationDue ?? false
    let before = agent.steps
    let ended: TrainingEvent[] = []
    let { changes } = agent
    const state = async (): Promise<TrainingState> => ({ ...(await rounds.state()), evaluationDue })

    for (;;) {
      // Those of the round before, or of the one in which an earlier loop was left.
      while (agent.updatesDue > 0) {
        if (breaks.isDue()) {
          await breaks.take()
          // A step can owe a million updates. The next loop makes what is left of them, also after a resume.
          if (signal?.aborted) break
        }
        // Counted first, so that an update that diverges is not tried for ever by a caller that continues.
        agent.updatesDue--
        const metrics = await agent.update()
        yield { type: 'update', step: agent.steps, update: agent.updates, metrics }
      }
      yield* ended

      if (agent.changes !== changes) {
        changes = agent.changes
        yield { type: 'change', step: agent.steps, changes }
      }
      evaluationDue ||= passes(evaluateEvery, before, agent.steps)
      const checkpointDue =
        agent.steps > before &&
        (isCheckpointDue(checkpointEvery, before, agent.steps) || (rounds.checkpointDue?.() ?? false))
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
      if (checkpointDue) {
        yield { type: 'checkpoint', step: agent.steps, state: await state() }
        await rounds.saved?.()
      }
      if (breaks.isDue()) await breaks.take()
      if (agent.steps >= lastStep || signal?.aborted) break

      before = agent.steps
      const answer = rounds.next(breaks)
      // Awaiting even a plain value costs as much as a small environment's step.
      const round = isPromise(answer) ? await answer : answer
      yield* round.steps
      ended = round.episodes
    }
    const reason = signal?.aborted ? 'aborted' : 'steps'
    yield { type: 'done', step: agent.steps, reason, state: await state() }
  } finally {
    await rounds.release()
  }
}

function isCheckpointDue(every: TrainOptions['checkpointEvery'], before: number, now: number): boolean {
  return typeof every === 'function' ? every() : passes(every, before, now)
}

/** Whether a multiple of `interval` lies above `before` and not above `now`. */
const passes = (interval: number | undefined, before: number, now: number) =>
  interval !== undefined && Math.floor(now / interval) > Math.floor(before / interval)
