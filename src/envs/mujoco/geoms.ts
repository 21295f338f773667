import { type Color, type Geom3d, geomSizes, type Point3 } from '../../env/scene.ts'
import type { Model, Mujoco } from './bindings.ts'

/** Colours of the ground: pale, so that robots stand out. */
const GROUND: [Color, Color] = ['#dfe3e0', '#c5ccc8']

/** Where things are at given positions of a model. */
export interface Posture {
  geoms: Geom3d[]
  /** Position of a body's frame in the world. To be asked before the next posture. */
  body(index: number): Point3
  /** Position of its centre of mass, where it is pushed. */
  centre(index: number): Point3
}

/** A model to look at. */
export interface Figure {
  /** Takes up the positions `qpos`. */
  posture(qpos: Float64Array): Posture
  /** Frees its memory. */
  dispose(): void
}

/**
 * Makes a figure of a model. It has a simulation of its own, in which nothing but the places of things is ever computed:
 * doing so in the running one would change its next steps.
 */
export function createFigure(mujoco: Mujoco, model: Model): Figure {
  const data = new mujoco.MjData(model)
  const geoms = geomsOf(mujoco, model)
  return {
    posture(qpos) {
      data.qpos.set(qpos)
      mujoco.mj_kinematics(model, data)
      const { geom_xpos, geom_xmat, xpos, xipos } = data
      return {
        geoms: geoms.flatMap((geom, i) => {
          if (geom === undefined) return []
          const rotation = Array.from(geom_xmat.subarray(9 * i, 9 * i + 9))
          return [{ ...geom, position: pointAt(geom_xpos, i), rotation }]
        }),
        body: index => pointAt(xpos, index),
        centre: index => pointAt(xipos, index),
      }
    },
    dispose: () => data.delete(),
  }
}

const pointAt = (array: Float64Array, i: number): Point3 => [array[3 * i], array[3 * i + 1], array[3 * i + 2]]

function geomsOf(mujoco: Mujoco, model: Model): (Omit<Geom3d, 'position' | 'rotation'> | undefined)[] {
  const { mjOBJ_GEOM } = mujoco.mjtObj
  const { mjGEOM_PLANE, mjGEOM_SPHERE, mjGEOM_CAPSULE, mjGEOM_CYLINDER, mjGEOM_BOX } = mujoco.mjtGeom
  const types = new Map<number, Geom3d['type']>([
    [mjGEOM_PLANE.value, 'plane'],
    [mjGEOM_SPHERE.value, 'sphere'],
    [mjGEOM_CAPSULE.value, 'capsule'],
    [mjGEOM_CYLINDER.value, 'cylinder'],
    [mjGEOM_BOX.value, 'box'],
  ])
  return Array.from(model.geom_type, (number, i) => {
    const type = types.get(number)
    // Meshes and ellipsoids of a model of the user's own, which scenes do not have.
    if (type === undefined) return undefined
    const size = Array.from(model.geom_size.subarray(3 * i, 3 * i + geomSizes[type]))
    const color = hex(model.geom_rgba.subarray(4 * i, 4 * i + 3))
    const known = mujoco.mj_id2name(model, mjOBJ_GEOM.value, i)
    // Of a geom without a name, which only models of the user's own have, it is garbage.
    const name = mujoco.mj_name2id(model, mjOBJ_GEOM.value, known) === i ? known : `geom ${i}`
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
