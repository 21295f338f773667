import { createRayCaster, type RayCaster, type Scene3d } from '../../../src/index.ts'

/** Rays for each picture: what a laptop casts in a few milliseconds. */
const RAYS = 60_000

interface Size {
  width: number
  height: number
}

/** Pictures of scenes in space by casting rays, coarser than the screen: where there is no WebGL, or not yet. */
export function createSolidPainter(): (scene: Scene3d, size: Size) => CanvasImageSource {
  let caster: RayCaster | undefined
  let canvas: OffscreenCanvas | undefined
  let pixels: ImageData | undefined
  return (scene, { width, height }) => {
    const coarse = Math.min(1, Math.sqrt(RAYS / (width * height)))
    const size = {
      width: Math.max(1, Math.round(width * coarse)),
      height: Math.max(1, Math.round(height * coarse)),
    }
    if (!caster || canvas?.width !== size.width || canvas.height !== size.height) {
      caster = createRayCaster(size)
      canvas = new OffscreenCanvas(size.width, size.height)
      pixels = new ImageData(size.width, size.height)
    }
    caster.draw(scene, pixels!.data)
    canvas.getContext('2d')!.putImageData(pixels!, 0, 0)
    return canvas
  }
}
