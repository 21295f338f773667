import { describe, expect, test } from 'vitest'
import type { Geom3d, Scene3d } from '../../src/env/scene.ts'
import { viewpointOf } from '../../src/render/camera.ts'
import { otherTile } from '../../src/render/checker.ts'
import { createRayCaster } from '../../src/render/ray-caster.ts'
import { surfaces } from '../../src/render/surfaces.ts'

type Type = Geom3d['type']

const hit = (type: Type, size: number[], ...ray: number[]) => surfaces[type].hit(Float64Array.from(ray), size)

function normalAt(type: Type, size: number[], ...point: number[]) {
  const out = new Float64Array(3)
  surfaces[type].normal(out, Float64Array.from(point), size)
  return Array.from(out)
}

describe('rays meet', () => {
  // Distances by hand, in units of the direction's length.
  test.each([
    // type, size, origin and direction, distance
    ['sphere', [1], [0, 0, 5, 0, 0, -1], 4],
    ['sphere', [1], [0, 0, 5, 0, 0, -2], 2],
    ['sphere', [1], [0.6, 0, 5, 0, 0, -1], 4.2], // at height sqrt(1 - 0.36)
    ['sphere', [1], [1.01, 0, 5, 0, 0, -1], Infinity],
    ['sphere', [1], [0, 0, 5, 0, 0, 1], Infinity],
    ['plane', [0, 0], [3, 4, 2, 0, 0, -1], 2],
    ['plane', [0, 0], [3, 4, 2, 0, 0, 1], Infinity],
    ['plane', [0, 0], [3, 4, 2, 1, 0, 0], Infinity],
    ['plane', [1, 2], [0.9, 1.9, 2, 0, 0, -1], 2],
    ['plane', [1, 2], [1.1, 0, 2, 0, 0, -1], Infinity],
    ['plane', [1, 2], [0, 2.1, 2, 0, 0, -1], Infinity],
    ['plane', [1, 2], [0, 0, -2, 0, 0, 1], 2], // from below as well
    ['capsule', [0.5, 1], [5, 0, 0.9, -1, 0, 0], 4.5],
    ['capsule', [0.5, 1], [5, 0, 1.3, -1, 0, 0], 4.6], // the cap, sqrt(0.25 - 0.09) from the axis
    ['capsule', [0.5, 1], [5, 0, 1.6, -1, 0, 0], Infinity],
    ['capsule', [0.5, 1], [0, 0, 5, 0, 0, -1], 3.5], // along its axis
    ['capsule', [0.5, 1], [0.3, 0, -5, 0, 0, 1], 3.6],
    ['capsule', [0.5, 1], [0.6, 0, 5, 0, 0, -1], Infinity],
    ['capsule', [0.5, 1], [5, 0, 0, 1, 0, 0], Infinity],
    ['cylinder', [0.5, 1], [5, 0, 0.9, -1, 0, 0], 4.5],
    ['cylinder', [0.5, 1], [5, 0, 1.1, -1, 0, 0], Infinity],
    ['cylinder', [0.5, 1], [0.4, 0, 5, 0, 0, -1], 4], // its flat end
    ['cylinder', [0.5, 1], [0.6, 0, 5, 0, 0, -1], Infinity],
    ['cylinder', [0.5, 1], [2, 0, 2.5, -1, 0, -1], 1.5], // down at a slant: x 0.5 and z 1 at once
    ['box', [1, 2, 3], [5, 0, 0, -1, 0, 0], 4],
    ['box', [1, 2, 3], [0, -5, 0, 0, 1, 0], 3],
    ['box', [1, 2, 3], [0, 0, 5, 0, 0, -1], 2],
    ['box', [1, 2, 3], [0, 2.1, 5, 0, 0, -1], Infinity],
    ['box', [1, 2, 3], [3, 4, 0, -1, -1, 0], 2],
    ['box', [1, 2, 3], [5, 0, 0, 1, 0, 0], Infinity],
  ] as [Type, number[], number[], number][])('%s of size %j, %j at %d', (type, size, ray, distance) => {
    expect(hit(type, size, ...ray)).toBeCloseTo(distance, 12)
  })

  test('nothing that they begin in', () => {
    for (const [type, size] of [
      ['sphere', [1]],
      ['capsule', [1, 1]],
      ['cylinder', [1, 1]],
      ['box', [1, 1, 1]],
    ] as [Type, number[]][]) {
      expect(hit(type, size, 0.1, 0.2, 0.3, 1, 0, 0), type).toBe(Infinity)
      expect(hit(type, size, 0, 0, 0, 0, 0, 1), type).toBe(Infinity)
    }
  })

  test('normals are those of the faces', () => {
    expect(normalAt('sphere', [2], 0, 2, 0)).toEqual([0, 1, 0])
    expect(normalAt('plane', [0, 0], 5, 5, 0)).toEqual([0, 0, 1])
    expect(normalAt('capsule', [0.5, 1], 0.5, 0, 0.7)).toEqual([1, 0, 0])
    expect(normalAt('capsule', [0.5, 1], 0, 0, -1.5)).toEqual([0, 0, -1])
    expect(normalAt('capsule', [0.5, 1], 0.3, 0, 1.4)).toEqual([0.6, 0, expect.closeTo(0.8)])
    expect(normalAt('cylinder', [0.5, 1], 0, 0.5, 0.9)).toEqual([0, 1, 0])
    expect(normalAt('cylinder', [0.5, 1], 0.4, 0, -1)).toEqual([0, 0, -1])
    expect(normalAt('box', [1, 2, 3], 1, 0.5, 0.5)).toEqual([1, 0, 0])
    expect(normalAt('box', [1, 2, 3], 0.5, 0.5, -3)).toEqual([0, 0, -1])
  })
})

