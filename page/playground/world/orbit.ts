import type { Camera } from '../../../src/index.ts'

/** How a visitor has turned the camera about what it looks at. */
export interface Orbit {
  /** Angles in rad from where the environment puts it: around the vertical, and up. */
  around: number
  above: number
  /** Its distance as a multiple. */
  distance: number
}

export const UNTURNED: Orbit = { around: 0, above: 0, distance: 1 }

/** As far as it goes without looking straight down, or from below the ground. */
const STEEPEST = 1.5
const FLATTEST = 0.02

/** The camera, turned. */
export function orbited(camera: Camera, { around, above, distance }: Orbit): Camera {
  const { position, target } = camera
  const [x, y, z] = position.map((at, axis) => at - target[axis])
  const far = Math.hypot(x, y, z) * distance
  const azimuth = Math.atan2(y, x) + around
  const elevation = Math.asin(z / Math.hypot(x, y, z))
  const steep = Math.min(STEEPEST, Math.max(Math.min(FLATTEST, elevation), elevation + above))
  const level = far * Math.cos(steep)
  return {
    ...camera,
    position: [
      target[0] + level * Math.cos(azimuth),
      target[1] + level * Math.sin(azimuth),
      target[2] + far * Math.sin(steep),
    ],
  }
}

/** What a key does to it; undefined if nothing. Arrows turn it with Shift, because without they push. */
export function turnedBy(orbit: Orbit, { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>) {
  const { around, above, distance } = orbit
  if (key === '+' || key === '=') return { ...orbit, distance: Math.max(0.25, distance / 1.15) }
  if (key === '-') return { ...orbit, distance: Math.min(4, distance * 1.15) }
  if (key === 'Home') return UNTURNED
  if (!shiftKey) return undefined
  if (key === 'ArrowLeft') return { ...orbit, around: around - 0.12 }
  if (key === 'ArrowRight') return { ...orbit, around: around + 0.12 }
  if (key === 'ArrowUp') return { ...orbit, above: Math.min(1.5, above + 0.08) }
  if (key === 'ArrowDown') return { ...orbit, above: Math.max(-1.5, above - 0.08) }
  return undefined
}

/** After the pointer has moved by so many pixels. */
export const draggedBy = (orbit: Orbit, x: number, y: number): Orbit => ({
  ...orbit,
  around: orbit.around - 0.008 * x,
  above: Math.min(1.5, Math.max(-1.5, orbit.above + 0.008 * y)),
})
