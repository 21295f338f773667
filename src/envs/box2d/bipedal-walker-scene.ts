import type { Body } from 'planck'
import type { Color, Point2, Scene2d, Shape2d } from '../../env/scene.ts'
import { GROUND_HEIGHT, LENGTH, STEP, type Terrain } from './bipedal-terrain.ts'
import { FPS, outlineOf } from './world.ts'

/** What there is to be seen. */
export interface WalkerWorld {
  terrain: Terrain
  hull: Body
  /** Upper and lower parts; the farther leg first. */
  legs: readonly (readonly Body[])[]
  /** Where the lidar's rays end. */
  rays: readonly Point2[]
  /** Where the way ends. */
  goal: number
}

/** Size of the view, in m. */
const WIDTH = 14
const HEIGHT = 9.5
/** Pictures of another aspect show more; beyond that, shapes are left out. */
const MARGIN = 6

/** The picture of a walk. The view follows the hull along the ground. */
export function walkerScene({ terrain, hull, legs, rays, goal }: WalkerWorld): Scene2d {
  const { x, y } = hull.getPosition()
  const left = x - 0.36 * WIDTH
  const bottom = meanHeight(terrain.heights, left, left + WIDTH) - 0.3 * HEIGHT
  const from = left - MARGIN
  const to = left + WIDTH + MARGIN
  const [farther, nearer] = legs
  return {
    dimensions: 2,
    timeStep: 1 / FPS,
    view: { left, right: left + WIDTH, bottom, top: bottom + HEIGHT },
    background: '#d9ecf7',
    shapes: [
      ...groundShapes(terrain, from, to),
      ...flagShapes(terrain.heights, 3 * STEP, '#e2574c'),
      ...flagShapes(terrain.heights, goal, '#f2b632'),
      ...rays.map(end => ray([x, y], end)),
      ...farther.map(part => solid(outlineOf(part), '#7a5a99', '#553c6e')),
      solid(outlineOf(hull), '#7e57c2', '#4c3180'),
      ...nearer.map(part => solid(outlineOf(part), '#b48ad9', '#6f4d93')),
    ],
  }
}

const solid = (points: readonly Point2[], fill: Color, stroke: Color): Shape2d => ({
  type: 'polygon',
  points,
  fill,
  stroke,
  strokeWidth: 0.05,
})

const ray = (from: Point2, to: Point2): Shape2d => ({
  type: 'line',
  points: [from, to],
  stroke: '#e2574c40',
  strokeWidth: 0.03,
})

/** Mean height of the ground in view, so that the view rises and falls with it, but not with each stair. */
function meanHeight(heights: readonly number[], from: number, to: number): number {
  let [sum, weight] = [0, 0]
  for (const [i, height] of heights.entries()) {
    // Points enter and leave little by little.
    const share = Math.max(0, Math.min(1, (i * STEP - from) / 2, (to - i * STEP) / 2))
    sum += share * height
    weight += share
  }
  return weight > 0 ? sum / weight : GROUND_HEIGHT
}

function groundShapes({ heights, blocks }: Terrain, from: number, to: number): Shape2d[] {
  const inSight = heights.map((height, i): Point2 => [i * STEP, height]).filter(([x]) => x > from && x < to)
  // For pictures, the ground continues level before its start and after its end.
  const points: Point2[] = [[from, inSight[0][1]], ...inSight, [to, inSight.at(-1)![1]]]
  const depth = Math.min(...heights) - 20
  return [
    { type: 'polygon', points: [...points, [to, depth], [from, depth]], fill: '#8fb573' },
    { type: 'line', points, stroke: '#55753f', strokeWidth: 0.1 },
    ...blocks
      .filter(({ left, right }) => right > from && left < to)
      .map(({ left, right, bottom, top }) =>
        solid(
          [
            [left, bottom],
            [right, bottom],
            [right, top],
            [left, top],
          ],
          '#9c9186',
          '#6d645b',
        ),
      ),
  ]
}

function flagShapes(heights: readonly number[], x: number, fill: Color): Shape2d[] {
  const foot = heights[Math.min(LENGTH - 1, Math.round(x / STEP))]
  return [
    {
      type: 'polygon',
      points: [
        [x, foot + 2],
        [x + 0.8, foot + 1.75],
        [x, foot + 1.5],
      ],
      fill,
    },
    {
      type: 'line',
      points: [
        [x, foot],
        [x, foot + 2],
      ],
      stroke: '#4a4a4a',
      strokeWidth: 0.06,
    },
  ]
}
