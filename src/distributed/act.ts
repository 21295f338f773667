import { isPromise } from '../env/awaitable.ts'
import type { Env } from '../env/env.ts'
import { episodeSeed } from '../env/episode-seed.ts'
import { describe } from '../env/require.ts'
import { requireEnv } from '../env/require-env.ts'
import { createBreaks } from '../event-loop.ts'
import { requireOptions } from '../options.ts'
import { guardedReset, guardedStep } from '../training/guarded-env.ts'
import { occupyEnvs } from '../training/occupied.ts'
import { requireSignal } from '../training/train-options.ts'
import { actorKey, encodeJson, misfit, type Presence } from './board.ts'
import { followRun } from './follower.ts'
import { createOutbox } from './outbox.ts'
import { createRunExplorer, type RunExplorer } from './run-explorer.ts'
import type { Transport } from './transport.ts'

/** What `actFor` takes beside the transport and the environment. */
export interface ActForOptions {
  /** Its name, by which the learner knows it: letters, digits, `-` and `_`, at most 64, and no other actor's. */
  actor: string
  /** Seed of its actions and episodes, a whole number in [0, 2^32). Default: one drawn from the clock and its name. */
  seed?: number
  /** Milliseconds after which transitions are sent although they are few. Default 100. */
  flushEvery?: number
  /** Ends it after the present step; what it has is sent before. */
  signal?: AbortSignal
  /** Called after each episode. */
  onEpisode?: (episode: { return: number; length: number; policyUpdates: number }) => void
  /** Chooses actions and seeds instead of the policy that the learner sends: an agent in the same process. */
  explorer?: RunExplorer
}

/** What an actor did. */
export interface Acted {
  /** Environment steps taken. */
  steps: number
  /** Episodes that have ended. */
  episodes: number
}

const NAMES = Object.keys({
  actor: true,
  seed: true,
  flushEvery: true,
  signal: true,
  onEpisode: true,
  explorer: true,
} satisfies Record<keyof ActForOptions, true>)

/** What an actor may be called. */
const NAME = /^[\w-]{1,64}$/
/** Milliseconds from one sign of life to the next. */
const PRESENCE_MS = 2000

/**
 * Acts for a run: waits for its description, then acts in an environment by the newest policy and sends what happens to
 * the learner (`learnFromActors`), until the learner has finished or the signal aborts. While the learner has not taken in enough of it, or cannot be
 * reached, it waits between two steps.
 *
 * @throws RangeError for mistakes, and for an environment with other spaces than the run's
 * @throws RunChangedError if the run begins anew, with other settings or another log: act for it again
 * @throws RunError if the learner refuses what this actor sends
 * @throws EnvironmentError if the environment fails
 * @example
 * await actFor(transport, await makeEnv('Pendulum-v1'), { actor: 'kitchen', signal })
 */
export async function actFor(transport: Transport, env: Env, options: ActForOptions): Promise<Acted> {
  requireEnv('actFor', env)
  requireOptions('actFor', options, NAMES)
  const { actor, flushEvery = 100, signal, onEpisode, seed = drawSeed(actor) } = options
  if (typeof actor !== 'string' || !NAME.test(actor)) {
    throw new RangeError(
      `actor is ${describe(actor)}; it must be a name of letters, digits, - and _, at most 64 of them.`,
    )
  }
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new RangeError(`seed is ${describe(seed)}; it must be a whole number from 0 to 4294967295.`)
  }
  if (!(flushEvery >= 0))
    throw new RangeError(`flushEvery is ${describe(flushEvery)}; it must be at least 0.`)
  requireSignal(signal)
  const incarnation = Date.now()
  const release = occupyEnvs([env])
  const follower = followRun(transport, { actor, incarnation, signal })
  const acted: Acted = { steps: 0, episodes: 0 }
  try {
    const run = await follower.run()
    if (!run) return acted
    const fault = misfit(run, env)
    if (fault) {
      throw new RangeError(
        `${env.id ?? 'The environment'} does not fit the run${run.environment ? `, which is of ${run.environment}` : ''}: ${fault}.`,
      )
    }
    const explorer = options.explorer ?? createRunExplorer(run, env, seed)
    const outbox = createOutbox(transport, follower, {
      actor,
      incarnation,
      seed,
      run,
      spaces: env,
      flushEvery,
    })
    const breaks = createBreaks()
    let said = { at: -Infinity, steps: 0 }
    const sayPresent = async () => {
      const now = performance.now()
      if (now - said.at < PRESENCE_MS) return
      const stepsPerSecond = (1000 * (acted.steps - said.steps)) / (now - said.at)
      said = { at: now, steps: acted.steps }
      const policyUpdates = follower.weights?.updates ?? 0
      const presence: Presence = {
        incarnation,
        ...acted,
        stepsPerSecond,
        policyUpdates,
        time: Date.now(),
      }
      if (env.id !== undefined) presence.environment = env.id
      await follower.untilEnd(transport.put(actorKey(actor), encodeJson(presence)))
    }

    await follower.firstWeights()
    while (!follower.ended) {
      await sayPresent()
      if (!(await outbox.room())) break
      const start = { seed: episodeSeed(env, explorer.environmentSeed()) }
      let { observation } = await guardedReset(env, start, `before episode ${acted.episodes + 1}`)
      let sum = 0
      for (let length = 1; !follower.ended; length++) {
        if (!(await outbox.room())) break
        const weights = follower.weights!
        const action = explorer.explore(observation, weights)
        const answer = guardedStep(env, action, () => `step ${length} of episode ${acted.episodes + 1}`)
        const {
          observation: nextObservation,
          reward,
          terminated,
          truncated = false,
        } = isPromise(answer) ? await answer : answer
        const transition = { observation, action, reward, nextObservation, terminated, truncated }
        acted.steps++
        sum += reward
        await outbox.add(transition, weights.updates)
        await sayPresent()
        if (breaks.isDue()) await breaks.take()
        observation = nextObservation
        if (!terminated && !truncated) continue
        acted.episodes++
        explorer.endEpisode()
        onEpisode?.({ return: sum, length, policyUpdates: weights.updates })
        break
      }
    }
    // Also after the signal, because it has been acted.
    if (!follower.failure) await outbox.flush()
    if (follower.failure) throw follower.failure
    return acted
  } finally {
    follower.end()
    release()
  }
}

/** Two actors that begin in the same millisecond have different names. */
function drawSeed(actor: string): number {
  let seed = Date.now() >>> 0
  for (const letter of String(actor)) seed = (Math.imul(seed, 31) + letter.charCodeAt(0)) >>> 0
  return seed
}