test('a chequered plane is sharp nearby, its mean far off', () => {
  const straightDown = Float64Array.of(0, 0, 1, 0, 0, -1)
  const at = (x: number, y: number, width: number) =>
    otherTile(Float64Array.of(x, y, 0), straightDown, 1, width)
  expect([at(0.5, 0.5, 0.1), at(1.5, 0.5, 0.1), at(0.5, -0.5, 0.1), at(-0.5, -0.5, 0.1)]).toEqual(
    [0, 1, 1, 0].map(share => expect.closeTo(share, 12)),
  )
  // On an edge half of a pixel is of either colour.
  expect(at(1, 0.5, 0.1)).toBeCloseTo(0.5, 12)
  expect(at(1.02, 0.5, 0.1)).toBeCloseTo(0.7, 12)
  expect(Math.abs(at(0.3, 0.3, 50) - 0.5)).toBeLessThan(0.01)
})

const UPRIGHT = [1, 0, 0, 0, 1, 0, 0, 0, 1]
const SKEW = [0.36, 0.48, -0.8, -0.8, 0.6, 0, 0.48, 0.64, 0.6]
/** The same, after a quarter turn about its own z axis. */
const quarterTurn = (r: number[]) => [0, 3, 6].flatMap(i => [r[i + 1], -r[i], r[i + 2]])
const geom = (changes: Partial<Geom3d>): Geom3d => ({
  type: 'sphere',
  size: [1],
  position: [0, 0, 0],
  rotation: UPRIGHT,
  color: '#ff0000',
  ...changes,
})
const scene = (geoms: Geom3d[], camera: Partial<Scene3d['camera']> = {}): Scene3d => ({
  dimensions: 3,
  timeStep: 0.1,
  camera: { position: [0, -10, 0], target: [0, 0, 0], fieldOfView: 40, ...camera },
  background: { horizon: '#0000ff', sky: '#0000ff' },
  geoms,
})
const SIZE = { width: 41, height: 31 }

function draw(subject: Scene3d, size = SIZE) {
  const pixels = new Uint8ClampedArray(4 * size.width * size.height)
  createRayCaster(size).draw(subject, pixels)
  const at = (column: number, row: number) =>
    Array.from(pixels.subarray(4 * (row * size.width + column)).slice(0, 4))
  return { at, pixels }
}
const isRed = ([r, g, b]: number[]) => r > 2 * g && r > 2 * b

