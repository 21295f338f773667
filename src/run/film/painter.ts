import type { Scene, Scene2d } from '../../env/scene.ts'
import { drawScene } from '../../render/canvas.ts'
import type { PictureSize } from '../../render/picture-size.ts'
import { createRayCaster } from '../../render/ray-caster.ts'
import { UsageError } from '../usage-error.ts'

/** Draws a scene. The pixels (red, green, blue, 255, row by row from the top) are valid until the next is drawn. */
export type Painter = (scene: Scene) => Promise<Uint8ClampedArray>

/** An off-screen painter for scenes of two and of three dimensions; what each needs is loaded at its first scene. */
export function createPainter(size: PictureSize): Painter {
  let paint2d: ((scene: Scene2d) => Uint8ClampedArray) | undefined
  let caster: ReturnType<typeof createRayCaster> | undefined
  const pixels = new Uint8ClampedArray(4 * size.width * size.height)
  return async scene => {
    if (scene.dimensions === 2) {
      paint2d ??= await canvasPainter(size)
      return paint2d(scene)
    }
    caster ??= createRayCaster(size)
    caster.draw(scene, pixels)
    return pixels
  }
}

async function canvasPainter(size: PictureSize) {
  const { createCanvas } = await loadCanvas()
  const canvas = createCanvas(size.width, size.height)
  const context = canvas.getContext('2d')
  return (scene: Scene2d) => {
    drawScene(context, scene, size)
    return context.getImageData(0, 0, size.width, size.height).data
  }
}

async function loadCanvas() {
  try {
    return await import('@napi-rs/canvas')
  } catch (cause) {
    throw new UsageError(
      'Pictures in two dimensions need the package @napi-rs/canvas, which could not be loaded: npm install @napi-rs/canvas',
      { cause },
    )
  }
}
