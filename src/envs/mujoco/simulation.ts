import type { Arrays, Data, DoubleBuffer, Model, Mujoco } from './bindings.ts'
import { createFigure, type Figure, type Posture } from './geoms.ts'
import { type AnyModel, compileModel } from './model-file.ts'

/** Beyond this MuJoCo itself counts positions, velocities and accelerations as unstable. */
const LARGEST = 1e10

const NOTHING: Float64Array = new Float64Array(0)

/**
 * A MuJoCo simulation that advances by a fixed number of time steps at once.
 *
 * Its arrays are views of the module's heap, which goes over to a new buffer when it grows: hold the simulation
 * rather than an array of it. Positions and forces of bodies are those of the last evaluation within the last time
 * step, so they lag a little behind `qpos`; Gymnasium's environments are defined on these, and so are ours.
 */
export class Simulation implements Arrays {
  qpos = NOTHING
  qvel = NOTHING
  qacc = NOTHING
  ctrl = NOTHING
  xpos = NOTHING
  xipos = NOTHING
  site_xpos = NOTHING
  cinert = NOTHING
  cvel = NOTHING
  cfrc_ext = NOTHING
  xfrc_applied = NOTHING
  qfrc_actuator = NOTHING
  qfrc_constraint = NOTHING

  /** Duration of `advance` in s. */
  readonly dt: number
  /** Smallest and largest control of each actuator, row-major. */
  readonly controlRange: Float64Array
  /** Mass of each body in kg, the world first. */
  readonly bodyMass: Float64Array
  /** Positions of the model at rest. */
  readonly initialPositions: Float64Array

  readonly #mujoco: Mujoco
  readonly #model: Model
  readonly #data: Data
  readonly #frameSkip: number
  readonly #stateKind: number
  readonly #stateBuffer: DoubleBuffer
  #figure: Figure | undefined
  #pushed = false

  /** @param frameSkip the time steps of `advance`, a positive whole number */
  constructor(mujoco: Mujoco, model: AnyModel, frameSkip: number) {
    this.#mujoco = mujoco
    this.#frameSkip = frameSkip
    this.#model = compileModel(mujoco, model)
    this.#data = new mujoco.MjData(this.#model)
    this.#stateKind = mujoco.mjtState.mjSTATE_INTEGRATION.value
    this.#stateBuffer = new mujoco.DoubleBuffer(mujoco.mj_stateSize(this.#model, this.#stateKind))
    const { opt } = this.#model
    this.dt = opt.timestep * frameSkip
    opt.delete()
    this.controlRange = this.#model.actuator_ctrlrange.slice()
    this.bodyMass = this.#model.body_mass.slice()
    this.initialPositions = this.#model.qpos0.slice()
    this.refresh()
  }

  /** Makes the arrays valid again if the heap has grown, as it may whenever another simulation is made. */
  refresh(): void {
    if (this.qpos.length > 0) return
    const data = this.#data
    this.qpos = data.qpos
    this.qvel = data.qvel
    this.qacc = data.qacc
    this.ctrl = data.ctrl
    this.xpos = data.xpos
    this.xipos = data.xipos
    this.site_xpos = data.site_xpos
    this.cinert = data.cinert
    this.cvel = data.cvel
    this.cfrc_ext = data.cfrc_ext
    this.xfrc_applied = data.xfrc_applied
    this.qfrc_actuator = data.qfrc_actuator
    this.qfrc_constraint = data.qfrc_constraint
  }

  /**
   * Index of a body: the rows of `xpos` and its like are in this order. Slow, so look it up once.
   * @throws TypeError if the model has no such body
   */
  body(name: string): number {
    const index = this.#mujoco.mj_name2id(this.#model, this.#mujoco.mjtObj.mjOBJ_BODY.value, name)
    if (index < 0) throw new TypeError(`the model has no body '${name}'`)
    return index
  }

