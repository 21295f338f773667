import { isPromise } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import { episodeSeed } from '../env/episode-seed.ts'
import { requireEnv } from '../env/require-env.ts'
import { makeEnv } from '../envs/registry.ts'
import { requireOptions } from '../options.ts'
import { SAC } from '../sac/agent.ts'
import { type SacOptionsInput, sacOptionsSchema } from '../sac/options.ts'
import { type Evaluation, evaluate } from './evaluate.ts'
import type { TrainingEvent } from './events.ts'
import type { TrainingState } from './lanes.ts'
import { presetFor, presetOptions } from './presets.ts'
import { train } from './train.ts'
import { requireSignal, type TrainOptions } from './train-options.ts'

/** What `trainAgent` takes: the options of the agent, those of `train`, and these. */
export interface TrainAgentOptions extends SacOptionsInput, Partial<Omit<TrainOptions, 'state'>> {
  /**
   * Receives every event of training, with the agent. Training waits for a promise that it returns, and ends after the
   * present step if it returns, or the promise resolves to, `'stop'`.
   */
  onEvent?: (event: TrainingEvent, agent: SAC) => unknown
}

/** What `trainAgent` made. */
export interface TrainedAgent<E = Evaluation> {
  /** Trained; the caller disposes of it. */
  agent: SAC
  /** Of the deterministic policy, after training; undefined if the signal aborted. */
  evaluation: E
  /** With it, and the agent or its file (`saveAgent`), training resumes exactly: `train`'s option `state`. */
  training: TrainingState
}

/**
 * Makes an agent, trains it and evaluates it. The environment's preset gives the options that are not named, and the
 * number of steps. Beside `train` it adds nothing to what happens in a step.
 *
 * If something fails on the way, in an environment, in an update or in `onEvent`, the promise rejects with it, and the agent
 * is disposed of with all that it learned; environments that were made for the call are closed either way. To keep what
 * was learned, save the agent in `onEvent` (`saveAgent`), for example at every `checkpoint` event, or make it yourself and
 * use `train`, after whose failure the agent still acts and can be saved. Where the signal aborts, nothing is lost: the
 * promise resolves with the agent as it is then.
 *
 * @param env the id of an environment, which then also makes those for `envs` and for evaluations; or an environment, or
 *   as many as are to run side by side. The evaluation at the end is then in `evaluationEnv` or, without one, in `env`.
 * @throws UnknownEnvironmentError, OptionError, RangeError and TypeError for mistakes; then nothing was made
 * @throws EnvironmentError and DivergenceError as `train`
 * @example
 * const { agent, evaluation } = await trainAgent('Pendulum-v1', { steps: 5_000, seed: 1 })
 * console.log(evaluation.mean)
 */
export function trainAgent(
  env: string | Env | readonly Env[],
  options?: TrainAgentOptions & { signal?: undefined },
): Promise<TrainedAgent>
export function trainAgent(
  env: string | Env | readonly Env[],
  options: TrainAgentOptions,
): Promise<TrainedAgent<Evaluation | undefined>>
export async function trainAgent(
  env: string | Env | readonly Env[],
  options: TrainAgentOptions = {},
): Promise<TrainedAgent<Evaluation | undefined>> {
  requireOptions('trainAgent', options, [...Object.keys(sacOptionsSchema.shape), ...LOOP])
  const { onEvent, ...others } = options
  if (onEvent !== undefined && typeof onEvent !== 'function') {
    throw new TypeError('onEvent must be a function of an event.')
  }
  const { own, loop } = split(others)
  requireSignal(loop.signal)
  if (typeof env !== 'string') return learn([env].flat(), own, loop, onEvent)
  const made: Env[] = []
  const make = async () => {
    const one = await makeEnv(env)
    made.push(one)
    return one
  }
  try {
    const envs = [await make()]
    while (envs.length < (own.envs ?? 1)) envs.push(await make())
    const evaluationEnv = loop.evaluationEnv ?? (await make())
    return await learn(envs, own, { ...loop, evaluationEnv }, onEvent)
  } finally {
    for (const one of made) await one.close?.()
  }
}

const LOOP = [
  'steps',
  'evaluateEvery',
  'evaluationEnv',
  'evaluationEpisodes',
  'evaluationSteps',
  'checkpointEvery',
  'signal',
  'onEvent',
] as const satisfies readonly (keyof TrainAgentOptions)[]

type LoopOptions = Partial<Omit<TrainOptions, 'state'>>

function split(options: Omit<TrainAgentOptions, 'onEvent'>): { own: SacOptionsInput; loop: LoopOptions } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  const isLoop = ([name]: [string, unknown]) => (LOOP as readonly string[]).includes(name)
  return {
    own: Object.fromEntries(entries.filter(entry => !isLoop(entry))),
    loop: Object.fromEntries(entries.filter(isLoop)),
  }
}

async function learn(
  envs: readonly Env[],
  own: SacOptionsInput,
  loop: LoopOptions,
  onEvent: TrainAgentOptions['onEvent'],
): Promise<TrainedAgent<Evaluation | undefined>> {
  for (const env of envs.length > 0 ? envs : [undefined]) requireEnv('trainAgent', env)
  const steps = loop.steps ?? presetFor(envs[0], own.algorithm).steps
  const agent = await SAC.create(
    envs[0],
    withSchedule(presetOptions(envs[0], { envs: envs.length, ...own }), steps),
  )
  try {
    const { signal } = loop
    const end = new AbortController()
    // Asking a signal at every step takes time, and without onEvent nobody ends training here.
    const either = onEvent ? AbortSignal.any([end.signal, ...(signal ? [signal] : [])]) : signal
    let training: TrainingState | undefined
    for await (const event of train(agent, envs, { ...loop, steps, signal: either })) {
      if (event.type === 'done') training = event.state
      const answer = onEvent?.(event, agent)
      if ((isPromise(answer) ? await answer : answer) === 'stop') end.abort()
    }
    const evaluation = signal?.aborted ? undefined : await evaluateAgent(agent, envs, loop)
    return { agent, evaluation, training: training! }
  } catch (error) {
    await agent.dispose()
    throw error
  }
}

/** Schedules last as long as the training. */
const withSchedule = (options: SacOptionsInput, steps: number): SacOptionsInput =>
  (options.scheduleSteps ?? 'auto') === 'auto' && steps >= 1 ? { ...options, scheduleSteps: steps } : options

/** Undefined if it was aborted. */
async function evaluateAgent(
  agent: SAC,
  envs: readonly Env[],
  { evaluationEnv = envs[0], evaluationEpisodes, evaluationSteps, signal }: LoopOptions,
): Promise<Evaluation | undefined> {
  try {
    return await evaluate(agent, evaluationEnv, {
      episodes: evaluationEpisodes,
      maxSteps: evaluationSteps,
      seed: episodeSeed(evaluationEnv, agent.options.seed),
      signal,
    })
  } catch (error) {
    if (signal?.aborted) return undefined
    throw error
  }
}
