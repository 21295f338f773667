/** The policy of a run in its environment: to evaluate it, to film it, or to let it act. */
import type { Env } from '../env/env.ts'
import { episodeSeed } from '../env/episode-seed.ts'
import { type Policy, policyFromParameters } from '../policy/policy.ts'
import { policyNetworkOf } from '../sac/policy-network.ts'
import { type EvaluateOptions, type Evaluation, evaluate } from '../training/evaluate.ts'
import { environmentOf } from './environments/environment.ts'
import { loadRun } from './load-run.ts'
import { RUN_FILES } from './run-directory.ts'
import { evaluationLimit, type RunSettings } from './settings.ts'
import { isTrusted, programsOf } from './trust.ts'
import { UsageError } from './usage-error.ts'

/** How the policy of a run is opened. */
export interface OpenPolicyOptions {
  /** Use the policy of the best evaluation during training instead of the last one. Default false. */
  best?: boolean
  /**
   * Settings of the environment that replace those of the run, by name. Default: none.
   */
  environmentOptions?: Record<string, unknown>
  /**
   * Whether to execute the programs that a run names for its environment (a file, a Python) though it was not made here by
   * this user: true or false, or a function that asks somebody, with descriptions of them. Default false.
   */
  trust?: boolean | ((programs: readonly string[]) => boolean | Promise<boolean>)
}

/** The policy of a run, ready to act in its environment. */
export interface RunPolicy {
  /** What it was trained with. */
  readonly settings: RunSettings
  /** Environment steps that it has learned from. */
  readonly steps: number
  /** Its environment, with the wrappers of the settings. */
  readonly env: Env
  /** What acts there. */
  readonly policy: Policy
  /** Seed of the first episode by which `sac eval` evaluates it. */
  readonly seed: number
  /** Closes the environment. */
  close(): Promise<void>
}

/**
 * Opens the policy of a run, and makes its environment.
 * @throws UsageError if there is no such run, its environment cannot be made, or making it would execute programs of a run
 *   that was not made here and is not trusted; nothing has been executed then
 * @example
 * const { policy, env, close } = await openRunPolicy('runs/Pendulum-v1-seed1')
 * const { observation } = await env.reset()
 * console.log(policy.act(observation, { deterministic: true }))
 * await close()
 */
export async function openRunPolicy(
  directory: string,
  { best = false, environmentOptions = {}, trust = false }: OpenPolicyOptions = {},
): Promise<RunPolicy> {
  const { settings, parameters, steps } = loadRun(directory, best ? RUN_FILES.best : RUN_FILES.parameters)
  const named = Object.entries(settings.environmentOptions).filter(
    ([name]) => !Object.hasOwn(environmentOptions, name),
  )
  await requireTrusted(directory, { ...settings, environmentOptions: Object.fromEntries(named) }, trust)
  const options = { ...settings.environmentOptions, ...environmentOptions }
  const env = await environmentOf({ ...settings, environmentOptions: options })
  const policy = policyFromParameters(parameters, env, policyNetworkOf(settings.options, env.actionSpace))
  const seed = episodeSeed(env, settings.options.seed)
  return { settings, steps, env, policy, seed, close: async () => env.close?.() }
}

async function requireTrusted(
  directory: string,
  settings: RunSettings,
  trust: NonNullable<OpenPolicyOptions['trust']>,
): Promise<void> {
  const programs = programsOf(directory, settings)
  if (isTrusted(directory, programs)) return
  if (typeof trust === 'function' ? await trust(programs) : trust) return
  throw new UsageError(
    `The run in ${directory} was not made here, and its environment would execute ${programs.join(' and ')}. ` +
      'If you trust it, pass trust: true.',
  )
}

/** What `evaluateRun` takes: the options of `evaluate`, and how the policy is opened. */
export interface EvaluateRunOptions extends EvaluateOptions, OpenPolicyOptions {}

/**
 * Evaluates the policy of a run in its environment. Unless said otherwise, episodes are as many, as long and from the same
 * seed as those of the evaluations in the run itself.
 * @throws UsageError as `openRunPolicy`; EnvironmentError and others as `evaluate`
 * @example
 * const { mean, standardDeviation } = await evaluateRun('runs/Pendulum-v1-seed1', { episodes: 100 })
 */
export async function evaluateRun(
  directory: string,
  { best, environmentOptions, trust, ...options }: EvaluateRunOptions = {},
): Promise<Evaluation> {
  const { policy, env, settings, seed, close } = await openRunPolicy(directory, {
    best,
    environmentOptions,
    trust,
  })
  try {
    const { evaluationEpisodes: episodes } = settings
    return await evaluate(policy, env, { episodes, maxSteps: evaluationLimit(settings), seed, ...options })
  } finally {
    await close()
  }
}
