import type { Point3, Scene3d } from '../env/scene.ts'
import { unit, type Viewpoint, viewpointOf } from './camera.ts'
import { otherTile } from './checker.ts'
import { prepareSolid, rgb, type Solid, shadowOn } from './solid.ts'
import { tilesOf } from './tiles.ts'

/** The number of a pixel that shows no solid. */
const SKY = -1

/** Ground in the shadow, compared with that in the light. */
const SHADE = 0.72
/** Brightness of solids: of all of them, the extra of those that face up, and of those that face the light. */
const AMBIENT = 0.58
const FROM_ABOVE = 0.12
const FROM_LIGHT = 0.45
/** Highlights, in [0, 255], and how small they are. */
const SHINE = 45
const SHININESS = 40
/** The ground fades at this many times the distance at which the camera's target is. */
const SIGHT = 9

/** A scene for rays. */
export interface LitScene {
  /**
   * Casts a ray through a pixel, at an offset from its middle in pixels, and adds its colour to those before.
   * @returns a number for what it shows: neighbours with different ones are on two sides of an edge
   */
  cast(column: number, row: number, x: number, y: number): number
  /** Writes the mean colour of the last `count` rays to `pixels` from index `at` on. */
  write(pixels: Uint8ClampedArray, at: number, count: number): void
}

/**
 * Makes a scene ready for rays.
 * @throws RangeError for a geom or a camera that cannot be drawn
 */