describe('pictures', () => {
  test('show a ball as large as it looks from there', () => {
    const { at } = draw(scene([geom({})]))
    // Its outline is at tan(asin(1 / 10)), of tan(20 degrees) at the upper edge, 15.5 pixels up: 4.28 pixels.
    const row = Array.from({ length: 41 }, (_, column) => isRed(at(column, 15)))
    expect(row.filter(Boolean)).toHaveLength(9)
    expect([row[16], row[24]]).toEqual([true, true])
    expect(at(0, 0)).toEqual([0, 0, 255, 255])
  })

  test('the nearer of two hides the other, in whichever order they come', () => {
    const far = geom({ position: [0, 3, 0], color: '#00ff00', size: [2] })
    for (const geoms of [
      [far, geom({})],
      [geom({}), far],
    ]) {
      const { at } = draw(scene(geoms))
      expect(isRed(at(20, 15))).toBe(true)
      const [r, g] = at(14, 15)
      expect(g).toBeGreaterThan(2 * r)
    }
  })

  test('turn solids as their rotation says: its columns are their axes', () => {
    // Along x: the third column of the matrix.
    const along = geom({ type: 'capsule', size: [0.3, 3], rotation: [0, 0, 1, 0, 1, 0, -1, 0, 0] })
    const { at } = draw(scene([along]))
    expect([at(9, 15), at(31, 15)].map(isRed)).toEqual([true, true])
    expect([at(20, 8), at(20, 22)].map(isRed)).toEqual([false, false])
  })

  test('what is left of the camera is on the left, what is above it at the top', () => {
    const { at } = draw(scene([geom({ position: [-2, 0, 2], size: [0.7] })]))
    expect(isRed(at(11, 6))).toBe(true)
    expect([at(29, 6), at(11, 24), at(29, 24)].map(isRed)).toEqual([false, false, false])
  })

  test('a ball throws its shadow on the ground, away from the light', () => {
    const ground = geom({ type: 'plane', size: [0, 0], position: [0, 0, -1.5], color: '#ffffff' })
    const view = { position: [0, -10, 6], target: [0, 0, -1] } as const
    const { at } = draw(scene([ground, geom({})], view))
    const empty = draw(scene([ground], view))
    const darker: [number, number][] = []
    for (let row = 0; row < 31; row++) {
      for (let column = 0; column < 41; column++) {
        const [r, g] = at(column, row)
        if (!isRed(at(column, row)) && g < 0.8 * empty.at(column, row)[1] && r > 50)
          darker.push([column, row])
      }
    }
    expect(darker.length).toBeGreaterThan(10)
    // The light is on the left: shadows lie on the right.
    const middle = darker.reduce((sum, [column]) => sum + column, 0) / darker.length
    expect(middle).toBeGreaterThan(21)
  })

  test('smooth edges: pixels there are of mixed colour', () => {
    const { at } = draw(scene([geom({ color: '#ff0000' })], {}))
    const mixed = Array.from({ length: 41 * 31 }, (_, i) => at(i % 41, Math.floor(i / 41))).filter(
      ([r, , b]) => r > 40 && b > 40,
    )
    expect(mixed.length).toBeGreaterThan(5)
  })

  test('light falls on the faces of a turned solid as they lie', () => {
    // Straight at the end of a cylinder: it is flat, so all of it is equally bright.
    const [x, z] = [SKEW[2], SKEW[8]]
    const lid = geom({ type: 'cylinder', size: [1, 0.5], rotation: SKEW })
    const { at } = draw(scene([lid], { position: [10 * x, 0, 10 * z] }))
    const face = at(20, 15)
    expect(isRed(face)).toBe(true)
    for (const [column, row] of [
      [17, 15],
      [23, 15],
      [20, 12],
      [20, 18],
    ]) {
      expect(at(column, row)).toEqual(face)
    }
  })

  test('how a round solid is turned about its own axis does not show, nor in its shadow', () => {
    const ground = geom({ type: 'plane', size: [0, 0], position: [0, 0, -1.5], color: '#ffffff' })
    const pictures = [SKEW, quarterTurn(SKEW)].map(rotation => {
      const rod = geom({ type: 'capsule', size: [0.4, 1], rotation })
      return draw(scene([ground, rod], { position: [0, -10, 6] }), { width: 164, height: 124 }).pixels
    })
    // White ground in the shadow: grey.
    const grey = pictures.map(
      pixels => pixels.filter((r, i) => i % 4 === 0 && r < 200 && r - pixels[i + 1] < 20 && r > 100).length,
    )
    for (const count of grey) expect(count).toBeGreaterThan(60)
    // But for an edge or two: rays beside it may be rounded to it or past it.
    const differing = pictures[0].filter((value, i) => Math.abs(value - pictures[1][i]) > 1)
    expect(differing.length).toBeLessThan(30)
  })

  test('areas in which solids are looked for never cut them off', () => {
    // Skewed capsules, cylinders and boxes near the edges and beyond, against one pixel at a time.
    const shapes = [-3, -1.5, 0, 1.5, 3].flatMap((x, i) =>
      (['capsule', 'cylinder', 'box', 'sphere'] as const).map((type, k) =>
        geom({
          type,
          size: { capsule: [0.3, 0.8], cylinder: [0.4, 0.5], box: [0.5, 0.3, 0.7], sphere: [0.5] }[type],
          position: [x, -4 + 2 * i, 2 * k - 3],
          rotation: SKEW,
        }),
      ),
    )
    const all = scene(shapes, { position: [0, -7, 0], fieldOfView: 70 })
    const size = { width: 164, height: 124 }
    const { at } = draw(all, size)
    const view = viewpointOf(all.camera)
    let shown = 0
    for (let row = 0; row < size.height; row++) {
      for (let column = 0; column < size.width; column++) {
        const u = ((column - 81.5) * 2 * view.reach) / size.height
        const v = ((61.5 - row) * 2 * view.reach) / size.height
        const direction = [0, 1, 2].map(i => view.forward[i] + u * view.right[i] + v * view.up[i])
        const meets = shapes.some(({ type, size, position, rotation: r }) => {
          const from = view.position.map((x, i) => x - position[i])
          const local = (w: number[]) => [0, 1, 2].map(i => r[i] * w[0] + r[3 + i] * w[1] + r[6 + i] * w[2])
          return hit(type, [...size], ...local(from), ...local(direction)) < Infinity
        })
        if (!meets) continue
        shown++
        expect(at(column, row)[0], `${column}, ${row}`).toBeGreaterThan(20)
      }
    }
    expect(shown).toBeGreaterThan(1500)
  })

  test('a camera among solids sees those before it', () => {
    const { at } = draw(scene([geom({ size: [0.5], position: [0, -7, 0] }), geom({ position: [0, -11, 0] })]))
    expect(isRed(at(20, 15))).toBe(true)
    expect(at(2, 2)).toEqual([0, 0, 255, 255])
  })
})

