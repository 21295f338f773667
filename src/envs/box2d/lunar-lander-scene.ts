import type { Body, Vec2Value } from 'planck'
import type { Point2, Scene2d, Shape2d } from '../../env/scene.ts'
import { FPS, fromPixels, outlineOf, PIXELS, placed, VIEW } from './world.ts'

/** What there is to be seen. */
export interface LanderWorld {
  /** Surface of the moon, from left to right. */
  surface: readonly Vec2Value[]
  padHeight: number
  lander: Body
  legs: readonly Body[]
  /** Powers in the last step: main in [0, 1], side in [-1, 1], positive where it pushes to the right. */
  engines: { main: number; side: number }
}

/** Ground and stars continue beyond the view, for pictures that show more. */
const MARGIN = 10

// Scattered as the golden ratio does it, more evenly than at random.
const STARS: Shape2d[] = Array.from({ length: 70 }, (_, i) => ({
  type: 'circle',
  center: [((i * 0.618034) % 1) * (VIEW.width + 8) - 4, ((i + 0.5) / 70) * (VIEW.height + 8) - 2],
  radius: i % 7 === 0 ? 0.05 : 0.03,
  fill: i % 3 === 0 ? '#ffffff' : '#8f97b3',
}))

/** The picture of a landing. */
export function landerScene({ surface, padHeight, lander, legs, engines }: LanderWorld): Scene2d {
  return {
    dimensions: 2,
    timeStep: 1 / FPS,
    view: { left: 0, right: VIEW.width, bottom: 0, top: VIEW.height },
    background: '#0e1222',
    shapes: [
      ...STARS,
      ...moonShapes(surface.map(({ x, y }) => [x, y])),
      ...flagShapes(padHeight),
      ...flameShapes(lander, engines),
      ...legs.map(leg => ({
        type: 'polygon' as const,
        points: outlineOf(leg),
        fill: '#b9b4d6' as const,
        stroke: '#77719c' as const,
      })),
      { type: 'polygon', points: outlineOf(lander), fill: '#8a7bd8', stroke: '#b9afee', strokeWidth: 0.06 },
      { type: 'polygon', points: local(lander, WINDOW), fill: '#cfe6ff', stroke: '#5b4fa3' },
    ],
  }
}

const WINDOW = [
  [-7, 12],
  [-9, 3],
  [9, 3],
  [7, 12],
] as const

/** Points in the frame of a body, given in pixels. */
const local = (body: Body, points: readonly (readonly [number, number])[]): Point2[] =>
  fromPixels(points).map(point => placed(body, point))

function moonShapes(surface: Point2[]): Shape2d[] {
  const [first] = surface
  const last = surface.at(-1)!
  const line: Point2[] = [[-MARGIN, first[1]], ...surface, [VIEW.width + MARGIN, last[1]]]
  return [
    {
      type: 'polygon',
      points: [...line, [VIEW.width + MARGIN, -MARGIN], [-MARGIN, -MARGIN]],
      fill: '#b8b8bf',
    },
    { type: 'line', points: line, stroke: '#e9e9ee', strokeWidth: 0.1 },
  ]
}

/** At both ends of the pad, which is as wide as a fifth of the view. */
function flagShapes(foot: number): Shape2d[] {
  return [0.4, 0.6].flatMap((share): Shape2d[] => {
    const x = share * VIEW.width
    const top = foot + 50 / PIXELS
    return [
      {
        type: 'line',
        points: [
          [x, foot],
          [x, top],
        ],
        stroke: '#ffffff',
        strokeWidth: 0.07,
      },
      {
        type: 'polygon',
        points: [
          [x, top],
          [x + 0.85, top - 0.25],
          [x, top - 0.55],
        ],
        fill: '#ffd23f',
      },
    ]
  })
}

/** Flames as long as the engines are strong. */
function flameShapes(lander: Body, { main, side }: LanderWorld['engines']): Shape2d[] {
  const flame = (points: readonly (readonly [number, number])[], fill: '#ff8b2c' | '#ffe27a'): Shape2d => ({
    type: 'polygon',
    points: local(lander, points),
    fill,
  })
  const below = (width: number, length: number) =>
    [
      [-width, -9],
      [width, -9],
      [width / 2, -9 - length / 2],
      [0, -9 - length],
      [-width / 2, -9 - length / 2],
    ] as const
  const out = (length: number) => {
    // A push to the right comes from a flame on the left.
    const sign = -Math.sign(side)
    return [
      [sign * 15, 11],
      [sign * (15 + length), 13],
      [sign * 15, 15],
    ] as const
  }
  return [
    ...(main > 0 ? [flame(below(8, 40 * main), '#ff8b2c'), flame(below(4, 24 * main), '#ffe27a')] : []),
    ...(side !== 0
      ? [flame(out(24 * Math.abs(side)), '#ff8b2c'), flame(out(12 * Math.abs(side)), '#ffe27a')]
      : []),
  ]
}
