/** Pictures of scenes in space by three.js. Loaded for such scenes alone. */
import {
  BoxGeometry,
  type BufferGeometry,
  CanvasTexture,
  CapsuleGeometry,
  CylinderGeometry,
  DirectionalLight,
  Fog,
  HemisphereLight,
  type Material,
  Mesh,
  MeshLambertMaterial,
  NearestFilter,
  PerspectiveCamera,
  PlaneGeometry,
  RepeatWrapping,
  Scene as Space,
  SphereGeometry,
  SRGBColorSpace,
  type Texture,
  WebGLRenderer,
} from 'three'
import type { Color, Geom3d, Scene3d } from '../../../src/index.ts'

interface Size {
  width: number
  height: number
}

/** Half the side of a ground without end, in m: beyond the fog. */
const ENDLESS = 200

/**
 * A picture of a scene, to be used before the next one.
 * @throws Error where there is no WebGL, or none but in software, which is several times slower than casting rays
 */
export function createThreePainter(): (scene: Scene3d, size: Size) => CanvasImageSource {
  const canvas = new OffscreenCanvas(1, 1)
  const renderer = new WebGLRenderer({ canvas: canvas as unknown as HTMLCanvasElement, antialias: true })
  if (isSoftware(renderer)) {
    renderer.dispose()
    throw new Error('WebGL is computed by the processor here.')
  }
  const space = new Space()
  const camera = new PerspectiveCamera(45, 1, 0.02, 2 * ENDLESS)
  camera.up.set(0, 0, 1)
  const sun = new DirectionalLight('#ffffff', 1.9)
  space.add(new HemisphereLight('#ffffff', '#b9bdb6', 1.9), sun, sun.target)
  let shown: Mesh[] = []
  let kind = ''
  let painted = ''

  /** Meshes for what a scene consists of, made anew only when that is something else. */
  function meshesOf({ geoms }: Scene3d): Mesh[] {
    const wanted = geoms
      .map(({ type, size, color, checker }) => `${type} ${size} ${color} ${checker?.color}`)
      .join()
    if (wanted === kind) return shown
    kind = wanted
    for (const mesh of shown) {
      space.remove(mesh)
      mesh.geometry.dispose()
      const material = mesh.material as MeshLambertMaterial
      material.map?.dispose()
      material.dispose()
    }
    shown = geoms.map(geom => new Mesh(geometryOf(geom), materialOf(geom)))
    for (const mesh of shown) {
      mesh.matrixAutoUpdate = false
      space.add(mesh)
    }
    return shown
  }

  return (scene, { width, height }) => {
    if (canvas.width !== width || canvas.height !== height) renderer.setSize(width, height, false)
    const { horizon, sky } = scene.background
    if (painted !== `${horizon} ${sky}`) {
      painted = `${horizon} ${sky}`
      space.background = gradient(sky, horizon)
      space.fog = new Fog(horizon, 12, 60)
    }
    for (const [i, mesh] of meshesOf(scene).entries()) place(mesh, scene.geoms[i], scene.camera.target)
    const { position, target, fieldOfView } = scene.camera
    camera.fov = fieldOfView
    camera.aspect = width / height
    camera.position.set(...(position as [number, number, number]))
    camera.lookAt(...(target as [number, number, number]))
    camera.updateProjectionMatrix()
    sun.position.set(target[0] - 3, target[1] - 4, target[2] + 8)
    sun.target.position.set(...(target as [number, number, number]))
    renderer.render(space, camera)
    return canvas
  }
}

function isSoftware(renderer: WebGLRenderer): boolean {
  const gl = renderer.getContext()
  const names = gl.getExtension('WEBGL_debug_renderer_info')
  const name = gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER)
  return /swiftshader|llvmpipe|software|basic render/i.test(String(name))
}

function place(
  mesh: Mesh,
  { type, size, position, rotation: r, checker }: Geom3d,
  target: readonly number[],
) {
  let [x, y, z] = position
  // Ground without end goes along with what is looked at, by whole tiles.
  if (type === 'plane' && size[0] === 0) {
    const tile = 2 * (checker?.tile ?? 1)
    x = Math.round(target[0] / tile) * tile
    y = Math.round(target[1] / tile) * tile
  }
  mesh.matrix.set(r[0], r[1], r[2], x, r[3], r[4], r[5], y, r[6], r[7], r[8], z, 0, 0, 0, 1)
}

/** In its own frame, whose z axis is the geom's; three.js stands them along y. */
function geometryOf({ type, size }: Geom3d): BufferGeometry {
  if (type === 'sphere') return new SphereGeometry(size[0], 32, 20)
  if (type === 'box') return new BoxGeometry(2 * size[0], 2 * size[1], 2 * size[2])
  if (type === 'plane') return new PlaneGeometry(2 * (size[0] || ENDLESS), 2 * (size[1] || ENDLESS))
  const [radius, half] = size
  const standing =
    type === 'capsule'
      ? new CapsuleGeometry(radius, 2 * half, 10, 24)
      : new CylinderGeometry(radius, radius, 2 * half, 28)
  return standing.rotateX(Math.PI / 2)
}

function materialOf({ type, size, color, checker }: Geom3d): Material {
  if (type !== 'plane' || !checker) return new MeshLambertMaterial({ color })
  const map = checkered(color, checker.color)
  const tiles = (size[0] || ENDLESS) / checker.tile
  map.repeat.set(tiles, tiles)
  return new MeshLambertMaterial({ map })
}

/** Two by two squares, which repeat. */
function checkered(first: Color, second: Color): Texture {
  const texture = textureOf(2, 2, context => {
    context.fillStyle = first
    context.fillRect(0, 0, 2, 2)
    context.fillStyle = second
    context.fillRect(0, 0, 1, 1)
    context.fillRect(1, 1, 1, 1)
  })
  texture.wrapS = RepeatWrapping
  texture.wrapT = RepeatWrapping
  texture.magFilter = NearestFilter
  return texture
}

const gradient = (top: Color, bottom: Color): Texture =>
  textureOf(1, 128, context => {
    const colours = context.createLinearGradient(0, 0, 0, 70)
    colours.addColorStop(0, top)
    colours.addColorStop(1, bottom)
    context.fillStyle = colours
    context.fillRect(0, 0, 1, 128)
  })

function textureOf(
  width: number,
  height: number,
  draw: (context: OffscreenCanvasRenderingContext2D) => void,
) {
  const canvas = new OffscreenCanvas(width, height)
  draw(canvas.getContext('2d')!)
  const texture = new CanvasTexture(canvas)
  texture.colorSpace = SRGBColorSpace
  return texture
}
