import type { Camera, Point3 } from '../env/scene.ts'

/** A camera's place and its axes, of unit length, in the world. */
export interface Viewpoint {
  position: Point3
  forward: Point3
  /** In the picture to the right, level. */
  right: Point3
  /** In the picture upwards. */
  up: Point3
  /** Half the height of the picture at distance 1. */
  reach: number
  /** Distance of `target`, in m. */
  distance: number
}

/** @throws RangeError if the camera looks straight up or down, or from its target, or its field of view is no angle */
export function viewpointOf({ position, target, fieldOfView }: Camera): Viewpoint {
  const toTarget = subtract(target, position)
  const distance = Math.hypot(...toTarget)
  if (!(Math.hypot(toTarget[0], toTarget[1]) > 1e-6 * distance)) {
    throw new RangeError(
      `the camera at [${position}] looks at [${target}]: its target must not be where it is, nor straight above or below`,
    )
  }
  if (!(fieldOfView > 0 && fieldOfView < 180)) {
    throw new RangeError(`the camera's fieldOfView is ${fieldOfView}: it must be between 0 and 180 degrees`)
  }
  const forward = unit(toTarget)
  const right = unit([forward[1], -forward[0], 0])
  return {
    position,
    forward,
    right,
    up: cross(right, forward),
    reach: Math.tan((fieldOfView * Math.PI) / 360),
    distance,
  }
}

export const subtract = (a: Point3, b: Point3): Point3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]

export const dot = (a: Point3, b: Point3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

export function unit(a: Point3): Point3 {
  const length = Math.hypot(...a)
  return [a[0] / length, a[1] / length, a[2] / length]
}

const cross = (a: Point3, b: Point3): Point3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]
