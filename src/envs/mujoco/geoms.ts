import type { Color, Geom3d, Point3 } from '../../env/scene.ts'
import type { Data, Model, Mujoco } from './bindings.ts'

/** Of the ground: pale, so that robots stand out. */
const GROUND: [Color, Color] = ['#dfe3e0', '#c5ccc8']

/** What to draw, at given positions. */
export interface Posture {
  geoms: Geom3d[]
  /** Position of a body's frame in the world. */
  body(index: number): Point3
}

/**
 * A model to look at. It has a simulation of its own, in which nothing but the places of things is ever computed: doing
 * so in the one that goes on would change its next steps.
 */
export class Figure {
  readonly #mujoco: Mujoco
  readonly #model: Model
  readonly #data: Data
  readonly #geoms: Omit<Geom3d, 'position' | 'rotation'>[]

  constructor(mujoco: Mujoco, model: Model) {
    this.#mujoco = mujoco
    this.#model = model
    this.#data = new mujoco.MjData(model)
    this.#geoms = geomsOf(mujoco, model)
  }

  posture(qpos: Float64Array): Posture {
    // Making `#data` may have moved the heap, and with it the positions: they are asked for after it, as here.
    this.#data.qpos.set(qpos)
    this.#mujoco.mj_kinematics(this.#model, this.#data)
    const { geom_xpos, geom_xmat, xpos } = this.#data
    const point = (array: Float64Array, i: number): Point3 => [
      array[3 * i],
      array[3 * i + 1],
      array[3 * i + 2],
    ]
    return {
      geoms: this.#geoms.map((geom, i) => ({
        ...geom,
        position: point(geom_xpos, i),
        rotation: Array.from(geom_xmat.subarray(9 * i, 9 * i + 9)),
      })),
      body: index => point(xpos, index),
    }
  }

  dispose(): void {
    this.#data.delete()
  }
}

/** How many numbers of MuJoCo's size describe a geom. */
const SIZES: Record<Geom3d['type'], number> = { plane: 2, sphere: 1, capsule: 2, cylinder: 2, box: 3 }

function geomsOf(mujoco: Mujoco, model: Model): Omit<Geom3d, 'position' | 'rotation'>[] {
  const { mjOBJ_GEOM } = mujoco.mjtObj
  const { mjGEOM_PLANE, mjGEOM_SPHERE, mjGEOM_CAPSULE, mjGEOM_CYLINDER } = mujoco.mjtGeom
  const types = new Map<number, Geom3d['type']>([
    [mjGEOM_PLANE.value, 'plane'],
    [mjGEOM_SPHERE.value, 'sphere'],
    [mjGEOM_CAPSULE.value, 'capsule'],
    [mjGEOM_CYLINDER.value, 'cylinder'],
  ])
  return Array.from(model.geom_type, (number, i) => {
    const type = types.get(number)!
    const size = Array.from(model.geom_size.subarray(3 * i, 3 * i + SIZES[type]))
    const color = hex(model.geom_rgba.subarray(4 * i, 4 * i + 3))
    const name = mujoco.mj_id2name(model, mjOBJ_GEOM.value, i)
    if (type !== 'plane' || size[0] > 0) return { name, type, size, color }
    // Without an end, it is the ground; the third number of its size is the distance of grid lines.
    const [light, dark] = GROUND
    return { name, type, size, color: light, checker: { color: dark, tile: model.geom_size[3 * i + 2] } }
  })
}

const hex = (rgb: Float32Array): Color =>
  `#${Array.from(rgb, share =>
    Math.round(255 * share)
      .toString(16)
      .padStart(2, '0'),
  ).join('')}`
