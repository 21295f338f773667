import { describe, expect, test } from 'vitest'
import type { Arrays } from '../../src/graph/program.ts'
import { createRandom } from '../../src/random.ts'
import { drawChance } from '../../src/sac/chance.ts'
import type { UpdateInputs } from '../../src/sac/tensors.ts'

const inputsWith = (inputs: Partial<Arrays<UpdateInputs>>) => inputs as Arrays<UpdateInputs>

describe('what an update draws at random', () => {
  test('some critics count, each pair as often as any other', () => {
    const random = createRandom(1, 'updates')
    const subset = new Float32Array(4)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; i++) {
      drawChance(inputsWith({ subset }), { targetCritics: 2, dropout: 0 }, random)
      const chosen = [...subset].flatMap((value, critic) => (value === 0 ? [critic] : []))
      expect([...subset].filter(value => value > 1e29).length).toBe(2)
      counts.set(chosen.join(), (counts.get(chosen.join()) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })

  test.each([0.01, 0.3, 0.9])('dropout %d leaves out its share, and scales the rest to the same mean', p => {
    const dropout = new Float32Array(100_000)
    const [nextDropout, actorDropout] = [new Float32Array(100_000), new Float32Array(100_000)]
    const random = createRandom(2, 'updates')
    drawChance(
      inputsWith({ dropout, nextDropout, actorDropout }),
      { targetCritics: 'all', dropout: p },
      random,
    )
    for (const factors of [dropout, nextDropout, actorDropout]) {
      const dropped = factors.filter(value => value === 0).length / factors.length
      // Six deviations.
      expect(Math.abs(dropped - p)).toBeLessThan(6 * Math.sqrt((p * (1 - p)) / factors.length))
      expect(new Set(factors)).toEqual(new Set([0, Math.fround(1 / (1 - p))]))
    }
    expect(dropout).not.toEqual(nextDropout)
    // No unit is dropped more readily because its neighbour was.
    const pairs = dropout.filter((value, i) => value === 0 && dropout[i - 1] === 0).length / dropout.length
    expect(Math.abs(pairs - p * p)).toBeLessThan(0.01)
  })
})
