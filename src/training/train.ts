import { isPromise } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import type { SAC } from '../sac/agent.ts'
import { evaluate } from './evaluate.ts'
import type { TrainingEvent } from './events.ts'
import { guardedReset, guardedStep } from './guarded-env.ts'

export interface TrainOptions {
  /** Environment steps to take in this call, at least 1. */
  steps: number
  /** Evaluate the deterministic policy every so many steps; needs `evaluationEnv`. Default: never. */
  evaluateEvery?: number
  /** A separate environment to evaluate in. */
  evaluationEnv?: Env
  /** Episodes of one evaluation. Default 10. */
  evaluationEpisodes?: number
  /** Yield a `checkpoint` event every so many steps. Default: never. */
  checkpointEvery?: number
  /** Ends training after the step in progress. */
  signal?: AbortSignal
}

/**
 * Trains an agent in an environment: a stream of events, which neither prints nor writes anything.
 * Leave the loop (`break`) or abort the signal to stop after the present step; the agent keeps all it learned,
 * and another call continues with a fresh episode.
 *
 * @throws EnvironmentError if the environment throws or answers with something that is not finite
 * @throws DivergenceError if an update is not finite
 * @throws RangeError for options out of range
 * @example
 * for await (const event of train(agent, env, { steps: 10_000 })) {
 *   if (event.type === 'episode') console.log(event.step, event.return)
 * }
 */
export async function* train(
  agent: SAC,
  env: Env,
  options: TrainOptions,
): AsyncGenerator<TrainingEvent, void> {
  checkOptions(options)
  const { evaluateEvery, evaluationEnv, evaluationEpisodes = 10, checkpointEvery, signal } = options
  const lastStep = agent.steps + options.steps

  const begin = () => {
    const seed = agent.random.environment.uint32()
    return guardedReset(env, { seed }, `before step ${agent.steps + 1}, episode ${agent.episodes + 1}`)
  }
  let { observation } = await begin()
  let episodeReturn = 0
  let episodeLength = 0

  while (agent.steps < lastStep && !signal?.aborted) {
    const action = agent.explore(observation)
    const where = () =>
      `step ${agent.steps + 1}, episode ${agent.episodes + 1} (its step ${episodeLength + 1})`
    const answer = guardedStep(env, action, where)
    // Awaiting even a plain value costs as much as a small environment's step.
    const {
      observation: nextObservation,
      reward,
      terminated,
      truncated,
    } = isPromise(answer) ? await answer : answer
    const due = agent.observe({ observation, action, reward, nextObservation, terminated, truncated })
    const step = agent.steps
    const ended = terminated || truncated
    const episode = agent.episodes + (ended ? 0 : 1)
    episodeReturn += reward
    episodeLength++
    yield { type: 'step', step, episode, reward, terminated, truncated }

    for (let i = 0; i < due; i++) {
      const metrics = await agent.update()
      yield { type: 'update', step, update: agent.updates, metrics }
    }
    observation = nextObservation
    if (ended) {
      yield {
        type: 'episode',
        step,
        episode,
        return: episodeReturn,
        length: episodeLength,
        terminated,
        truncated,
      }
      episodeReturn = 0
      episodeLength = 0
      if (step < lastStep) observation = (await begin()).observation
    }
    if (evaluationEnv && evaluateEvery && step % evaluateEvery === 0) {
      // Always the same starts, so that evaluations compare.
      const evaluation = await evaluate(agent, evaluationEnv, {
        episodes: evaluationEpisodes,
        seed: agent.options.seed,
      })
      yield { type: 'evaluation', step, ...evaluation }
    }
    if (checkpointEvery && step % checkpointEvery === 0) yield { type: 'checkpoint', step }
  }
  yield { type: 'done', step: agent.steps, reason: signal?.aborted ? 'aborted' : 'steps' }
}

function checkOptions({
  steps,
  evaluateEvery,
  evaluationEnv,
  evaluationEpisodes,
  checkpointEvery,
}: TrainOptions) {
  for (const [name, value] of Object.entries({ steps, evaluateEvery, evaluationEpisodes, checkpointEvery })) {
    if (value === undefined && name !== 'steps') continue
    if (!(Number.isInteger(value) && value! >= 1)) {
      throw new RangeError(`${name} is ${value}; it must be a whole number of at least 1.`)
    }
  }
  if (evaluateEvery && !evaluationEnv)
    throw new RangeError('evaluateEvery needs an evaluationEnv to evaluate in.')
}
