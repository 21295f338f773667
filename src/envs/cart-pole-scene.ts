import type { Point2, Scene2d, Shape2d } from '../env/scene.ts'
import { cos, sin } from '../portable-math.ts'

/** What there is to be seen; lengths in m, `angle` in rad from upright, clockwise. */
interface CartPole {
  position: number
  angle: number
  /** The last push: 0 to the left, 1 to the right. */
  choice: number | undefined
  length: number
  /** How far from the middle the track ends. */
  limit: number
  timeStep: number
}

const AXLE: number = 0.3

/** The picture of a pole on a cart. */
export function cartPoleScene({ position, angle, choice, length, limit, timeStep }: CartPole): Scene2d {
  const tip: Point2 = [position + length * sin(angle), AXLE + length * cos(angle)]
  const rod = (stroke: `#${string}`, strokeWidth: number): Shape2d => ({
    type: 'line',
    points: [[position, AXLE], tip],
    stroke,
    strokeWidth,
  })
  return {
    dimensions: 2,
    timeStep,
    view: { left: -limit - 0.4, right: limit + 0.4, bottom: -0.5, top: 1.9 },
    background: '#f7f5f0',
    shapes: [
      ...trackShapes(limit),
      { type: 'polygon', points: rectangle(position, AXLE, 0.3, 0.13), fill: '#3f6ea8', stroke: '#284a73' },
      ...[-0.17, 0.17].map(
        (x): Shape2d => ({ type: 'circle', center: [position + x, 0.1], radius: 0.1, fill: '#2e2e2e' }),
      ),
      rod('#8a5a32', 0.12),
      rod('#c98f5a', 0.09),
      { type: 'circle', center: [position, AXLE], radius: 0.05, fill: '#3b3a38' },
      ...pushShapes(position, choice),
    ],
  }
}

const rectangle = (x: number, y: number, halfWidth: number, halfHeight: number): Point2[] => [
  [x - halfWidth, y - halfHeight],
  [x + halfWidth, y - halfHeight],
  [x + halfWidth, y + halfHeight],
  [x - halfWidth, y + halfHeight],
]

/** The track, with a post where an episode ends. */
function trackShapes(limit: number): Shape2d[] {
  const line = (from: Point2, to: Point2, strokeWidth: number): Shape2d => ({
    type: 'line',
    points: [from, to],
    stroke: '#8d7b68',
    strokeWidth,
  })
  return [
    line([-limit - 3, 0], [limit + 3, 0], 0.04),
    line([-limit, 0], [-limit, 0.25], 0.05),
    line([limit, 0], [limit, 0.25], 0.05),
  ]
}

/** An arrow where the cart was pushed; none after a reset. */
function pushShapes(position: number, choice: number | undefined): Shape2d[] {
  if (choice === undefined) return []
  const sign = choice === 1 ? 1 : -1
  const from = position - sign * 0.75
  const to = position - sign * 0.4
  return [
    {
      type: 'line',
      points: [
        [from, AXLE],
        [to, AXLE],
      ],
      stroke: '#e2574c',
      strokeWidth: 0.05,
    },
    {
      type: 'polygon',
      points: [
        [to, AXLE + 0.08],
        [to, AXLE - 0.08],
        [to + sign * 0.1, AXLE],
      ],
      fill: '#e2574c',
    },
  ]
}
