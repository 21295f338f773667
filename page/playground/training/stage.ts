import type { Env, Policy, Scene, Vector } from '../../../src/index.ts'
import type { Driver } from './driver.ts'
import type { Hands } from './hands.ts'
import type { Picture } from './reports.ts'

interface StageOptions {
  /** Copies of the environment side by side, each its own. */
  envs: readonly Env[]
  policy: Policy
  /** What may touch the first of them; nothing by default. */
  hands?: Hands
  /** Who acts in the first of them in place of the policy, if anybody does. */
  driver?: () => Driver | undefined
  /** Whether anybody looks: nothing moves otherwise. Always by default. */
  seen?: () => boolean
  show(picture: Picture): void
  fail(error: unknown): void
}

/** How often it is asked whether somebody looks again. */
const UNSEEN_MS = 200

interface Actor {
  env: Env
  observation: Vector
  scene: Scene
  step: number
  return: number
}

/** The policy of the moment acting in environments of its own, as fast as time goes there. Training does not notice. */
export function createStage({ envs, policy, hands, driver, seen = () => true, show, fail }: StageOptions) {
  let actors: Actor[] | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let playing = false
  let due = 0

  async function begin(env: Env, seed?: number): Promise<Actor> {
    const { observation } = await env.reset(seed === undefined ? {} : { seed })
    return { env, observation, scene: await env.scene!(), step: 0, return: 0 }
  }

  async function advance(): Promise<void> {
    let first: { action: Float32Array; reward: number } | undefined
    let cut = false
    actors ??= await Promise.all(envs.map((env, i) => begin(env, i)))
    const present = actors
    const driven = driver?.()
    for (const [i, actor] of present.entries()) {
      const person = i === 0 ? driven : undefined
      const action = person?.action() ?? policy.act(actor.observation, { deterministic: true })
      if (i === 0) hands?.act(actor.env, actor.scene.timeStep)
      const { observation, reward, terminated, truncated } = await actor.env.step(action)
      if (i === 0) first = { action, reward }
      person?.took({
        observation: actor.observation,
        action,
        reward,
        nextObservation: observation,
        terminated,
        truncated,
      })
      if (terminated || truncated) {
        present[i] = await begin(actor.env)
        cut ||= i === 0
        continue
      }
      actor.observation = observation
      actor.scene = await actor.env.scene!()
      actor.step++
      actor.return += reward
    }
    const [{ scene, step, return: total }] = present
    show({
      scenes: present.map(actor => actor.scene),
      of: driven ? 'person' : 'policy',
      seconds: scene.timeStep,
      cut,
      episode: { step, return: total },
      action: Array.from(first!.action),
      reward: first!.reward,
    })
    due = Math.max(due + 1000 * scene.timeStep, performance.now())
  }

  async function tick(): Promise<void> {
    if (!seen()) {
      timer = setTimeout(tick, UNSEEN_MS)
      return
    }
    try {
      await advance()
    } catch (error) {
      playing = false
      fail(error)
    }
    if (playing) timer = setTimeout(tick, Math.max(0, due - performance.now()))
  }

  return {
    play(): void {
      if (playing) return
      playing = true
      due = performance.now()
      timer = setTimeout(tick)
    },
    /** The next step is the first of an episode. */
    restart(): void {
      actors = undefined
    },
    stop(): void {
      playing = false
      clearTimeout(timer)
    },
  }
}

export type Stage = ReturnType<typeof createStage>
