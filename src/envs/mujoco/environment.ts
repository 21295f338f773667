import type { Env, Handle, ResetOptions, ResetResult, StepResult, Vector } from '../../env/env.ts'
import { requireVector } from '../../env/require.ts'
import type { Camera, Point3, Scene3d } from '../../env/scene.ts'
import { box } from '../../env/spaces.ts'
import { createRandom, type Random, type RandomState } from '../../random.ts'
import { loadMujoco } from './bindings.ts'
import { type AnyModel, isModelFile } from './model-file.ts'
import { ObservationWriter } from './observation-writer.ts'
import { Simulation } from './simulation.ts'

const BACKGROUND = { horizon: '#e9f1f6', sky: '#9dc3dd' } as const

/** What is simulated, and how it is looked at. */
export interface EnvDefinition {
  id: string
  model: AnyModel
  /** Positions that the task looks at wherever they lead, for models of the user's own; by default none. */
  leastPositions?: number
  /** Time steps of the simulation in one step of the environment. */
  frameSkip: number
  view: View
}

/** Where a picture is taken from. */
export interface View extends Camera {
  /** A body that the camera moves along with, over the ground: its places are then counted from there. */
  follow?: string
}

/** What makes a simulation an environment. */
export interface Task {
  /** Begins an episode from the model at rest: adds noise to `qpos` and `qvel`. */
  start(simulation: Simulation, random: Random): void
  /** Writes the observation. */
  observe(simulation: Simulation, observation: ObservationWriter): void
  /** Advances the simulation with `simulation.advance(action)`, and judges. */
  step(simulation: Simulation, action: Vector): Outcome
}

/** What a step was worth. */
export interface Outcome {
  reward: number
  terminated: boolean
  /** Gymnasium's, with names in camel case. */
  info: Record<string, number>
}

/** The exact state of a MuJoCo environment. */
export interface MujocoState {
  /** MuJoCo's own state (time, `qpos`, `qvel`, ...), then `xpos` and `xipos` as of the last step. */
  simulation: number[]
  random: RandomState
}

/**
 * An environment on MuJoCo.
 *
 * Observations are float64 without bounds; actions are controls of the model's motors, bounded by their range, and
 * not clipped: MuJoCo clamps them, and costs count them as they are. Answers at once. The same in every JavaScript
 * engine, bit for bit. Memory is outside the garbage collector's reach: `close()` frees it.
 *
 * `reset({ options: { qpos, qvel } })` begins an episode exactly there; the one of the two that is left out is that
 * of the model at rest. Until the first `reset` with a seed the starts are random ones. `step` throws before the
 * first `reset`, for an action that is not one finite number for each motor, and if the simulation has become unstable.
 */
