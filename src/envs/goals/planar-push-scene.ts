import type { Point2, Scene2d } from '../../env/scene.ts'

interface Disc {
  center: Point2
  radius: number
}

/** The picture of a finger, a puck and its goal on a table that ends `edge` from its middle, where pucks stop; in m. */
export function planarPushScene({
  finger,
  puck,
  goal,
  edge,
  timeStep,
}: {
  finger: Disc
  puck: Disc
  goal: Disc
  edge: number
  timeStep: number
}): Scene2d {
  const rim = edge + puck.radius
  const corners: Point2[] = [
    [-rim, -rim],
    [rim, -rim],
    [rim, rim],
    [-rim, rim],
  ]
  return {
    dimensions: 2,
    timeStep,
    view: { left: -1.45, right: 1.45, bottom: -1.45, top: 1.45 },
    background: '#f7f5f0',
    shapes: [
      { type: 'polygon', points: corners, fill: '#efe9dc', stroke: '#cfc6b2', strokeWidth: 0.02 },
      { type: 'circle', ...goal, fill: '#8fb573', stroke: '#55753f', strokeWidth: 0.015 },
      { type: 'circle', ...puck, fill: '#d2635ccc', stroke: '#a8443f', strokeWidth: 0.02 },
      { type: 'circle', ...finger, fill: '#3f6ea8', stroke: '#284a73', strokeWidth: 0.02 },
    ],
  }
}
