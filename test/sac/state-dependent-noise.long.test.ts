import { expect, test } from 'vitest'
import { trainAgent } from '../../src/training/train-agent.ts'

test('noise that depends on the state learns Pendulum-v1 in 4,000 steps', async () => {
  const { evaluation } = await trainAgent('Pendulum-v1', {
    steps: 4000,
    stateDependentNoise: true,
    stateDependentNoiseSteps: 8,
    stateDependentNoiseStart: -1,
    engine: 'wasm',
  })
  // Random actions give about -1,200.
  expect(evaluation!.mean).toBeGreaterThan(-200)
}, 30_000)
