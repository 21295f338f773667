import { isPromise, whenThere } from '../env/awaitable.ts'
import type { Awaitable, Env, StepResult } from '../env/env.ts'
import type { SAC } from '../sac/agent.ts'
import { evaluate } from './evaluate.ts'
import type { TrainingEvent } from './events.ts'
import { guardedStep } from './guarded-env.ts'
import { beginEpisodes, createLanes, type Lane, laneStates, type TrainingState } from './lanes.ts'

export interface TrainOptions {
  /**
   * Environment steps to take in this call; with n environments rounded up to whole rounds of n. With 0 it only makes
   * an evaluation that `state` says is due.
   */
  steps: number
  /** Evaluate the deterministic policy every so many steps; needs `evaluationEnv`. Default: never. */
  evaluateEvery?: number
  /** A separate environment to evaluate in. */
  evaluationEnv?: Env
  /** Episodes of one evaluation. Default 10. */
  evaluationEpisodes?: number
  /** Yield a `checkpoint` event every so many steps, or whenever this answers true after a step. Default: never. */
  checkpointEvery?: number | (() => boolean)
  /** Ends training after the round in progress. */
  signal?: AbortSignal
  /**
   * Where to go on from: the `state` of a `checkpoint` or `done` event, for an agent that was restored from
   * `agent.state()` of that moment. Default: new episodes.
   */
  state?: TrainingState
}

/**
 * Trains an agent in an environment, or in several side by side: a stream of events, which neither prints nor writes
 * anything. Leave the loop (`break`) or abort the signal to stop after the present step; the agent keeps all it
 * learned, and another call continues, with fresh episodes unless it is given the `state` of the last event.
 *
 * Environments side by side take one step each in a round; then the agent observes all in their order and makes the
 * updates that are due, `updatesPerStep` for each step. So results do not depend on how fast each of them answers.
 *
 * @param env as many environments as `agent.options.envs` says; the one alone need not be in a list
 * @throws EnvironmentError if an environment throws or answers with something that is not finite
 * @throws DivergenceError if an update is not finite
 * @throws RangeError for options out of range
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
  const { evaluateEvery, evaluationEnv, evaluationEpisodes = 10, checkpointEvery, signal } = options
  const lastStep = agent.steps + options.steps
  const lanes = await createLanes(envs, options.state?.lanes)
  let evaluationDue = options.state?.evaluationDue ?? false
  let checkpointDue = false
  const state = async (): Promise<TrainingState> => ({ lanes: await laneStates(lanes), evaluationDue })

  for (;;) {
    if (evaluationDue && evaluationEnv && !signal?.aborted) {
      try {
        // Always the same starts, so that evaluations compare.
        const options = { episodes: evaluationEpisodes, seed: agent.options.seed, signal }
        const evaluation = await evaluate(agent, evaluationEnv, options)
        evaluationDue = false
        yield { type: 'evaluation', step: agent.steps, ...evaluation }
      } catch (error) {
        if (!signal?.aborted) throw error
      }
    }
    if (checkpointDue) yield { type: 'checkpoint', step: agent.steps, state: await state() }
    if (agent.steps >= lastStep || signal?.aborted) break

    const before = agent.steps
    const started = performance.now()
    if (lanes.some(({ observation }) => observation === undefined)) {
      await beginEpisodes(
        lanes,
        () => agent.random.environment.uint32(),
        () => `before step ${before + 1}, episode ${agent.episodes + 1}`,
      )
    }
    const begun = performance.now()
    const actions = lanes.map(lane => agent.explore(lane.observation!, lane.index))
    const acted = performance.now()
    const answer = stepAll(lanes, actions, agent)
    // Awaiting even a plain value costs as much as a small environment's step.
    const results = isPromise(answer) ? await answer : answer
    agent.timings.environment += performance.now() - acted + (begun - started)

    // All are stored before anything is told, so that whoever leaves the loop loses none.
    let due = 0
    const steps: TrainingEvent[] = []
    const episodes: TrainingEvent[] = []
    for (const [i, { observation: nextObservation, reward, terminated, truncated }] of results.entries()) {
      const lane = lanes[i]
      const transition = { observation: lane.observation!, action: actions[i], nextObservation }
      due += agent.observe({ ...transition, reward, terminated, truncated }, i)
      lane.observation = terminated || truncated ? undefined : nextObservation
      lane.return += reward
      lane.length++
      const step = agent.steps
      steps.push({ type: 'step', step, environment: i, reward, terminated, truncated })
      if (lane.observation) continue
      const { return: total, length } = lane
      const ended = { episode: agent.episodes, return: total, length, terminated, truncated }
      episodes.push({ type: 'episode', step, environment: i, ...ended })
    }
    yield* steps

    const step = agent.steps
    for (let i = 0; i < due; i++) {
      const metrics = await agent.update()
      yield { type: 'update', step, update: agent.updates, metrics }
    }
    yield* episodes
    evaluationDue = passes(evaluateEvery, before, step)
    checkpointDue =
      typeof checkpointEvery === 'function' ? checkpointEvery() : passes(checkpointEvery, before, step)
  }
  yield {
    type: 'done',
    step: agent.steps,
    reason: signal?.aborted ? 'aborted' : 'steps',
    state: await state(),
  }
}

/** One step in every environment; at once if there is one and it answers at once. */
function stepAll(lanes: readonly Lane[], actions: Float32Array[], agent: SAC): Awaitable<StepResult[]> {
  const step = ({ env, index, length }: Lane) =>
    guardedStep(
      env,
      actions[index],
      () => `step ${agent.steps + index + 1}, episode ${agent.episodes + 1} (its step ${length + 1})`,
    )
  if (lanes.length === 1) return whenThere(step(lanes[0]), result => [result])
  // An async function, so that what one of them throws does not leave the others' promises without a handler.
  return Promise.all(lanes.map(async lane => step(lane)))
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
