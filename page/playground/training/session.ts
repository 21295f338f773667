import { digestOf } from '../../../src/encoding/digest.ts'
import { indexOfAction } from '../../../src/env/discrete.ts'
import {
  createDoctor,
  createProbe,
  type Doctor,
  encodeSafetensors,
  type NamedTensors,
  policyToModule,
  policyToOnnx,
  presetFor,
  SAC,
  type SacOptionsInput,
  type TrainingState,
  train,
} from '../../../src/index.ts'
import { policyMetadata } from '../../../src/policy/policy-file.ts'
import { createDriver, type Driver } from './driver.ts'
import { createHands, type Pointer } from './hands.ts'
import { type Axes, createMaps } from './maps.ts'
import { createPaceMaker } from './pace.ts'
import type { Pace, Plan } from './plan.ts'
import type { Report } from './reports.ts'
import { createStage } from './stage.ts'
import { createTelemetry } from './telemetry.ts'
import { withTemperature } from './temperature.ts'
import { builtIn, type MakeEnv, openWorld } from './world.ts'

const REPORT_EVERY_MS = 120
const PICTURE_EVERY_MS = 16

/** Steps from one evaluation to the next, and its episodes: short episodes leave time for more. */
const evaluation = (id: string) =>
  id === 'Pendulum-v1' ? { every: 500, episodes: 5 } : { every: 2000, episodes: 3 }

/**
 * The settings that a plan means, those preset for its environment included. The same bits on every machine. Schedules
 * end where `sac train` would, because training here has no end of its own.
 */
export function optionsOf({ world, agent }: Plan): SacOptionsInput {
  const { options, steps } = presetFor(world.id, agent.algorithm)
  const given: SacOptionsInput = { ...options, engine: 'wasm', ...agent }
  return (given.scheduleSteps ?? 'auto') === 'auto' ? { ...given, scheduleSteps: steps } : given
}

