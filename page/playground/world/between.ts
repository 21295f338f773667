import type { Point2, Scene, Scene2d, Scene3d, Shape2d } from '../../../src/index.ts'

/** The scene at a share of the way from one to the next, so that 20 steps a second look as smooth as the screen is. */
export function between(before: Scene | undefined, after: Scene, share: number): Scene {
  if (!before || share >= 1) return after
  if (before.dimensions === 2 && after.dimensions === 2) return between2d(before, after, share)
  if (before.dimensions === 3 && after.dimensions === 3) return between3d(before, after, share)
  return after
}

const mix = (a: number, b: number, share: number) => a + (b - a) * share

const mixAll = (a: readonly number[], b: readonly number[], share: number) =>
  b.map((value, i) => mix(a[i], value, share))

function between2d(before: Scene2d, after: Scene2d, share: number): Scene2d {
  const view = { ...after.view }
  for (const side of Object.keys(view) as (keyof typeof view)[]) {
    view[side] = mix(before.view[side], after.view[side], share)
  }
  const jump = (after.view.right - after.view.left) / 3
  const shapes = after.shapes.map((shape, i) => between2dShapes(before.shapes[i], shape, share, jump))
  return { ...after, view, shapes }
}

function between2dShapes(before: Shape2d | undefined, after: Shape2d, share: number, jump: number): Shape2d {
  if (before?.type === 'circle' && after.type === 'circle') {
    return { ...after, center: mixAll(before.center, after.center, share) as unknown as Point2 }
  }
  if (!before || before.type === 'circle' || after.type === 'circle' || before.type !== after.type)
    return after
  if (before.points.length !== after.points.length) return after
  // What came into sight took the place in the list of what left it.
  const [[x, y], [toX, toY]] = [before.points[0], after.points[0]]
  if (Math.hypot(toX - x, toY - y) > jump) return after
  return {
    ...after,
    points: after.points.map((point, i) => mixAll(before.points[i], point, share) as unknown as Point2),
  }
}

function between3d(before: Scene3d, after: Scene3d, share: number): Scene3d {
  const point = (a: Scene3d['camera']['position'], b: Scene3d['camera']['position']) =>
    mixAll(a, b, share) as unknown as typeof b
  const camera = {
    ...after.camera,
    position: point(before.camera.position, after.camera.position),
    target: point(before.camera.target, after.camera.target),
  }
  if (before.geoms.length !== after.geoms.length) return after
  const geoms = after.geoms.map((geom, i) => ({
    ...geom,
    position: point(before.geoms[i].position, geom.position),
    rotation: mixAll(before.geoms[i].rotation, geom.rotation, share),
  }))
  return { ...after, camera, geoms }
}