  /** Whether the model has a body of this name. */
  hasBody(name: string): boolean {
    return this.#mujoco.mj_name2id(this.#model, this.#mujoco.mjtObj.mjOBJ_BODY.value, name) >= 0
  }

  /** Puts everything back to the model at rest. */
  reset(): void {
    this.#mujoco.mj_resetData(this.#model, this.#data)
    this.refresh()
  }

  /** Computes what follows from positions, velocities and controls, after they were written to. */
  forward(): void {
    this.#mujoco.mj_forward(this.#model, this.#data)
    this.refresh()
  }

  /**
   * Applies controls for `dt`; MuJoCo clamps them to their range.
   * @throws Error if the simulation becomes unstable
   */
  advance(control: ArrayLike<number>): void {
    this.ctrl.set(control)
    for (let i = 0; i < this.#frameSkip; i++) this.#mujoco.mj_step(this.#model, this.#data)
    // Without this, `cfrc_ext` would stay as it is.
    this.#mujoco.mj_rnePostConstraint(this.#model, this.#data)
    this.refresh()
    if (this.#pushed) this.xfrc_applied.fill(0)
    this.#pushed = false
    if (!(isStable(this.qpos) && isStable(this.qvel) && isStable(this.qacc))) {
      throw new Error(
        'the simulation has become unstable: a position, velocity or acceleration is not a number or beyond ' +
          `${LARGEST}. Reset the environment; if it happens often, use a smaller frameSkip or weaker actions`,
      )
    }
  }

  /** Names of the moving bodies by their index; those without a name are left out. */
  bodyNames(): Map<number, string> {
    const { mjOBJ_BODY } = this.#mujoco.mjtObj
    const names = new Map<number, string>()
    for (let i = 1; i < this.#model.nbody; i++) {
      const known = this.#mujoco.mj_id2name(this.#model, mjOBJ_BODY.value, i)
      // Of a body without a name, which only models of the user's own have, it is garbage.
      if (this.#mujoco.mj_name2id(this.#model, mjOBJ_BODY.value, known) === i) names.set(i, known)
    }
    return names
  }

  /** Adds a force on a body, in N, until the end of the next `advance`. */
  push(body: number, force: ArrayLike<number>): void {
    for (let axis = 0; axis < 3; axis++) this.xfrc_applied[6 * body + axis] += force[axis]
    this.#pushed = true
  }

  /** Everything that the next steps and what is read from them depend on. */
  save(): number[] {
    this.#mujoco.mj_getState(this.#model, this.#data, this.#stateBuffer, this.#stateKind)
    // Rewards are of how far bodies moved since the last step, as they lag behind `qpos`.
    return [...this.#stateBuffer.GetView(), ...this.xpos, ...this.xipos]
  }

  /** Continues from what `save` returned. */
  restore(state: ArrayLike<number>): void {
    const values = Float64Array.from(state)
    const physics = values.length - this.xpos.length - this.xipos.length
    this.#mujoco.mj_setState(this.#model, this.#data, values.subarray(0, physics), this.#stateKind)
    // Forces by hand are part of it.
    this.#pushed = true
    this.xpos.set(values.subarray(physics, physics + this.xpos.length))
    this.xipos.set(values.subarray(physics + this.xpos.length))
  }

  /** Where bodies and geoms are at the present `qpos`: for pictures, because the arrays lag behind. Changes nothing. */
  posture(): Posture {
    // Made when it is first asked for: most simulations are never looked at. The heap may grow then.
    this.#figure ??= createFigure(this.#mujoco, this.#model)
    this.refresh()
    return this.#figure.posture(this.qpos)
  }

  /** Frees its memory; it is of no use afterwards. */
  dispose(): void {
    this.#figure?.dispose()
    this.#stateBuffer.delete()
    this.#data.delete()
    this.#model.delete()
  }
}

function isStable(values: Float64Array): boolean {
  // Written so that NaN fails.
  for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]) <= LARGEST)) return false
  return true
}
