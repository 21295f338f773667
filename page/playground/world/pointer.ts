import type { Scene } from '../../../src/index.ts'
import { viewpointOf } from '../../../src/render/camera.ts'
import type { Pointer } from '../training/hands.ts'

/** Where a place in the picture, in pixels from its left top, is in a scene: as it was drawn there. */
export function pointerAt(
  scene: Scene,
  { width, height }: { width: number; height: number },
  x: number,
  y: number,
): Pointer {
  if (scene.dimensions === 2) {
    const { left, right, bottom, top } = scene.view
    const scale = Math.min(width / (right - left), height / (top - bottom))
    return {
      point: [(left + right) / 2 + (x - width / 2) / scale, (bottom + top) / 2 - (y - height / 2) / scale],
    }
  }
  const { position, forward, right, up, reach } = viewpointOf(scene.camera)
  const across = ((2 * x - width) / height) * reach
  const above = ((height - 2 * y) / height) * reach
  const direction = forward.map((f, axis) => f + across * right[axis] + above * up[axis])
  const length = Math.hypot(...direction)
  return {
    from: [...position],
    direction: direction.map(d => d / length) as [number, number, number],
  }
}
