import type { Scene3d } from '../env/scene.ts'
import { lightUp } from './lit-scene.ts'
import type { PictureSize } from './picture-size.ts'

/** Draws scenes of three dimensions in pictures of one size. */
export interface RayCaster {
  /**
   * Draws a scene with light and shadow.
   * @param pixels receives red, green, blue and 255, row by row from the top: width x height x 4 numbers
   * @throws RangeError for a scene that cannot be drawn or pixels of another length
   */
  draw(scene: Scene3d, pixels: Uint8ClampedArray): void
}

/** Where rays pass pixels with an edge, from the middle: a square turned, so that no two share a row or a column. */
const SAMPLES = [
  [-0.125, -0.375],
  [0.375, -0.125],
  [0.125, 0.375],
  [-0.375, 0.125],
] as const

/**
 * Prepares to draw pictures of `width` x `height` pixels, with no library and no graphics card: a ray through each
 * pixel, in closed form against each geom, and four rays where edges show.
 *
 * @example
 * const { width, height } = canvas
 * const image = new ImageData(width, height)
 * createRayCaster({ width, height }).draw(env.scene(), image.data)
 * canvas.getContext('2d').putImageData(image, 0, 0)
 */
export function createRayCaster({ width, height }: PictureSize): RayCaster {
  /** What each pixel shows. */
  const shown = new Int32Array(width * height)

  return {
    draw(scene, pixels) {
      if (pixels.length !== 4 * width * height) {
        throw new RangeError(`there are ${pixels.length} numbers of pixels, not ${width} x ${height} x 4`)
      }
      const { cast, write } = lightUp(scene, width, height)
      for (let row = 0, i = 0; row < height; row++) {
        for (let column = 0; column < width; column++, i++) {
          shown[i] = cast(column, row, 0, 0)
          write(pixels, 4 * i, 1)
        }
      }
      for (let row = 1; row < height; row++) {
        for (let column = 1; column < width; column++) {
          const i = row * width + column
          if (shown[i] === shown[i - 1] && shown[i] === shown[i - width]) continue
          for (const [x, y] of SAMPLES) cast(column, row, x, y)
          write(pixels, 4 * i, SAMPLES.length)
        }
      }
    },
  }
}
