/** What an update that diverged says helps, and that it does. */
import { describe, expect, test } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { remedyFor } from '../../src/sac/divergence.ts'
import { DivergenceError } from '../../src/sac/metrics.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [2] }),
  actionSpace: box({ low: -1, high: 1 }),
}
const small: SacOptionsInput = { hiddenSizes: [8], batchSize: 16, learningStarts: 0, bufferSize: 100 }

/** Updates of an agent whose second element of observations, and rewards, are of such sizes. */
async function learn(sizes: { observation?: number; reward?: number }, options: SacOptionsInput = {}) {
  const agent = await SAC.create(spaces, { ...small, ...options })
  const random = createRandom(1, 'transitions')
  const observe = () => [random.uniform(-1, 1), random.uniform(-1, 1) * (sizes.observation ?? 1)]
  for (let observation = observe(), i = 0; i < 50; i++) {
    const nextObservation = observe()
    const reward = random.uniform(-1, 1) * (sizes.reward ?? 1)
    agent.observe({
      observation,
      action: [random.uniform(-1, 1)],
      reward,
      nextObservation,
      terminated: false,
    })
    observation = nextObservation
  }
  try {
    for (let i = 0; i < 20; i++) await agent.update()
  } finally {
    await agent.dispose()
  }
}

describe.each(['wasm', 'native'] as const)('on %s', engine => {
  test.each([1e12, 3.4e38])('observations of %d are named, and normalizeObservations', async observation => {
    const failure = learn({ observation }, { engine })
    await expect(failure).rejects.toThrow(DivergenceError)
    await expect(failure).rejects.toThrow(
      /diverged: .* Its observations are too large to learn from: element 1 is -?\d\.\d?e\+\d+\. Set normalizeObservations/,
    )
    await expect(failure).rejects.not.toThrow(/learning rate|maxGradientNorm|rewardScale/)
    await learn({ observation }, { engine, normalizeObservations: true })
  })

  test.each([1e22, 3e38])('rewards of %d are named, and rewardScale', async reward => {
    const failure = learn({ reward }, { engine })
    await expect(failure).rejects.toThrow(
      /Its rewards, times rewardScale, are as large as .* Set a rewardScale/,
    )
    await expect(failure).rejects.not.toThrow(/learning rate|maxGradientNorm|normalizeObservations/)
    await learn({ reward }, { engine, rewardScale: 1 / reward })
  })
})

describe('a batch', () => {
  const sound = { observation: [1, 2, -3, 4], nextObservation: [1, 2, 3, 4], reward: [0, 1] }

  test('whose next observations alone are large', () => {
    expect(remedyFor({ ...sound, nextObservation: [1, 2, -5e9, 4] })).toMatch(/element 0 is -5.0e\+9/)
  })

  test('with both too large gets both remedies', () => {
    const remedy = remedyFor({ ...sound, observation: [1, 2e6, 3, 4], reward: [-1e7, 0] })
    expect(remedy).toMatch(
      /element 1 is 2.0e\+6\. Set normalizeObservations.* as large as -1.0e\+7\. Set a rewardScale/,
    )
  })

  test('of sound sizes', () => {
    expect(remedyFor(sound)).toMatch(/smaller learning rates/)
  })
})
