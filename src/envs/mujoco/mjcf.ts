/** Models as typed data, and their MJCF, the XML that MuJoCo compiles. Attributes have the names they have there. */

import type { Color } from '../../env/scene.ts'

export type Vector3 = readonly [x: number, y: number, z: number]
export type Vector4 = readonly [number, number, number, number]
/** Smallest and largest value. */
export type Range = readonly [low: number, high: number]

/** What geoms are made of, how they look and how they touch. */
export interface Surface {
  contype?: number
  conaffinity?: number
  condim?: 1 | 3
  /** Sliding, torsional, rolling. */
  friction?: Vector3
  /** kg/m^3 */
  density?: number
  /**
   * Distance in m at which contact begins, as published: of two geoms the larger one counts. MuJoCo has added the
   * two up since 3.5, so half of it goes into the XML.
   */
  margin?: number
  solref?: readonly [number, number]
  solimp?: Vector3
  color?: Color
}

/** A shape of a body; lengths in m. */
export interface Geom extends Surface {
  /** By default the name of its body and a number. */
  name?: string
  type: 'capsule' | 'sphere' | 'cylinder' | 'plane'
  /** Radius and, of capsules and cylinders not given by `fromto`, half length; of planes half lengths (0: no end) and grid. */
  size: readonly number[]
  pos?: Vector3
  quat?: Vector4
  /** Axis and angle. */
  axisangle?: Vector4
  /** The two ends of a capsule's axis. */
  fromto?: readonly number[]
}

/** How joints resist. */
export interface Compliance {
  armature?: number
  damping?: number
  stiffness?: number
  /** Distance from a limit at which it begins to act. */
  margin?: number
  solreflimit?: readonly [number, number]
  solimplimit?: Vector3
}

/** A degree of freedom; limited if it has a range. */
export interface Joint extends Compliance {
  name: string
  type: 'hinge' | 'slide' | 'free'
  axis?: Vector3
  pos?: Vector3
  range?: Range
  /** The position at the start. */
  ref?: number
}

/** A rigid body and those attached to it. */
export interface Body {
  name: string
  pos?: Vector3
  quat?: Vector4
  joints?: readonly Joint[]
  geoms: readonly Geom[]
  /** Points of interest by name. */
  sites?: Readonly<Record<string, Vector3>>
  bodies?: readonly Body[]
}

/** A model. */
export interface ModelDefinition {
  name: string
  /** Unit of angles. */
  angle: 'radian' | 'degree'
  /** All masses are scaled to add up to this, in kg. */
  totalMass?: number
  option: {
    integrator: 'Euler' | 'RK4'
    /** s */
    timestep: number
    gravity?: Vector3
    solver?: 'Newton' | 'PGS'
    iterations?: number
    density?: number
    viscosity?: number
  }
  defaults: { joint?: Compliance; geom?: Surface }
  /** Geoms that do not move: ground, walls. */
  world?: readonly (Geom & { name: string })[]
  bodies: readonly Body[]
  /** Gear of the motor at each joint, in the order of the actions. */
  motors: Readonly<Record<string, number>>
  /** Controls are clamped to this range. */
  ctrlrange: Range
}

/** A capsule between two points. */
export const segment = (radius: number, from: Vector3, to: Vector3, surface: Surface = {}): Geom => ({
  type: 'capsule',
  size: [radius],
  fromto: [...from, ...to],
  ...surface,
})

/** A sphere about a point of its body. */
export const sphere = (radius: number, pos: Vector3 = [0, 0, 0], surface: Surface = {}): Geom => ({
  type: 'sphere',
  size: [radius],
  pos,
  ...surface,
})

/** A level ground without end, in tiles of `tile` m to look at. */
export const floor = (
  surface: Surface = {},
  pos: Vector3 = [0, 0, 0],
  tile = 1,
): Geom & { name: string } => ({
  name: 'floor',
  type: 'plane',
  size: [0, 0, tile],
  pos,
  ...surface,
})

const FREE: Compliance = { armature: 0, damping: 0, stiffness: 0 }

/** Joints of a body that moves freely in the plane of x and z, at height `z` at the start. */
export const planarRoot = (z = 0): Joint[] => [
  { name: 'root_x', type: 'slide', axis: [1, 0, 0], ...FREE },
  { name: 'root_z', type: 'slide', axis: [0, 0, 1], ref: z, ...FREE },
  { name: 'root_angle', type: 'hinge', axis: [0, 1, 0], ...FREE },
]

/** The joint of a body that moves freely in space. */
export const freeRoot = (): Joint[] => [{ name: 'root', type: 'free', ...FREE }]

/** The MJCF of a model. */
export function toMjcf({
  name,
  angle,
  totalMass,
  option,
  defaults,
  world = [],
  bodies,
  motors,
  ctrlrange,
}: ModelDefinition): string {
  return element('mujoco', { model: name }, [
    element('compiler', { angle, settotalmass: totalMass }),
    // By default each simulation reserves megabytes for contacts; these need less than 64 KB.
    element('size', { memory: '256K' }),
    // An unstable state would be replaced by the initial one without a word: leave it to be seen. Solving for islands
    // of bodies that touch each other, the default since MuJoCo 3.3.6, is 3 to 9 % slower with a single body.
    element('option', { ...option }, [element('flag', { autoreset: 'disable', island: 'disable' })]),
    element('default', {}, [
      element('joint', { ...defaults.joint }),
      element('geom', geomAttributes(defaults.geom ?? {})),
    ]),
    element('worldbody', {}, [
      ...world.map(geom => element('geom', geomAttributes(geom))),
      ...bodies.map(bodyElement),
    ]),
    element(
      'actuator',
      {},
      Object.entries(motors).map(([joint, gear]) =>
        element('motor', { name: joint, joint, gear, ctrlrange }),
      ),
    ),
  ])
}

function bodyElement({ name, pos, quat, joints = [], geoms, sites = {}, bodies = [] }: Body): string {
  return element('body', { name, pos, quat }, [
    ...joints.map(joint => element('joint', { ...joint })),
    // Named, because the bindings return garbage when asked for the name of something without one.
    ...geoms.map((geom, i) => element('geom', { name: `${name}_${i + 1}`, ...geomAttributes(geom) })),
    ...Object.entries(sites).map(([site, at]) => element('site', { name: site, pos: at })),
    ...bodies.map(bodyElement),
  ])
}

/** The margin is halved, see `Surface`. */
const geomAttributes = ({ color, margin, ...geom }: Surface) => ({
  ...geom,
  margin: margin === undefined ? undefined : margin / 2,
  rgba: color && [...[1, 3, 5].map(i => Number.parseInt(color.slice(i, i + 2), 16) / 255), 1],
})

type Attribute = string | number | readonly number[] | undefined

/** An XML element; attributes that are undefined are left out. Names and values here need no escaping. */
function element(
  tag: string,
  attributes: { [name: string]: Attribute },
  children: readonly string[] = [],
): string {
  const text = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${Array.isArray(value) ? value.join(' ') : value}"`)
    .join('')
  return children.length === 0 ? `<${tag}${text}/>` : `<${tag}${text}>\n${children.join('\n')}\n</${tag}>`
}