export function lightUp(scene: Scene3d, width: number, height: number): LitScene {
  const view = viewpointOf(scene.camera)
  const light = lightFor(view)
  const setting = { view, light, width, height }
  const solids = scene.geoms.map((geom, i) => prepareSolid(geom, i, setting))
  const casters = solids.filter(({ radius }) => radius < Infinity)
  const seenAt = tilesOf(solids, solid => solid.seen, width, height)
  // Most of a picture is planes, and most of a plane is in no shadow.
  const shadingAt = scene.geoms.map(plane => {
    const area = (caster: Solid) => shadowOn(plane, scene.geoms[caster.index], setting)
    return plane.type === 'plane' ? tilesOf(casters, area, width, height) : () => casters
  })
  const horizon = rgb(scene.background.horizon)
  const sky = rgb(scene.background.sky)
  const pixel = (2 * view.reach) / height
  // Halfway between light and eye; the eye's direction is taken as that of the middle of the picture.
  const halfway = unit([light[0] - view.forward[0], light[1] - view.forward[1], light[2] - view.forward[2]])

  const sum = new Float64Array(3)
  /** The present ray: u and v to the right and upwards at distance 1, and how far it goes, along the camera's axis. */
  const present = new Float64Array(3)
  const direction = new Float64Array(3)
  const point = new Float64Array(3)
  const local = new Float64Array(3)
  const ray = new Float64Array(6)

  function add(color: Point3, brightness: number): void {
    for (let i = 0; i < 3; i++) sum[i] += brightness * color[i]
  }

  /** Writes `point`, in the frame of a solid, to `out`. */
  function enterFrame(out: Float64Array, { position, rotation: r }: Solid): void {
    const x = point[0] - position[0]
    const y = point[1] - position[1]
    const z = point[2] - position[2]
    out[0] = r[0] * x + r[3] * y + r[6] * z
    out[1] = r[1] * x + r[4] * y + r[7] * z
    out[2] = r[2] * x + r[5] * y + r[8] * z
  }

  /** Whether something is between the light and `point`, on a solid and shown by a pixel. */
  function isInShadow(solid: Solid, column: number, row: number): boolean {
    for (const caster of shadingAt[solid.index](column, row)) {
      if (caster === solid || isBeside(caster)) continue
      enterFrame(ray, caster)
      for (let i = 0; i < 3; i++) ray[3 + i] = caster.light[i]
      if (caster.surface.hit(ray, caster.size) < Infinity) return true
    }
    return false
  }

  /** Whether the way from `point` to the light misses the ball around a solid. */
  function isBeside({ position, radius }: Solid): boolean {
    const x = position[0] - point[0]
    const y = position[1] - point[1]
    const z = position[2] - point[2]
    const along = x * light[0] + y * light[1] + z * light[2]
    return along < -radius || x * x + y * y + z * z - along * along > radius * radius
  }

  /** Makes `ray` the present one in the frame of a solid. */
  function aim({ eye, forward, right, up }: Solid): void {
    for (let i = 0; i < 3; i++) {
      ray[i] = eye[i]
      ray[3 + i] = forward[i] + present[0] * right[i] + present[1] * up[i]
    }
  }

  function addSky(): void {
    const slope = direction[2] / Math.sqrt(direction[0] ** 2 + direction[1] ** 2 + direction[2] ** 2)
    const share = Math.max(0, Math.min(1, 1.8 * slope))
    add(horizon, 1 - share)
    add(sky, share)
  }

  function addPlane(solid: Solid, inShadow: boolean): void {
    const distance = present[2] * Math.sqrt(1 + present[0] * present[0] + present[1] * present[1])
    const far = (distance / (SIGHT * view.distance)) ** 2
    const clearness = solid.endless ? 1 / (1 + far) ** 2 : 1
    const brightness = (inShadow ? SHADE : 1) * clearness
    add(horizon, 1 - clearness)
    if (!solid.checker) {
      add(solid.color, brightness)
      return
    }
    aim(solid)
    enterFrame(local, solid)
    const other = otherTile(local, ray, solid.checker.tile, distance * pixel)
    add(solid.color, brightness * (1 - other))
    add(solid.checker.color, brightness * other)
  }

  function addSolid(solid: Solid, inShadow: boolean): void {
    enterFrame(local, solid)
    solid.surface.normal(local, local, solid.size)
    const r = solid.rotation
    const x = r[0] * local[0] + r[1] * local[1] + r[2] * local[2]
    const y = r[3] * local[0] + r[4] * local[1] + r[5] * local[2]
    const z = r[6] * local[0] + r[7] * local[1] + r[8] * local[2]
    const lit = inShadow ? 0 : Math.max(0, x * light[0] + y * light[1] + z * light[2])
    add(solid.color, AMBIENT + FROM_ABOVE * z + FROM_LIGHT * lit)
    if (inShadow) return
    const shine = SHINE * Math.max(0, x * halfway[0] + y * halfway[1] + z * halfway[2]) ** SHININESS
    for (let i = 0; i < 3; i++) sum[i] += shine
  }

  return {
    cast(column, row, x, y) {
      present[0] = (column + 0.5 + x - width / 2) * pixel
      present[1] = (height / 2 - row - 0.5 - y) * pixel
      let nearest = Infinity
      let solid: Solid | undefined
      for (const candidate of seenAt(column, row)) {
        aim(candidate)
        const t = candidate.surface.hit(ray, candidate.size)
        if (t < nearest) {
          nearest = t
          solid = candidate
        }
      }
      for (let i = 0; i < 3; i++) {
        direction[i] = view.forward[i] + present[0] * view.right[i] + present[1] * view.up[i]
        point[i] = view.position[i] + nearest * direction[i]
      }
      if (!solid) {
        addSky()
        return SKY
      }
      const inShadow = isInShadow(solid, column, row)
      present[2] = nearest
      if (solid.radius === Infinity) addPlane(solid, inShadow)
      else addSolid(solid, inShadow)
      return 2 * solid.index + Number(inShadow)
    },

    write(pixels, at, count) {
      for (let i = 0; i < 3; i++) {
        pixels[at + i] = sum[i] / count
        sum[i] = 0
      }
      pixels[at + 3] = 255
    },
  }
}

/** The light shines over the viewer's left shoulder. */
function lightFor({ right, forward }: Viewpoint): Point3 {
  return unit([-0.45 * right[0] - 0.4 * forward[0], -0.45 * right[1] - 0.4 * forward[1], 1])
}
