import type { Point2, Scene2d, Shape2d } from '../env/scene.ts'
import { cos, sin } from '../portable-math.ts'

/** What there is to be seen. */
interface Acrobot {
  /** Of both links, in rad from hanging down, counterclockwise. */
  angles: readonly [number, number]
  /** Of the last step, as a share of the greatest. */
  torque: number
  /** Of each link, in m. */
  length: number
  timeStep: number
}

/** The picture of two links under a line that the free end is to cross. */
export function acrobotScene({ angles, torque, length, timeStep }: Acrobot): Scene2d {
  const elbow = endOf([0, 0], angles[0], length)
  const tip = endOf(elbow, angles[1], length)
  const reach = 2.2 * length
  return {
    dimensions: 2,
    timeStep,
    view: { left: -reach, right: reach, bottom: -reach, top: reach },
    background: '#f7f5f0',
    shapes: [
      {
        type: 'line',
        points: [
          [-2 * reach, length],
          [2 * reach, length],
        ],
        stroke: '#6f9f5a',
        strokeWidth: 0.03,
      },
      ...linkShapes([0, 0], elbow, '#284a73', '#3f6ea8'),
      ...linkShapes(elbow, tip, '#a8443f', '#d2635c'),
      { type: 'circle', center: [0, 0], radius: 0.09, fill: '#3b3a38' },
      { type: 'circle', center: elbow, radius: 0.08, fill: '#3b3a38' },
      ...torqueShapes(elbow, torque),
    ],
  }
}

const endOf = ([x, y]: Point2, angle: number, length: number): Point2 => [
  x + length * sin(angle),
  y - length * cos(angle),
]

const linkShapes = (from: Point2, to: Point2, edge: `#${string}`, fill: `#${string}`): Shape2d[] => [
  { type: 'line', points: [from, to], stroke: edge, strokeWidth: 0.2 },
  { type: 'line', points: [from, to], stroke: fill, strokeWidth: 0.15 },
]

/** An arrow around the joint in the direction of the torque; none without it. */
function torqueShapes(centre: Point2, torque: number): Shape2d[] {
  if (torque === 0) return []
  const at = (angle: number, radius: number) => endOf(centre, angle, radius)
  const turn = 1.5 * torque
  const [radius, beyond] = [0.3, turn + 0.4 * Math.sign(turn)]
  return [
    {
      type: 'line',
      points: Array.from({ length: 17 }, (_, i) => at((turn * i) / 16, radius)),
      stroke: '#e0a030',
      strokeWidth: 0.05,
    },
    {
      type: 'polygon',
      points: [at(turn, radius - 0.1), at(turn, radius + 0.1), at(beyond, radius)],
      fill: '#e0a030',
    },
  ]
}
