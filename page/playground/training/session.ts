import { digestOf } from '../../../src/encoding/digest.ts'
import {
  createDoctor,
  type Doctor,
  type NamedTensors,
  presetFor,
  SAC,
  type SacOptionsInput,
  type TrainingState,
  train,
} from '../../../src/index.ts'
import { createPaceMaker } from './pace.ts'
import type { Pace, Plan } from './plan.ts'
import type { Report } from './reports.ts'
import { createStage } from './stage.ts'
import { createTelemetry } from './telemetry.ts'
import { withTemperature } from './temperature.ts'
import { openWorld } from './world.ts'

const REPORT_EVERY_MS = 120
const PICTURE_EVERY_MS = 16

/** Steps from one evaluation to the next, and its episodes: short episodes leave time for more. */
const evaluation = (id: string) =>
  id === 'Pendulum-v1' ? { every: 500, episodes: 5 } : { every: 2000, episodes: 3 }

/** The settings that a plan means, those preset for its environment included. The same bits on every machine. */
export const optionsOf = ({ world, agent }: Plan): SacOptionsInput => ({
  ...presetFor(world.id, agent.algorithm).options,
  engine: 'wasm',
  ...agent,
})

/** An agent, and what it learns in, in the Worker. Everything it does is asked for by the page. */
export async function createSession(plan: Plan, copies: number, report: (report: Report) => void) {
  const world = await openWorld(plan.world, copies)
  let agent = await SAC.create(world.training.env, optionsOf(plan))
  let doctor = createDoctor(agent)
  let telemetry = createTelemetry(agent, () => undefined)
  const stage = openStage()
  let loop: { abort: AbortController; ended: Promise<TrainingState | undefined> } | undefined
  let pictured = 0
  const pace = createPaceMaker()
  /** Where the weights' fingerprint is taken, and what it was. */
  let fingerprint: { step: number; digest?: string } | undefined

  function openStage() {
    return createStage({
      envs: world.shown,
      policy: { act: (observation, options) => agent.act(observation, options) },
      show: picture => report({ type: 'picture', ...picture }),
      fail: error => report({ type: 'fault', message: messageOf(error) }),
    })
  }

  const flush = () => report({ type: 'progress', ...telemetry.take(pace.pace === 'paused') })

  async function learn(abort: AbortController, from?: TrainingState): Promise<TrainingState | undefined> {
    const { signal } = abort
    const abandoned = () => signal.aborted
    const { every, episodes } = evaluation(plan.world.id)
    let state = from
    try {
      if (pace.waits) await pace.wait(0, abandoned)
      for await (const event of train(agent, world.training.env, {
        steps: Number.MAX_SAFE_INTEGER - agent.steps,
        evaluateEvery: every,
        evaluationEpisodes: episodes,
        evaluationEnv: world.evaluation,
        checkpointEvery: () => agent.steps === fingerprint?.step,
        signal,
        state: from,
      })) {
        telemetry.observe(event)
        consult(doctor, event)
        if (event.type === 'checkpoint') fingerprint!.digest = await digestOf(agent.parameters())
        if (event.type === 'done') state = event.state
        if (telemetry.age() > REPORT_EVERY_MS) flush()
        if (event.type === 'step' && pace.waits && !signal.aborted) {
          const seconds = await showTraining(event.terminated || event.truncated)
          if (pace.pace === 'paused') flush()
          await pace.wait(seconds, abandoned)
        }
      }
    } catch (error) {
      report({ type: 'fault', message: messageOf(error) })
      pace.set('paused')
      report({ type: 'pace', pace: 'paused' })
      state = undefined
    }
    flush()
    loop = undefined
    return state
  }

  function consult(doctor: Doctor, event: Parameters<Doctor>[0]): void {
    const found = doctor(event)
    if (found) report({ type: 'doctor', step: event.step, diagnoses: found.diagnoses })
  }

  /** The environment that is learned in, unless it was shown just before. Returns the duration of its step in s. */
  async function showTraining(ended: boolean): Promise<number> {
    const { env, step, return: total, action, reward } = world.training
    const now = performance.now()
    if (!env.scene) return 1 / 30
    const scene = await env.scene()
    if (now - pictured < PICTURE_EVERY_MS && pace.pace !== 'paused') return scene.timeStep
    const seconds = Math.max(PICTURE_EVERY_MS / 1000, scene.timeStep / (pace.pace === 'tenfold' ? 10 : 1))
    report({
      type: 'picture',
      scenes: [scene],
      of: 'training',
      seconds,
      cut: step === 1 || ended,
      episode: { step, return: total },
      action: Array.from(action),
      reward,
    })
    pictured = now
    return scene.timeStep
  }

  /** Where training was left, to resume it there. */
  let left: TrainingState | undefined

  /** Ends the loop; answers whether there was one. */
  async function halt(): Promise<boolean> {
    if (!loop) return false
    const { abort, ended } = loop
    abort.abort()
    pace.nudge()
    left = await ended
    return true
  }

  function proceed(): void {
    if (loop) return
    const abort = new AbortController()
    loop = { abort, ended: learn(abort, left) }
    left = undefined
  }

  return {
    about: () => ({
      engine: agent.engine,
      observationSize: agent.observationSpace.size,
      actionSpace: agent.actionSpace,
      options: agent.options,
      hasScene: Boolean(world.shown[0]?.scene),
    }),

    setPace(next: Pace): void {
      if (next === 'paused') stage.stop()
      pace.set(next)
      if (next === 'fast' && world.shown[0]?.scene) stage.play()
      else stage.stop()
      if (next !== 'paused') proceed()
    },

    step(): void {
      stage.stop()
      pace.grantStep()
      proceed()
    },

    /** Lets the policy of the moment act without learning. */
    play: () => stage.play(),
    rest: () => stage.stop(),

    /** Changes settings that the networks do not depend on. */
    async change(options: SacOptionsInput): Promise<void> {
      const running = await halt()
      try {
        const changed: Plan = { ...plan, agent: options }
        const next = await SAC.create(world.training.env, optionsOf(changed))
        next.restore(withTemperature(agent.state(), next.options))
        doctor = createDoctor(next, { state: doctor.state() })
        telemetry = createTelemetry(next, () => undefined)
        await agent.dispose()
        agent = next
        plan = changed
      } finally {
        if (running) proceed()
      }
    },

    parameters: (): NamedTensors => agent.parameters(),

    fingerprintAt(step: number): void {
      fingerprint = { step }
    },
    fingerprint: () => fingerprint,

    async close(): Promise<void> {
      stage.stop()
      await halt()
      await agent.dispose()
      await world.close()
    },
  }
}

export type Session = Awaited<ReturnType<typeof createSession>>

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
