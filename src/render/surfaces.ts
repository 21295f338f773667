/** Where rays meet solids, and normals there, each in the frame of its solid. Lengths in m. */
import type { Geom3d } from '../env/scene.ts'

/**
 * The three coordinates of where a ray begins, then those of its direction. An array, here and elsewhere, because
 * engines allocate memory for numbers that functions pass to each other.
 */
export type Ray = Float64Array

/** A surface. `size` is that of `Geom3d`. */
export interface Surface {
  /**
   * How far a ray is from its solid: the smallest t > 0 at which origin + t direction enters it. Infinity if it never
   * does, and if it begins inside.
   */
  hit(ray: Ray, size: readonly number[]): number
  /** Writes the outward unit normal at a point of the surface to `out`; may be the same array. */
  normal(out: Float64Array, point: Float64Array, size: readonly number[]): void
}

const ahead = (t: number) => (t > 0 ? t : Infinity)

export const surfaces: Record<Geom3d['type'], Surface> = {
  plane: {
    hit(ray, size) {
      const t = -ray[2] / ray[5]
      if (!(t > 0 && t < Infinity)) return Infinity
      if (size[0] > 0 && Math.abs(ray[0] + t * ray[3]) > size[0]) return Infinity
      return size[1] > 0 && Math.abs(ray[1] + t * ray[4]) > size[1] ? Infinity : t
    },
    normal(out) {
      out[0] = 0
      out[1] = 0
      out[2] = 1
    },
  },

  sphere: {
    hit: (ray, size) => hitSphere(ray, 0, size[0]),
    normal(out, point, size) {
      for (let i = 0; i < 3; i++) out[i] = point[i] / size[0]
    },
  },

  capsule: {
    hit(ray, size) {
      const [radius, half] = size
      const a = ray[3] * ray[3] + ray[4] * ray[4]
      const b = ray[0] * ray[3] + ray[1] * ray[4]
      const c = ray[0] * ray[0] + ray[1] * ray[1] - radius * radius
      const discriminant = b * b - a * c
      if (discriminant < 0 || (a === 0 && c > 0)) return Infinity
      // Along its axis, a ray comes from beyond one of the ends.
      if (a === 0) return hitSphere(ray, -Math.sign(ray[5]) * half, radius)
      // Where the ray enters the cylinder without ends.
      const t = (-b - Math.sqrt(discriminant)) / a
      const z = ray[2] + t * ray[5]
      if (Math.abs(z) <= half) return ahead(t)
      // What enters beyond an end can only meet the cap there.
      return hitSphere(ray, Math.sign(z) * half, radius)
    },
    normal(out, point, size) {
      const [radius, half] = size
      out[0] = point[0] / radius
      out[1] = point[1] / radius
      out[2] = (point[2] - Math.max(-half, Math.min(half, point[2]))) / radius
    },
  },

  cylinder: {
    hit(ray, size) {
      const [radius, half] = size
      const a = ray[3] * ray[3] + ray[4] * ray[4]
      const b = ray[0] * ray[3] + ray[1] * ray[4]
      const c = ray[0] * ray[0] + ray[1] * ray[1] - radius * radius
      const discriminant = b * b - a * c
      if (discriminant < 0 || (a === 0 && c > 0)) return Infinity
      // Within the cylinder without ends; along its axis, always.
      const middle = a === 0 ? 0 : -b / a
      const reach = a === 0 ? Infinity : Math.sqrt(discriminant) / a
      const [from, to] = within(ray, 2, half)
      return enter(Math.max(from, middle - reach), Math.min(to, middle + reach))
    },
    normal(out, point, size) {
      const [radius, half] = size
      const atEnd = half - Math.abs(point[2]) < radius - Math.hypot(point[0], point[1])
      out[2] = atEnd ? Math.sign(point[2]) : 0
      for (const i of [0, 1]) out[i] = atEnd ? 0 : point[i] / radius
    },
  },

  box: {
    hit(ray, size) {
      let [from, to] = within(ray, 0, size[0])
      for (let axis = 1; axis < 3; axis++) {
        const [start, end] = within(ray, axis, size[axis])
        from = Math.max(from, start)
        to = Math.min(to, end)
      }
      return enter(from, to)
    },
    normal(out, point, size) {
      const shares = [0, 1, 2].map(i => point[i] / size[i])
      const sizes = shares.map(Math.abs)
      const side = sizes.indexOf(Math.max(...sizes))
      for (let i = 0; i < 3; i++) out[i] = i === side ? Math.sign(shares[i]) : 0
    },
  },
}

/** A ray against a sphere whose middle is at height `z` on the z axis. */
function hitSphere(ray: Ray, z: number, radius: number): number {
  // The roots of |o + t d|^2 = radius^2.
  const height = ray[2] - z
  const a = ray[3] * ray[3] + ray[4] * ray[4] + ray[5] * ray[5]
  const b = ray[0] * ray[3] + ray[1] * ray[4] + height * ray[5]
  const c = ray[0] * ray[0] + ray[1] * ray[1] + height * height - radius * radius
  const discriminant = b * b - a * c
  return discriminant < 0 ? Infinity : ahead((-b - Math.sqrt(discriminant)) / a)
}

/** Between which t a coordinate of a ray is within [-half, half]. */
function within(ray: Ray, axis: number, half: number): [from: number, to: number] {
  const direction = ray[3 + axis]
  if (direction === 0) return Math.abs(ray[axis]) <= half ? [-Infinity, Infinity] : [Infinity, -Infinity]
  const middle = -ray[axis] / direction
  const reach = Math.abs(half / direction)
  return [middle - reach, middle + reach]
}

/** Where a ray enters what it is in from one t to another. */
const enter = (from: number, to: number) => (from <= to ? ahead(from) : Infinity)
