import type { Point2, Scene2d, Shape2d } from '../../env/scene.ts'

/** The picture of an arm, from its shoulder to its tip, and of its goal; lengths in m. */
export function planarReachScene({
  joints,
  goal,
  tolerance,
  timeStep,
}: {
  joints: readonly Point2[]
  goal: Point2
  tolerance: number
  timeStep: number
}): Scene2d {
  const [shoulder, elbow, tip] = joints
  const circle = (center: Point2, radius: number, fill: `#${string}`): Shape2d => ({
    type: 'circle',
    center,
    radius,
    fill,
  })
  return {
    dimensions: 2,
    timeStep,
    view: { left: -1.1, right: 1.1, bottom: -1.1, top: 1.1 },
    background: '#f7f5f0',
    shapes: [
      { type: 'circle', center: shoulder, radius: 1, stroke: '#e4e0d6', strokeWidth: 0.012 },
      {
        type: 'circle',
        center: goal,
        radius: tolerance,
        fill: '#8fb573',
        stroke: '#55753f',
        strokeWidth: 0.01,
      },
      { type: 'line', points: [shoulder, elbow], stroke: '#3f6ea8', strokeWidth: 0.08 },
      { type: 'line', points: [elbow, tip], stroke: '#5f8cc4', strokeWidth: 0.06 },
      circle(shoulder, 0.06, '#3b3a38'),
      circle(elbow, 0.04, '#3b3a38'),
      circle(tip, 0.025, '#d2635c'),
    ],
  }
}
