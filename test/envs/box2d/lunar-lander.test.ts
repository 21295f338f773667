import * as planck from 'planck'
import { describe, expect, test } from 'vitest'
import type { Env, ResetResult, StepResult, Vector } from '../../../src/env/env.ts'
import { beginLanding, createLunarLander } from '../../../src/envs/box2d/lunar-lander.ts'
import { makeEnv } from '../../../src/envs/registry.ts'
import { createRandom } from '../../../src/random.ts'
import { middle, pushed } from './box2d-draws.ts'

const act = (...action: number[]) => Float32Array.from(action)

describe('LunarLanderContinuous-v3', () => {
  /** Change of one observation over one step with the action, after some steps without. */
  function effect(action: Float32Array, element: number): number {
    const episode = beginLanding(planck, middle)
    let before: Vector = []
    for (let i = 0; i < 10; i++) before = episode.step(act(0, 0)).observation
    return episode.step(action).observation[element] - before[element]
  }

  test('begins above the pad, at rest', () => {
    const { observation } = beginLanding(planck, middle).step(act(0, 0))
    expect(observation[0]).toBeCloseTo(0, 6)
    // (H - H/4 - 18/30) / (H/2) with H = 40/3, less the first step's fall.
    expect(observation[1]).toBeCloseTo(1.41, 2)
    expect([observation[6], observation[7]]).toEqual([0, 0])
  })

  test('gravity, main and side engines change velocities by hand-computed amounts', () => {
    const mass = 4.816666 + 2 * 0.071111
    const perMeter = { x: 10 / 50, y: 20 / 3 / 50 }
    const fall = -10 * 0.02 * perMeter.y
    expect(effect(act(0, 0), 3)).toBeCloseTo(fall, 5)
    expect(effect(act(1, 0), 3)).toBeCloseTo(fall + ((13 * 4) / 30 / mass) * perMeter.y, 5)
    expect(effect(act(0.5, 0), 3)).toBeCloseTo(fall + ((0.75 * 13 * 4) / 30 / mass) * perMeter.y, 5)
    expect(effect(act(-1, 0), 3)).toBeCloseTo(fall, 5)
    // Sideways the push also turns the lander, and the legs with it: a little less than if it did not.
    const push = ((0.6 * 12) / 30 / mass) * perMeter.x
    expect(effect(act(0, 1), 2) / push).toBeCloseTo(1, 0)
    expect(effect(act(0, 1), 2)).toBeCloseTo(-effect(act(0, -1), 2), 6)
    expect(effect(act(0, 1), 5)).toBeLessThan(-0.01)
    expect(effect(act(0, 0.6), 5) / effect(act(0, 1), 5)).toBeCloseTo(0.6, 3)
    expect(effect(act(0, 0.5), 5)).toBeCloseTo(0, 6)
    expect(effect(act(7, -9), 3)).toBe(effect(act(1, -1), 3))
  })

  test('reward is the gain in shaping less fuel, until the end', async () => {
    const env = await createLunarLander()
    const random = createRandom(3, 'actions')
    const shaping = (o: Vector) =>
      -100 * (Math.hypot(o[0], o[1]) + Math.hypot(o[2], o[3]) + Math.abs(o[4])) + 10 * (o[6] + o[7])
    for (let seed = 0; seed < 10; seed++) {
      let { observation } = env.reset({ seed }) as ResetResult
      for (;;) {
        const action = random.fillUniform(act(0, 0), -1, 1)
        const next = env.step(action) as StepResult
        const crashed = next.terminated
        if (crashed) {
          expect(next.reward).toBe(-100)
          break
        }
        const main = action[0] > 0 ? 0.5 + action[0] / 2 : 0
        const side = Math.abs(action[1]) > 0.5 ? Math.abs(action[1]) : 0
        const expected = shaping(next.observation) - shaping(observation) - 0.3 * main - 0.03 * side
        expect(next.reward).toBeCloseTo(expected, 3)
        ;({ observation } = next)
      }
    }
  })

  test('leaving the view ends it', () => {
    const episode = beginLanding(planck, pushed(1000))
    for (let t = 0; t < 300; t++) {
      const { observation, reward, terminated } = episode.step(act(1, 0))
      expect(terminated).toBe(Math.abs(observation[0]) >= 1)
      if (!terminated) continue
      expect(reward).toBe(-100)
      return
    }
    expect.unreachable()
  })

  test('a pilot lands', async () => {
    const env = await makeEnv('LunarLanderContinuous-v3')
    const returns: number[] = []
    let rested = 0
    for (let seed = 0; seed < 10; seed++) {
      let { observation } = await env.reset({ seed })
      let sum = 0
      for (;;) {
        const result = await env.step(pilot(observation))
        ;({ observation } = result)
        sum += result.reward
        if (result.terminated && result.reward === 100) rested++
        if (result.terminated || result.truncated) break
      }
      returns.push(sum)
    }
    expect(returns.reduce((a, b) => a + b) / returns.length).toBeGreaterThan(200)
    expect(rested).toBeGreaterThanOrEqual(8)
  })

  test('wind pushes and turns the lander until it stands', async () => {
    const calm = await createLunarLander()
    const windy = await createLunarLander({ enableWind: true, windPower: 20, turbulencePower: 2 })
    const drift = (env: Env) =>
      Array.from({ length: 10 }, (_, seed) => {
        env.reset({ seed })
        let result = env.step(act(0, 0)) as StepResult
        const before = result.observation[2]
        for (let i = 0; i < 20; i++) result = env.step(act(0, 0)) as StepResult
        return Math.abs(result.observation[2] - before)
      })
    expect(Math.max(...drift(calm))).toBeLessThan(0.01)
    // At most 20 N on 4.96 kg for 0.4 s.
    const drifts = drift(windy)
    expect(Math.max(...drifts)).toBeGreaterThan(0.1)
    expect(Math.max(...drifts)).toBeLessThan((20 / 4.96) * 0.4 * 0.2 + 0.02)
  })

  test('gravity outside (-12, 0) is refused', async () => {
    await expect(createLunarLander({ gravity: 10 })).rejects.toThrow(/gravity is 10/)
    await expect(createLunarLander({ gravity: -12 })).rejects.toThrow(RangeError)
  })
})

/** Hovers towards the pad, more slowly the lower it is, then lets go. */
function pilot(observation: Vector): Float32Array {
  const [x, y, vx, vy, angle, spin, left, right] = Array.from(observation)
  if (left && right) return act(vy < -0.05 ? 0.4 : 0, 0)
  const lean = Math.max(-0.4, Math.min(0.4, 0.5 * x + vx))
  const turn = 0.5 * (lean - angle) - spin
  const lift = 0.5 * (0.55 * Math.abs(x) - y) - 0.5 * vy
  return act(20 * lift - 1, -20 * turn)
}
