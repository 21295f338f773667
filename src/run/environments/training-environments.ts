import { availableCores } from '../../available-cores.ts'
import type { Env } from '../../env/env.ts'
import { registered } from '../../envs/registry.ts'
import { makeWorkerEnvs } from '../../workers/index.ts'
import { GYMNASIUM } from '../environment-path.ts'
import type { RunSettings } from '../settings.ts'
import { closeAll, environmentsOf } from './environment.ts'

/** What a run trains and evaluates in. */
export interface TrainingEnvironments {
  /** As many as `settings.options.envs`. */
  envs: Env[]
  /** One of its own for evaluations. */
  evaluationEnv: Env
  /** Closes all of them. */
  close(): Promise<void>
}

/**
 * Makes the environments of a run, side by side in this thread or, as `envThreads` says, in others.
 * @throws UsageError if they cannot be made
 * @example
 * const { envs, evaluationEnv, close } = await trainingEnvironments(settings)
 */
export async function trainingEnvironments(settings: RunSettings): Promise<TrainingEnvironments> {
  const threads = threadsFor(settings)
  const count = settings.options.envs
  // The one for evaluations first, in this thread, because errors of the environment are reported best from here.
  const [evaluationEnv, ...here] = await environmentsOf(settings, threads === 0 ? count + 1 : 1)
  const all = [evaluationEnv, ...here]
  if (threads > 0) {
    const module = new URL('./environment.js', import.meta.url)
    const { environment, environmentOptions, timeLimit, stackFrames } = settings
    const named = { environment, environmentOptions, timeLimit, stackFrames }
    try {
      all.push(...(await makeWorkerEnvs(module, { name: 'environmentOf', args: [named], count, threads })))
    } catch (error) {
      await closeAll(all)
      throw error
    }
  }
  return { envs: all.slice(1), evaluationEnv, close: () => closeAll(all) }
}

/** The same for a run that only learns: one environment, which says what the agent observes, and evaluates it. */
export async function evaluationEnvironment(settings: RunSettings): Promise<TrainingEnvironments> {
  const [evaluationEnv] = await environmentsOf(settings, 1)
  return { envs: [evaluationEnv], evaluationEnv, close: () => closeAll([evaluationEnv]) }
}

/** Over how many threads to spread environments side by side; 0 keeps them in this one. */
function threadsFor({ environment, envThreads, options: { envs } }: RunSettings): number {
  if (envThreads !== 'auto') return Math.min(envThreads, envs)
  // Environments of Gymnasium have a process of their own.
  const cheap = registered.get(environment)?.cheap ?? false
  const stays = envs === 1 || cheap || environment.startsWith(GYMNASIUM)
  return stays ? 0 : Math.min(availableCores(), envs)
}