/** An agent, and what it learns in, in the Worker. Everything it does is asked for by the page. */
export async function createSession(
  plan: Plan,
  copies: number,
  report: (report: Report) => void,
  make: MakeEnv = builtIn,
) {
  let world = await openWorld(plan.world, copies, make)
  let agent = await SAC.create(world.training.env, optionsOf(plan))
  let doctor = createDoctor(agent)
  let promised = await createPromised()
  let telemetry = createTelemetry(agent, promised.ask)
  let maps = createMaps(agent)
  const hands = createHands()
  let stage = openStage()
  let loop: { abort: AbortController; ended: Promise<TrainingState | undefined> } | undefined
  let pictured = 0
  const pace = createPaceMaker()
  /** The step after which it pauses by itself. */
  let pauseAt = Infinity
  let seen = true
  let driver: Driver | undefined
  let learnsFromDriving = false
  /** Where the weights' fingerprint is taken. */
  let fingerprintStep = 0

  function openStage() {
    return createStage({
      envs: world.shown,
      hands,
      driver: () => driver,
      seen: () => seen,
      policy: { act: (observation, options) => agent.act(observation, options) },
      show: picture => report({ type: 'picture', ...picture }),
      fail: error => report({ type: 'fault', message: messageOf(error) }),
    })
  }

  /** What the critics make of the first step of the episode in progress. */
  async function createPromised() {
    const probe = await createProbe(agent, 1)
    return {
      ask() {
        const { observation, action } = world.training.start
        if (!observation || !action || agent.updates === 0) return undefined
        const { actionSpace } = agent
        if (actionSpace.kind === 'box') return Math.min(...probe.values(observation, action).map(([q]) => q))
        const choice = indexOfAction(actionSpace, action)
        return Math.min(...probe.values(observation).map(q => q[choice]))
      },
      dispose: () => probe.dispose(),
    }
  }

  /** Puts another agent in the place of this one, with everything that belongs to it. */
  async function replaceAgent(next: SAC): Promise<void> {
    doctor = createDoctor(next, { state: doctor.state() })
    const before = [promised, maps, agent]
    agent = next
    promised = await createPromised()
    telemetry = createTelemetry(next, promised.ask)
    maps = createMaps(next)
    await Promise.all(before.map(one => one.dispose()))
  }

  /** Nobody can repeat from a link what happens now. */
  const alter = () => report({ type: 'altered' })

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
        checkpointEvery: () => agent.steps === fingerprintStep,
        signal,
        state: from,
      })) {
        telemetry.observe(event)
        consult(doctor, event)
        if (event.type === 'checkpoint') {
          report({ type: 'fingerprint', step: event.step, digest: await digestOf(agent.parameters()) })
        }
        if (event.type === 'done') state = event.state
        if (telemetry.age() > REPORT_EVERY_MS) flush()
        if (event.type === 'step' && event.step >= pauseAt) {
          pace.set('paused')
          report({ type: 'pace', pace: 'paused' })
        }
        if (event.type === 'step' && pace.waits && !signal.aborted) {
          const seconds = await showTraining(event.terminated || event.truncated)
          if (pace.pace === 'paused') flush()
          await pace.wait(seconds, abandoned)
          if (hands.act(world.training.env, seconds)) alter()
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
    if (driver) return scene.timeStep
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

  /** The policy acts beside fast training, a person always. */
  function showWhatActs(): void {
    if (driver || (pace.pace === 'fast' && world.shown[0]?.scene)) stage.play()
    else stage.stop()
  }

  async function takeDriven(episode: Parameters<Parameters<typeof createDriver>[0]['ended']>[0]) {
    let kept = 0
    if (learnsFromDriving) {
      try {
        kept = await agent.learnFrom(episode.transitions, { into: 'replay' })
        alter()
      } catch (error) {
        report({ type: 'fault', message: messageOf(error) })
      }
    }
    report({ type: 'driven', kept, return: episode.return })
  }

  return {
    about: () => ({
      engine: agent.engine,
      observationSize: agent.observationSpace.size,
      observationSpace: agent.observationSpace,
      actionSpace: agent.actionSpace,
      options: agent.options,
      hasScene: Boolean(world.shown[0]?.scene),
    }),

    setPace(next: Pace, until = Infinity): void {
      pauseAt = until
      pace.set(next)
      showWhatActs()
      if (next !== 'paused') proceed()
    },

    step(): void {
      pace.grantStep()
      showWhatActs()
      proceed()
    },

    /** Whether the page is in sight: the policy acts for nobody else, and training has all the time. */
    setSeen(now: boolean): void {
      seen = now
    },

    /** Lets the policy of the moment act without learning. */
    play: () => stage.play(),
    rest: () => stage.stop(),

    /** Gives the controls of what is shown to a person, or back to the policy; an episode begins. */
    drive(on: boolean, learns: boolean): void {
      learnsFromDriving = learns
      driver?.leave()
      driver = on ? createDriver({ actionSpace: agent.actionSpace, ended: takeDriven }) : undefined
      stage.restart()
      if (pace.pace === 'paused') stage.play()
      else showWhatActs()
    },
    /** Whether the steps of a person go into the replay buffer, from the present episode on. */
    learnFromDriving(learns: boolean): void {
      learnsFromDriving = learns
    },
    steer: (action: readonly number[]) => driver?.steer(action),

    /** Changes settings that the networks do not depend on. */
    async change(options: SacOptionsInput): Promise<void> {
      const running = await halt()
      try {
        const changed: Plan = { ...plan, agent: options }
        const next = await SAC.create(world.training.env, optionsOf(changed))
        next.restore(withTemperature(agent.state(), next.options))
        await replaceAgent(next)
        alter()
        plan = changed
      } finally {
        if (running) proceed()
      }
    },

    /** Changes the environment's own settings; the agent goes on in it. */
    async changeWorld(options: Record<string, unknown>): Promise<void> {
      const next = { ...plan.world, options }
      const opened = await openWorld(next, copies, make)
      const running = await halt()
      stage.stop()
      const before = world
      world = opened
      plan = { ...plan, world: next }
      left = undefined
      alter()
      stage = openStage()
      await before.close()
      if (running) proceed()
      if ((!running || driver || pace.pace === 'fast') && world.shown[0]?.scene) stage.play()
    },

    point: (pointer: Pointer | undefined) => hands.point(pointer),
    gust: (direction: -1 | 1) => hands.gust(direction),
    push: (acceleration: readonly [number, number]) => hands.push(acceleration),

    /** What the networks say about two of the observations. */
    map: (axes: Axes) => maps.map(axes),
    /** What the policy and the critics make of all values of one action at one state. */
    actions: (observation: number[], action: number) => maps.actions(observation, action),
    /** What they make of each choice at one state, where actions are choices. */
    choices: (observation: number[]) => maps.choices(observation),
    replay: (count: number) => maps.replay(count),

    /** Takes over what another agent learned, of the same sizes. What a file of a policy alone lacks begins anew. */
    async load(parameters: NamedTensors): Promise<void> {
      const running = await halt()
      try {
        agent.loadParameters({ ...agent.parameters(), ...parameters })
        alter()
      } finally {
        if (running) proceed()
      }
    },

    safetensors: () => encodeSafetensors(agent.parameters(), policyMetadata(agent)),
    onnx: () => policyToOnnx(agent),
    module: () => policyToModule(agent),
    parameters: (): NamedTensors => agent.parameters(),

    /** Stops learning and acting; all that was learned stays. */
    async pause(): Promise<void> {
      stage.stop()
      pace.set('paused')
      await halt()
    },

    fingerprintAt(step: number): void {
      fingerprintStep = step
    },

    async close(): Promise<void> {
      await this.pause()
      await Promise.all([promised, maps, agent].map(one => one.dispose()))
      await world.close()
    },
  }
}

export type Session = Awaited<ReturnType<typeof createSession>>

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