export async function createMujocoEnv(
  { id, model, leastPositions = 0, frameSkip, view }: EnvDefinition,
  createTask: (simulation: Simulation) => Task,
): Promise<Env> {
  const simulation = new Simulation(await loadMujoco(), model, frameSkip)
  if (isModelFile(model)) {
    try {
      requireFitting(id, model.name, simulation, leastPositions, createTask)
    } catch (error) {
      simulation.dispose()
      throw error
    }
  }
  const task = createTask(simulation)
  const random = createRandom(Math.floor(Math.random() * 2 ** 32), 'environment')
  const writer = new ObservationWriter()
  const motors = simulation.controlRange.length / 2
  const followed =
    view.follow === undefined || !simulation.hasBody(view.follow) ? undefined : simulation.body(view.follow)
  const actionName = `action of ${id}`
  let phase: 'new' | 'running' | 'closed' = 'new'

  const requireOpen = () => {
    if (phase === 'closed') throw new Error(`${id}: the environment was closed`)
    simulation.refresh()
  }
  const requireBegun = (method: string) => {
    requireOpen()
    if (phase === 'new') throw new Error(`${id}: call reset() before the first ${method}()`)
  }

  writer.begin(0)
  simulation.forward()
  task.observe(simulation, writer)
  const observationSize = writer.length

  const observe = () => {
    const observation = writer.begin(observationSize)
    task.observe(simulation, writer)
    return observation
  }

  return {
    id,
    observationSpace: box({ low: -Infinity, high: Infinity, shape: [observationSize] }),
    actionSpace: box({
      low: simulation.controlRange.filter((_, i) => i % 2 === 0),
      high: simulation.controlRange.filter((_, i) => i % 2 === 1),
    }),
    seedBits: 32,

    reset({ seed, options }: ResetOptions = {}): ResetResult {
      requireOpen()
      const { qpos, qvel } = (options ?? {}) as { qpos?: Vector; qvel?: Vector }
      if (qpos) requireVector(`qpos of ${id}`, qpos, simulation.qpos.length)
      if (qvel) requireVector(`qvel of ${id}`, qvel, simulation.qvel.length)
      if (seed !== undefined) random.restore(createRandom(seed, 'environment').state())
      simulation.reset()
      if (qpos) simulation.qpos.set(qpos)
      if (qvel) simulation.qvel.set(qvel)
      if (!(qpos || qvel)) task.start(simulation, random)
      simulation.forward()
      phase = 'running'
      return { observation: observe() }
    },

    step(action): StepResult {
      requireBegun('step')
      requireVector(actionName, action, motors)
      const { reward, terminated, info } = task.step(simulation, action)
      return { observation: observe(), reward, terminated, truncated: false, info }
    },

    getState(): MujocoState {
      requireBegun('getState')
      return { simulation: simulation.save(), random: random.state() }
    },

    setState(state) {
      requireOpen()
      const given = state as MujocoState | null
      if (!Array.isArray(given?.simulation) || given.simulation.length !== simulation.save().length) {
        throw new TypeError(`the state of ${id} is { simulation, random }, as getState returns`)
      }
      random.restore(given.random)
      simulation.restore(given.simulation)
      phase = 'running'
    },

    handles(): Handle[] {
      requireBegun('handles')
      const { centre } = simulation.posture()
      const mass = simulation.bodyMass.reduce((sum, one) => sum + one, 0)
      return [...simulation.bodyNames()].map(([index, name]) => ({
        name,
        position: centre(index),
        push(acceleration) {
          requireVector('acceleration', acceleration, 3)
          requireOpen()
          simulation.push(
            index,
            Array.from(acceleration, axis => mass * axis),
          )
        },
      }))
    },

    scene(): Scene3d {
      requireBegun('scene')
      const { geoms, body } = simulation.posture()
      const [x, y] = followed === undefined ? [0, 0] : body(followed)
      const moved = (point: Point3): Point3 => [point[0] + x, point[1] + y, point[2]]
      const { position, target, fieldOfView } = view
      return {
        dimensions: 3,
        timeStep: simulation.dt,
        camera: { position: moved(position), target: moved(target), fieldOfView },
        background: BACKGROUND,
        geoms,
      }
    },

    close() {
      if (phase !== 'closed') simulation.dispose()
      phase = 'closed'
    },
  }
}

/**
 * Tries one step of a task in a model that is not its own.
 * @throws TypeError if the model has no bounded motors, or lacks bodies, positions or sites that the task looks at
 */
function requireFitting(
  id: string,
  name: string,
  simulation: Simulation,
  leastPositions: number,
  createTask: (simulation: Simulation) => Task,
): void {
  const misfit = (reason: string) => new TypeError(`the model ${name} does not fit ${id}: ${reason}`)
  const { controlRange } = simulation
  if (controlRange.length === 0) throw misfit('it has no actuators')
  if (simulation.qpos.length < leastPositions) throw misfit(`it has fewer than ${leastPositions} positions`)
  for (let i = 0; i < controlRange.length; i += 2) {
    if (!(controlRange[i] < controlRange[i + 1])) throw misfit(`actuator ${i / 2} has no ctrlrange`)
  }
  const writer = new ObservationWriter()
  let task: Task
  try {
    task = createTask(simulation)
  } catch (cause) {
    throw misfit((cause as Error).message)
  }
  simulation.forward()
  writer.begin(0)
  task.observe(simulation, writer)
  const observation = writer.begin(writer.length)
  task.observe(simulation, writer)
  const { reward } = task.step(simulation, new Float64Array(controlRange.length / 2))
  if (!(observation.every(Number.isFinite) && Number.isFinite(reward))) {
    throw misfit('it lacks positions, bodies or sites that the observation or the reward is made of')
  }
  simulation.reset()
}
