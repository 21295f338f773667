import * as planck from 'planck'
import { describe, expect, test } from 'vitest'
import { drawTerrain, LENGTH, STEP, type Terrain } from '../../../src/envs/box2d/bipedal-terrain.ts'
import { beginWalk } from '../../../src/envs/box2d/bipedal-walker.ts'
import { createRandom } from '../../../src/random.ts'
import { middle, pushed } from './box2d-draws.ts'

const act = (...action: number[]) => Float32Array.from(action)

describe('BipedalWalker-v3', () => {
  const flat: Terrain = { heights: Array(LENGTH).fill(10 / 3), blocks: [] }

  test('limp, it falls', () => {
    const episode = beginWalk(planck, middle, flat)
    for (let t = 0; t < 200; t++) {
      const { reward, terminated } = episode.step(act(0, 0, 0, 0))
      if (!terminated) continue
      expect(reward).toBe(-100)
      expect(t).toBeGreaterThan(20)
      return
    }
    expect.unreachable()
  })

  test('with its legs apart and held, it stands', () => {
    const episode = beginWalk(planck, middle, flat)
    let { observation } = episode.step(act(0, 0, 0, 0))
    const touched = [0, 0]
    for (let t = 0; t < 200; t++) {
      const o = observation
      const hold = (i: number, target: number) => 4 * (target - o[i]) - o[i + 1]
      const result = episode.step(act(hold(4, 0.5), hold(6, 0.8), hold(9, -0.5), hold(11, 0.8)))
      expect(result.terminated).toBe(false)
      ;({ observation } = result)
      touched[0] += observation[8]
      touched[1] += observation[13]
    }
    // Not in every step: across two segments of the ground a foot counts as lifted when it leaves one.
    expect(Math.min(...touched)).toBeGreaterThan(50)
    expect(Math.abs(observation[0])).toBeLessThan(0.3)
    expect(observation[14]).toBeGreaterThan(0.4)
  })

  test('lidar on level ground', () => {
    const { observation } = beginWalk(planck, middle, flat).step(act(0, 0, 0, 0))
    const rays = Array.from(observation).slice(14)
    // The hull is 2 * 34/30 m up at first, of 160/30 m.
    expect(rays[0]).toBeCloseTo((68 / 160) * 1.04, 1)
    rays.forEach((fraction, i) => {
      expect(fraction).toBeCloseTo(Math.min(1, rays[0] / Math.cos(0.15 * i)), 5)
    })
  })

  test('lidar on a block ahead', () => {
    const block = { left: 7, right: 8, bottom: 10 / 3, top: 16 / 3 }
    const { observation } = beginWalk(planck, middle, { ...flat, blocks: [block] }).step(act(0, 0, 0, 0))
    // The hull starts at 10 steps of 14/30 m; the last ray goes 160/30 m at 1.35 rad from straight down.
    expect(observation[23]).toBeCloseTo((7 - 140 / 30) / ((160 / 30) * Math.sin(1.35)), 2)
  })

  test('reward is for the way and an upright hull, less torque', () => {
    const episode = beginWalk(planck, middle, flat)
    const random = createRandom(2, 'actions')
    let { observation } = episode.step(act(0, 0, 0, 0))
    const leaned = Math.abs(observation[0])
    let [way, costs, sum] = [0, 0, 0]
    for (let t = 0; t < 40; t++) {
      const action = random.fillUniform(new Float32Array(4), -1.5, 1.5)
      const result = episode.step(action)
      expect(result.terminated).toBe(false)
      ;({ observation } = result)
      // Velocity is observed in 0.3 * 20 / 50.
      way += (observation[2] / 0.12) * 0.02
      costs += action.reduce((torque, a) => torque + 0.028 * Math.min(1, Math.abs(a)), 0)
      sum += result.reward
    }
    // The way is that of the centre of mass, and positions are also corrected: hence not closer.
    expect(sum + costs).toBeCloseTo((130 / 30) * way - 5 * (Math.abs(observation[0]) - leaned), 0)
    expect(costs).toBeGreaterThan(2)
  })

  test('both ends of the ground end the episode', () => {
    // Thrown far over an abyss.
    const abyss: Terrain = { heights: flat.heights.map((y, i) => (i < 20 ? y : -100)), blocks: [] }
    const fly = (force: number) => {
      const episode = beginWalk(planck, pushed(force), abyss)
      for (let t = 1; t <= 100; t++) {
        const result = episode.step(act(0, 0, 0, 0))
        if (result.terminated) return { t, reward: result.reward }
      }
      return undefined
    }
    // At most 2 m a step for 84 m.
    const right = fly(4e4)!
    expect(right.t).toBeGreaterThanOrEqual(41)
    expect(right.t).toBeLessThan(60)
    expect(right.reward).toBeGreaterThan(-50)
    expect(fly(-4e4)).toMatchObject({ reward: -100 })
  })
})