describe('what cannot be drawn is refused', () => {
  test.each([
    [geom({ name: 'ball', size: [NaN] }), 'the size of ball is [NaN]; a sphere has 1 finite numbers'],
    [geom({ size: [1, 2], type: 'box' }), 'a box has 3 finite numbers'],
    [geom({ position: [0, Infinity, 0] }), 'a geom has position [0,Infinity,0]'],
    [geom({ rotation: [1, 0, 0] }), 'they must be 3 and 9 finite numbers'],
    [geom({ color: '#12' }), "the color of a geom is '#12', not #rrggbb"],
    [geom({ type: 'torus' as 'box' }), "the type of a geom is 'torus'; known are plane, sphere"],
  ])('%j', (wrong, message) => {
    expect(() => draw(scene([wrong]))).toThrow(message)
  })

  test('cameras and pixels', () => {
    expect(() => draw(scene([], { position: [0, 0, 5] }))).toThrow('nor straight above or below')
    expect(() => draw(scene([], { position: [0, 0, 0] }))).toThrow('its target must not be where it is')
    expect(() => draw(scene([], { fieldOfView: 180 }))).toThrow('fieldOfView is 180')
    const caster = createRayCaster(SIZE)
    expect(() => caster.draw(scene([]), new Uint8ClampedArray(7))).toThrow(
      '7 numbers of pixels, not 41 x 31 x 4',
    )
  })
})
