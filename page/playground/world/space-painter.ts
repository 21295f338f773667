import type { Scene3d } from '../../../src/index.ts'
import { createSolidPainter } from './solid-painter.ts'

interface Size {
  width: number
  height: number
}

/** Draws scenes in space: by three.js as soon as that is loaded, by casting rays before, and where no graphics card does WebGL. */
export function createSpacePainter() {
  let paint = createSolidPainter()
  /** What draws; `rays` until it is known. */
  let by: 'rays' | 'WebGL' = 'rays'
  let asked = false

  async function load(): Promise<void> {
    try {
      const { createThreePainter } = await import('./three-painter.ts')
      paint = createThreePainter()
      by = 'WebGL'
    } catch {
      // Rays are cast on, which needs nothing.
    }
  }

  return {
    get by() {
      return by
    },
    paint(scene: Scene3d, size: Size): CanvasImageSource {
      if (!asked) load()
      asked = true
      return paint(scene, size)
    },
  }
}

export type SpacePainter = ReturnType<typeof createSpacePainter>
