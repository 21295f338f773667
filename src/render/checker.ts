import type { Ray } from './surfaces.ts'

/**
 * How much of a pixel's patch of a chequered plane is of the other colour: squares are averaged over the patch, so that
 * they blur into the distance where they are smaller than a pixel.
 *
 * @param point where the ray meets the plane, in the plane's frame
 * @param ray in the plane's frame
 * @param tile length of the edge of a square in m
 * @param width of the pixel there in m, square to the ray
 */
export function otherTile(point: Float64Array, ray: Ray, tile: number, width: number): number {
  const level = Math.sqrt(ray[3] * ray[3] + ray[4] * ray[4])
  const cos = level > 0 ? Math.abs(ray[3]) / level : 1
  const sin = level > 0 ? Math.abs(ray[4]) / level : 0
  // The flatter the ray meets the plane, the longer the patch is along it.
  const along = (width * Math.sqrt(level * level + ray[5] * ray[5])) / Math.abs(ray[5])
  const patchX = (cos * along + sin * width) / tile
  const patchY = (sin * along + cos * width) / tile
  return 0.5 - 0.5 * meanSign(point[0] / tile, patchX) * meanSign(point[1] / tile, patchY)
}

/** Mean over [x - width / 2, x + width / 2] of the square wave that is 1 in [0, 1), -1 in [1, 2) and so on. */
const meanSign = (x: number, width: number) => (triangle(x + width / 2) - triangle(x - width / 2)) / width

/** The integral of that wave: 0 at 0, 1 at 1, 0 at 2. */
function triangle(x: number): number {
  const half = x / 2
  return 1 - 2 * Math.abs(half - Math.floor(half) - 0.5)
}
