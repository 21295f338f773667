import type { Point2, Scene2d, Shape2d } from '../env/scene.ts'
import { cos, sin } from '../portable-math.ts'

/** Where the track begins and ends, and where the flag is. */
export interface Track {
  left: number
  right: number
  goal: number
}

/** In s. The task has no unit of time; Gymnasium shows 30 steps a second. */
export const TIME_STEP = 1 / 30

/** Where the car's middle is at a position along the track, and how steep the track is there. */
export const carAt = (position: number): { middle: Point2; slope: number } => ({
  middle: [position, height(position) + 0.05],
  slope: slopeAt(position),
})

/** The picture of a car at a position along the track. */
export function mountainCarScene(position: number, track: Track): Scene2d {
  return {
    dimensions: 2,
    timeStep: TIME_STEP,
    view: { left: track.left - 0.15, right: track.right + 0.1, bottom: 0, top: 1.35 },
    background: '#dcebf5',
    shapes: [...hillShapes(track), ...flagShapes(track), ...carShapes(position)],
  }
}

/** Height of the track at a position. */
const height = (x: number) => 0.45 * sin(3 * x) + 0.55

const slopeAt = (x: number) => 1.35 * cos(3 * x)

/** The ground continues beyond the track, for pictures that show more. */
function hillShapes({ left, right }: Track): Shape2d[] {
  const margin = 0.5
  const points = Array.from({ length: 121 }, (_, i): Point2 => {
    const x = left - margin + (i * (right - left + 2 * margin)) / 120
    return [x, height(x)]
  })
  const wall = left - 0.09
  return [
    {
      type: 'polygon',
      points: [...points, [right + margin, -2], [left - margin, -2]],
      fill: '#8fb573',
    },
    { type: 'line', points, stroke: '#55753f', strokeWidth: 0.018 },
    {
      type: 'line',
      points: [
        [wall, height(wall)],
        [wall, height(wall) + 0.2],
      ],
      stroke: '#8d7b68',
      strokeWidth: 0.03,
    },
  ]
}

function flagShapes({ goal }: Track): Shape2d[] {
  const foot = height(goal)
  return [
    {
      type: 'polygon',
      points: [
        [goal, foot + 0.25],
        [goal + 0.12, foot + 0.21],
        [goal, foot + 0.17],
      ],
      fill: '#e2574c',
    },
    {
      type: 'line',
      points: [
        [goal, foot],
        [goal, foot + 0.25],
      ],
      stroke: '#4a4a4a',
      strokeWidth: 0.01,
    },
  ]
}

const BODY: Point2[] = [
  [-0.07, 0.02],
  [0.07, 0.02],
  [0.07, 0.05],
  [0.035, 0.055],
  [0.02, 0.085],
  [-0.04, 0.085],
  [-0.055, 0.055],
  [-0.07, 0.05],
]

/** A car on two wheels, leaning with the track. */
function carShapes(x: number): Shape2d[] {
  const slope = slopeAt(x)
  const along = 1 / Math.sqrt(1 + slope * slope)
  const up = slope * along
  const place = ([forward, above]: Point2): Point2 => [
    x + forward * along - above * up,
    height(x) + forward * up + above * along,
  ]
  return [
    { type: 'polygon', points: BODY.map(place), fill: '#3f6ea8', stroke: '#284a73', strokeWidth: 0.008 },
    ...[-0.042, 0.042].flatMap((wheel): Shape2d[] => [
      { type: 'circle', center: place([wheel, 0.022]), radius: 0.022, fill: '#2e2e2e' },
      { type: 'circle', center: place([wheel, 0.022]), radius: 0.009, fill: '#c9c9c9' },
    ]),
  ]
}
