import type { Draws } from './episodes.ts'
import { PIXELS, VIEW } from './world.ts'

/** Distance from one point of the ground to the next in m. */
export const STEP = 14 / PIXELS
/** Number of points of the ground. */
export const LENGTH = 200
/** Points of grass between two obstacles: fewer than this, and at least half as many. */
export const GRASS = 10
/** Points of level ground at the start. */
export const START_PAD = 20
/** Height in m about which the ground meanders. */
export const GROUND_HEIGHT = VIEW.height / 4

/** A solid rectangle, its sides level and upright. Lengths in m. */
export interface Block {
  left: number
  right: number
  bottom: number
  top: number
}

/** What to walk over. */
export interface Terrain {
  /** Height of the ground in m at multiples of `STEP`, `LENGTH` of them, joined by straight lines. */
  heights: number[]
  /** Stumps, stairs and walls of pits. */
  blocks: Block[]
}

/** Continues from point `i` at height `y`: returns the heights of the obstacle's points and adds its blocks. */
type Obstacle = (i: number, y: number, random: Draws, blocks: Block[]) => number[]

/** A stump as high as it is wide, one or two steps. The ground continues below it. */
const stump: Obstacle = (i, y, random, blocks) => {
  const size = 1 + random.integer(2)
  blocks.push({ left: i * STEP, right: (i + size) * STEP, bottom: y, top: y + size * STEP })
  return Array.from({ length: size }, () => y)
}

/** Three or four stairs, up or down, each 4 steps wide and one high. */
const stairs: Obstacle = (i, y, random, blocks) => {
  const width = 4
  const height = random.uniform() > 0.5 ? 1 : -1
  const count = 3 + random.integer(2)
  for (let s = 0; s < count; s++) {
    const top = y + s * height * STEP
    const left = (i + s * width) * STEP
    blocks.push({ left, right: left + width * STEP, bottom: top - STEP, top })
  }
  // Below the stairs the ground is a slope. Its first point is that of the grass before.
  return Array.from({ length: count * width }, (_, k) =>
    k === 0 ? y : y + ((k - height) / width) * height * STEP,
  )
}

/** A pit 4 steps deep and 3 or 4 wide, counted from one of its walls, each a step thick, to the other. */
const pit: Obstacle = (i, y, random, blocks) => {
  const width = 3 + random.integer(2)
  const bottom = y - 4 * STEP
  for (const left of [i, i + width]) {
    blocks.push({ left: left * STEP, right: (left + 1) * STEP, bottom, top: y })
  }
  return Array.from({ length: width + 2 }, (_, k) => (k === 0 || k === width + 1 ? y : bottom))
}

const obstacles = [stump, stairs, pit]

/**
 * Gently uneven ground; with `hardcore` a stump, stairs or a pit after each stretch of it.
 *
 * The first point after an obstacle, and of each stretch of grass, is as high as the one before.
 */
export function drawTerrain(random: Draws, hardcore: boolean): Terrain {
  const heights: number[] = []
  const blocks: Block[] = []
  let y = GROUND_HEIGHT
  let slope = 0
  let length = START_PAD
  while (heights.length < LENGTH) {
    const first = heights.length
    for (let i = first; i < first + length && i < LENGTH; i++) {
      if (i === 0 || i > first) {
        slope = 0.8 * slope + 0.01 * Math.sign(GROUND_HEIGHT - y)
        if (i > START_PAD) slope += random.uniform(-1, 1) / PIXELS
        y += slope
      }
      heights.push(y)
    }
    if (hardcore && heights.length < LENGTH) {
      const obstacle = obstacles[random.integer(obstacles.length)]
      heights.push(...obstacle(heights.length, y, random, blocks))
      y = heights.at(-1)!
    }
    length = GRASS / 2 + random.integer(GRASS / 2)
  }
  return { heights: heights.slice(0, LENGTH), blocks }
}
