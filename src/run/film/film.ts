import type { Env } from '../../env/env.ts'
import type { Scene } from '../../env/scene.ts'
import type { Policy } from '../../policy/policy.ts'
import { guardedReset, guardedStep } from '../../training/guarded-env.ts'
import { UsageError } from '../usage-error.ts'

/** What `film` takes. */
export interface FilmOptions {
  /** Whole episodes, unless `maxSteps` cuts them off. */
  episodes: number
  /** Seed of the environment's first reset; later episodes continue from there. */
  seed: number
  /** Largest number of pictures per second of the simulation; no more than one for each step. */
  fps: number
  /** Steps after which an episode is cut off. */
  maxSteps?: number
}

/** A moment to be shown. */
export interface Shot {
  /** What is to be seen. */
  scene: Scene
  /** How long to show it in s. */
  seconds: number
  /** Steps of the episode so far. */
  step: number
  /** Return of the episode so far. */
  return: number
  /** Whether it is the last of its episode. */
  last: boolean
  /** Whether the environment itself ended the episode with it. */
  ended: boolean
}

/** How long the end of an episode is shown in s. */
const PAUSE = 0.6

/**
 * Runs a policy's centre in an environment and answers what is to be seen, at the speed of the simulation: the start,
 * the end, and at regular intervals between.
 *
 * @throws UsageError if the environment has no `scene()`
 * @throws EnvironmentError if the environment throws or answers with something that is not finite
 * @example
 * for await (const { scene, seconds } of film(agent, env, { episodes: 1, seed: 0, fps: 25 })) show(scene, seconds)
 */
export async function* film(
  policy: Policy,
  env: Env,
  { episodes, seed, fps, maxSteps = Infinity }: FilmOptions,
): AsyncGenerator<Shot, void> {
  if (!env.scene) throw new UsageError(`${env.id ?? 'The environment'} has no scene(), and so no picture.`)
  for (let episode = 1; episode <= episodes; episode++) {
    const where = `episode ${episode} of the recording`
    let { observation } = await guardedReset(env, episode === 1 ? { seed } : {}, where)
    let total = 0
    const scene = await env.scene()
    const { timeStep } = scene
    const stride = Math.max(1, Math.round(1 / (fps * timeStep)))
    yield { scene, seconds: stride * timeStep, step: 0, return: 0, last: false, ended: false }
    for (let step = 1, last = false; !last; step++) {
      const action = policy.act(observation, { deterministic: true })
      const result = await guardedStep(env, action, () => `${where}, step ${step}`)
      observation = result.observation
      total += result.reward
      const ended = result.terminated || result.truncated
      last = ended || step >= maxSteps
      if (!last && step % stride !== 0) continue
      const seconds = last ? PAUSE : stride * timeStep
      yield { scene: await env.scene(), seconds, step, return: total, last, ended }
    }
  }
}
