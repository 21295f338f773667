import { type Color, type Geom3d, geomSizes, type Point3 } from '../env/scene.ts'
import { dot, subtract, type Viewpoint } from './camera.ts'
import { type Surface, surfaces } from './surfaces.ts'
import type { Pixels } from './tiles.ts'

/** A geom made ready for many rays: what depends on it, the camera and the light alone. */
export interface Solid {
  /** Its place in the scene's list. */
  index: number
  surface: Surface
  size: readonly number[]
  position: Point3
  /** Row-major, from its own frame to the world. */
  rotation: readonly number[]
  /** The camera's place and axes in its own frame. */
  eye: Point3
  forward: Point3
  right: Point3
  up: Point3
  /** The direction to the light in its own frame. */
  light: Point3
  /** Radius of a ball about its middle that contains it; Infinity for a plane. */
  radius: number
  /** Whether it is a plane without end, which fades into the distance. */
  endless: boolean
  /** Where it may be seen. */
  seen: Pixels
  /** Red, green, blue in [0, 255]. */
  color: Point3
  checker?: { color: Point3; tile: number }
}

/** What solids are made ready for. */
export interface Setting {
  view: Viewpoint
  /** The direction to the light, of unit length. */
  light: Point3
  width: number
  height: number
}

/** @throws RangeError for a geom that cannot be drawn: says which and why */
export function prepareSolid(geom: Geom3d, index: number, setting: Setting): Solid {
  requireDrawable(geom)
  const { type, size, position, rotation, color, checker } = geom
  const { view, light } = setting
  const inside = (direction: Point3) => turnBack(rotation, direction)
  return {
    index,
    surface: surfaces[type],
    size,
    position,
    rotation,
    eye: inside(subtract(view.position, position)),
    forward: inside(view.forward),
    right: inside(view.right),
    up: inside(view.up),
    light: inside(light),
    radius: radiusOf(geom),
    endless: type === 'plane' && !(size[0] > 0),
    seen: pixelsOf(ballsOf(geom), setting),
    color: rgb(color),
    checker: checker && { color: rgb(checker.color), tile: checker.tile },
  }
}

function requireDrawable({ name = 'a geom', type, size, position, rotation, color }: Geom3d): void {
  if (!Object.hasOwn(geomSizes, type)) {
    throw new RangeError(`the type of ${name} is '${type}'; known are ${Object.keys(geomSizes).join(', ')}`)
  }
  const areFinite = (numbers: readonly number[], length: number) =>
    numbers.length === length && numbers.every(Number.isFinite)
  if (!areFinite(size, geomSizes[type])) {
    throw new RangeError(`the size of ${name} is [${size}]; a ${type} has ${geomSizes[type]} finite numbers`)
  }
  if (!(areFinite(position, 3) && areFinite(rotation, 9))) {
    throw new RangeError(
      `${name} has position [${position}] and rotation [${rotation}]; they must be 3 and 9 finite numbers`,
    )
  }
  if (!/^#[\da-f]{6}$/i.test(color)) throw new RangeError(`the color of ${name} is '${color}', not #rrggbb`)
}

/** A direction of the world in the frame that `rotation` turns: the transposed matrix times it. */
const turnBack = (rotation: readonly number[], [x, y, z]: Point3): Point3 => [
  rotation[0] * x + rotation[3] * y + rotation[6] * z,
  rotation[1] * x + rotation[4] * y + rotation[7] * z,
  rotation[2] * x + rotation[5] * y + rotation[8] * z,
]

interface Ball {
  center: Point3
  radius: number
}

function radiusOf({ type, size: [a, b = 0, c = 0] }: Geom3d): number {
  if (type === 'plane') return Infinity
  if (type === 'sphere') return a
  if (type === 'capsule') return a + b
  return Math.hypot(a, b, c)
}

/** Balls that, with what is between them, hold a geom. */
function ballsOf(geom: Geom3d): Ball[] {
  const { type, size, position, rotation } = geom
  if (type !== 'capsule' && type !== 'cylinder') return [{ center: position, radius: radiusOf(geom) }]
  const [radius, half] = size
  return [-half, half].map(z => ({ center: add(position, z, turnedZ(rotation)), radius }))
}

/** The pixels that the shadow of a geom on a plane may cover. */
export function shadowOn(plane: Geom3d, geom: Geom3d, setting: Setting): Pixels {
  const normal = turnedZ(plane.rotation)
  const slope = dot(normal, setting.light)
  const shadows = ballsOf(geom).map(({ center, radius }) => {
    const height = dot(normal, subtract(center, plane.position))
    // The light makes an ellipse of a ball; this is a ball around it.
    return { center: add(center, -height / slope, setting.light), radius: radius / Math.abs(slope) }
  })
  return pixelsOf(shadows, setting)
}

/** The z axis of a geom's frame in the world. */
const turnedZ = (rotation: readonly number[]): Point3 => [rotation[2], rotation[5], rotation[8]]

const add = (a: Point3, factor: number, b: Point3): Point3 => [
  a[0] + factor * b[0],
  a[1] + factor * b[1],
  a[2] + factor * b[2],
]

/** The pixels that balls and what is between them may cover. */
function pixelsOf(balls: readonly Ball[], { view, width, height }: Setting): Pixels {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
  for (const { center, radius } of balls) {
    const from = subtract(center, view.position)
    const depth = dot(from, view.forward)
    // A ball around the camera has no outline, nor has what reaches behind it, such as a plane.
    if (!(depth > radius)) return { left: 0, right: width - 1, top: 0, bottom: height - 1 }
    const [x, y] = [dot(from, view.right), dot(from, view.up)]
    // No point of the ball appears farther out than this.
    left = Math.min(left, (x - radius) / (depth + (x < radius ? -radius : radius)))
    right = Math.max(right, (x + radius) / (depth + (x > -radius ? -radius : radius)))
    low = Math.min(low, (y - radius) / (depth + (y < radius ? -radius : radius)))
    high = Math.max(high, (y + radius) / (depth + (y > -radius ? -radius : radius)))
  }
  const scale = height / (2 * view.reach)
  return {
    left: Math.floor(width / 2 + scale * left),
    right: Math.ceil(width / 2 + scale * right),
    top: Math.floor(height / 2 - scale * high),
    bottom: Math.ceil(height / 2 - scale * low),
  }
}

/** Red, green and blue of `#rrggbb` in [0, 255]. */
export function rgb(color: Color): Point3 {
  const number = Number.parseInt(color.slice(1), 16)
  return [number >> 16, (number >> 8) & 255, number & 255]
}