describe('terrain', () => {
  const GROUND = 10 / 3

  test('of the walker: level at first, then gently uneven, no obstacles', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { heights, blocks } = drawTerrain(createRandom(seed, 'environment'), false)
      expect(blocks).toEqual([])
      expect(heights).toHaveLength(200)
      expect(heights.slice(0, 21)).toEqual(Array(21).fill(GROUND))
      expect(heights[25]).not.toBe(GROUND)
      // A slope is at most (1/30 + 0.01) (1 + 0.8 + 0.64 + ...).
      for (let i = 1; i < 200; i++) {
        expect(Math.abs(heights[i] - heights[i - 1])).toBeLessThan((1 / 30 + 0.01) / 0.2)
      }
    }
  })

  test('of the hardcore walker: stumps, stairs and pits, with grass between', () => {
    const found = { stump: 0, stair: 0, wall: 0 }
    let deepest = 0
    for (let seed = 0; seed < 60; seed++) {
      const { heights, blocks } = drawTerrain(createRandom(seed, 'environment'), true)
      expect(heights).toHaveLength(200)
      expect(heights.slice(0, 20)).toEqual(Array(20).fill(GROUND))
      expect(blocks[0].left).toBeCloseTo(20 * STEP, 9)
      for (const { left, right, bottom, top } of blocks) {
        const [width, height] = [Math.round((right - left) / STEP), Math.round((top - bottom) / STEP)]
        const ground = heights[Math.round(left / STEP)]
        if (width === 4 && height === 1) found.stair++
        else if (width === 1 && height === 4) {
          found.wall++
          // The inner side is in the pit.
          const next = heights[Math.round(right / STEP)]
          if (next !== undefined) expect(top).toBeCloseTo(Math.max(ground, next), 9)
        } else {
          found.stump++
          expect([1, 2]).toContain(width)
          expect(height).toBe(width)
          expect(bottom).toBeCloseTo(ground, 9)
        }
      }
      for (let i = 1; i < 200; i++) deepest = Math.min(deepest, heights[i] - heights[i - 1])
      // From one obstacle to the next are 5 to 9 points, and one more after a pit.
      const isWall = (block: { bottom: number; top: number }) => block.top - block.bottom > 3 * STEP
      for (let i = 1; i < blocks.length; i++) {
        const gap = Math.round((blocks[i].left - blocks[i - 1].right) / STEP)
        if (gap >= 5) expect(gap).toBeLessThanOrEqual(10)
        else if (isWall(blocks[i])) expect([2, 3]).toContain(gap)
        else expect(Math.abs(gap)).toBe(0)
      }
    }
    // Each kind as often as the others: a pit has 2 walls, stairs 3 or 4 steps.
    const counts = [found.stump, found.stair / 3.5, found.wall / 2]
    const mean = counts.reduce((a, b) => a + b) / 3
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(4 * Math.sqrt(mean))
    expect(deepest).toBeCloseTo(-4 * STEP, 9)
  })
})
