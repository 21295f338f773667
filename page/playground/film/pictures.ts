import { drawScene, type Scene } from '../../../src/index.ts'
import { createSolidPainter } from '../world/solid-painter.ts'
import type { Frame } from './reel.ts'

/** Of every picture of a film, in pixels; encoders of video want even numbers. */
export const SIZE = { width: 640, height: 400 }

/** A canvas, and what draws a scene all over it. */
export function createPictures() {
  const canvas = new OffscreenCanvas(SIZE.width, SIZE.height)
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  const solid = createSolidPainter()
  return {
    canvas,
    draw(scene: Scene): void {
      if (scene.dimensions === 2) drawScene(context, scene, SIZE)
      else context.drawImage(solid(scene, SIZE), 0, 0, SIZE.width, SIZE.height)
    },
    pixels: () => context.getImageData(0, 0, SIZE.width, SIZE.height).data,
  }
}

/** When each picture begins and how long it is seen, in s: as fast as time goes in the environment. */
export function timesOf(frames: readonly Frame[]): { at: number; seconds: number }[] {
  return frames.map(({ scene, step }, i) => {
    const next = frames[i + 1]?.step ?? step + 1
    return {
      at: (step - frames[0].step) * scene.timeStep,
      seconds: Math.max(1, next - step) * scene.timeStep,
    }
  })
}
