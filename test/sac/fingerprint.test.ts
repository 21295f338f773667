import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { fingerprint } from '../../tools/fingerprint.ts'

const committed = readFileSync(new URL('./fingerprint.txt', import.meta.url), 'utf8').trim()

test('3,000 steps of Pendulum-v1 give the committed weights, bit for bit', async () => {
  expect(await fingerprint()).toBe(committed)
})

test.each<SacOptionsInput>([
  { algorithm: 'droq', updatesPerStep: 1, policyDelay: 2, dropout: 0.1 },
  { algorithm: 'tqc', critics: 2 },
  { algorithm: 'crossq', batchRenormWarmup: 5 },
  { criticWeightDecay: 0.1, weightDecayOn: 'kernels', layerNorm: true, critics: 3, targetCritics: 2 },
])('%o gives the same bits with any number of threads', async member => {
  const wide = { hiddenSizes: [160], criticHiddenSizes: [150, 140], batchSize: 128, learningStarts: 150 }
  const one = await fingerprint({ ...wide, ...member, threads: 1 }, 160)
  for (const threads of [2, 3]) expect(await fingerprint({ ...wide, ...member, threads }, 160)).toBe(one)
})

test('several threads give the same bits as one', async () => {
  // Wide enough for products and loops that threads share.
  const wide = { hiddenSizes: [160, 130], batchSize: 128, learningStarts: 150 }
  const one = await fingerprint({ ...wide, threads: 1 }, 190)
  for (const threads of [2, 3]) expect(await fingerprint({ ...wide, threads }, 190)).toBe(one)
  for (const threads of [1, 2]) {
    expect(await fingerprint({ ...wide, threads, background: true }, 190)).toBe(one)
  }
})
