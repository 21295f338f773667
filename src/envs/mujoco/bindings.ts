/** The part of the official bindings `@mujoco/mujoco` used here, typed; their own types leave every array `any`. */

/** A compiled model. Lives in the module's heap: nothing frees it but `delete`. */
export interface Model {
  readonly nbody: number
  readonly opt: { readonly timestep: number; disableflags: number; delete(): void }
  readonly qpos0: Float64Array
  readonly body_mass: Float64Array
  readonly actuator_ctrlrange: Float64Array
  /** One number of `mjtGeom` for each geom. */
  readonly geom_type: Int32Array
  /** `ngeom` x 3 */
  readonly geom_size: Float64Array
  /** `ngeom` x 4, in [0, 1] */
  readonly geom_rgba: Float32Array
  delete(): void
}

/** The arrays of a simulation that are read or written here: row-major views of the module's heap. */
export interface Arrays {
  /** Positions, `nq`. */
  readonly qpos: Float64Array
  /** Velocities, `nv`. */
  readonly qvel: Float64Array
  /** Accelerations, `nv`. */
  readonly qacc: Float64Array
  /** Controls, one for each actuator. */
  readonly ctrl: Float64Array
  /** Positions of the bodies' frames in the world, `nbody` x 3. */
  readonly xpos: Float64Array
  /** Positions of the bodies' centres of mass in the world, `nbody` x 3. */
  readonly xipos: Float64Array
  /** Positions of the sites in the world, `nsite` x 3. */
  readonly site_xpos: Float64Array
  /** Inertia and mass of the bodies about the centre of mass, `nbody` x 10. */
  readonly cinert: Float64Array
  /** Velocities of the bodies about the centre of mass (rotation, translation), `nbody` x 6. */
  readonly cvel: Float64Array
  /** External forces on the bodies about the centre of mass (torque, force), `nbody` x 6. */
  readonly cfrc_ext: Float64Array
  /** Forces and torques applied to the bodies by hand at their centres of mass (force, torque), `nbody` x 6. */
  readonly xfrc_applied: Float64Array
  /** Forces of the actuators, `nv`. */
  readonly qfrc_actuator: Float64Array
  /** Forces of the constraints, `nv`. */
  readonly qfrc_constraint: Float64Array
}

/** A simulation of a model. Lives in the module's heap: nothing frees it but `delete`. */
export interface Data extends Arrays {
  /** Positions of the geoms in the world, `ngeom` x 3. */
  readonly geom_xpos: Float64Array
  /** Rotations of the geoms in the world, `ngeom` x 3 x 3. */
  readonly geom_xmat: Float64Array
  delete(): void
}

/** An array of doubles in the module's heap, for functions that write to one. */
export interface DoubleBuffer {
  GetView(): Float64Array
  delete(): void
}

/** Files for a model to find. */
export interface FileSystem {
  addBuffer(path: string, bytes: Uint8Array): void
  delete(): void
}

interface Constant {
  readonly value: number
}

/** An instance of the WebAssembly module. */
export interface Mujoco {
  readonly MjModel: { from_xml_string(xml: string, files?: FileSystem): Model }
  readonly MjVFS: new () => FileSystem
  readonly mjtDisableBit: { readonly mjDSBL_AUTORESET: Constant }
  readonly MjData: new (model: Model) => Data
  readonly DoubleBuffer: new (size: number) => DoubleBuffer
  readonly mjtObj: { readonly mjOBJ_BODY: Constant; readonly mjOBJ_GEOM: Constant }
  readonly mjtGeom: Readonly<
    Record<'mjGEOM_PLANE' | 'mjGEOM_SPHERE' | 'mjGEOM_CAPSULE' | 'mjGEOM_CYLINDER' | 'mjGEOM_BOX', Constant>
  >
  readonly mjtState: { readonly mjSTATE_INTEGRATION: Constant }
  mj_resetData(model: Model, data: Data): void
  mj_forward(model: Model, data: Data): void
  /** Places of bodies and geoms from `qpos`, and nothing else. */
  mj_kinematics(model: Model, data: Data): void
  mj_step(model: Model, data: Data): void
  mj_rnePostConstraint(model: Model, data: Data): void
  mj_name2id(model: Model, type: number, name: string): number
  /** Garbage for what has no name. */
  mj_id2name(model: Model, type: number, id: number): string
  mj_stateSize(model: Model, signature: number): number
  /** Writes to a buffer in the heap only: given an array it writes nothing, without an error. */
  mj_getState(model: Model, data: Data, state: DoubleBuffer, signature: number): void
  /** Reads an array only, not a `DoubleBuffer`. */
  mj_setState(model: Model, data: Data, state: ArrayLike<number>, signature: number): void
}

/** What is needed of the package. */
interface MujocoPackage {
  default(options: { printErr: () => void }): Promise<unknown>
}

/** The name is no literal: a bundler would ship 11 MB with every page, also where nothing ever asks for MuJoCo. */
let importPackage = (name = '@mujoco/mujoco'): Promise<MujocoPackage> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ name)

/** Makes the package come from `load`, which a bundle can contain. `bundled.ts` calls it. */
export function provideMujoco(load: () => Promise<MujocoPackage>): void {
  importPackage = load
}

let loaded: Promise<Mujoco> | undefined

/**
 * The module, loaded and instantiated (a quarter of a second, 50 MB) on the first call.
 * @throws Error saying what to install if the package is missing (the promise rejects)
 */
export function loadMujoco(): Promise<Mujoco> {
  loaded ??= instantiate().catch(error => {
    loaded = undefined
    throw error
  })
  return loaded
}

async function instantiate(): Promise<Mujoco> {
  try {
    const { default: create } = await importPackage()
    // Its warnings are of unstable states, which `Simulation` reports as errors.
    return (await create({ printErr: () => {} })) as Mujoco
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `MuJoCo could not be loaded (${reason}). Its environments need the package @mujoco/mujoco ` +
        "(npm install @mujoco/mujoco@3.14), and in a web page also: import 'soft-actor-critic/mujoco'",
      { cause },
    )
  }
}
