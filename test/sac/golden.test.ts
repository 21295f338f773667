import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadNativeProduct } from '../../src/graph/wasm/native-product.ts'
import type { Engine } from '../../src/sac/engine.ts'
import { type GoldenFile, replayGolden } from '../../tools/golden.ts'

const folder = new URL('../golden/', import.meta.url)
const load = (file: string): GoldenFile => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
const files = readdirSync(folder).filter(name => name.endsWith('.json'))

const engines: Engine[] = [
  { kind: 'wasm', threads: 1 },
  { kind: 'wasm', threads: 2 },
  { kind: 'wasm-fast', threads: 1 },
  // For each platform a package of its own.
  ...(loadNativeProduct().product ? ([1, 2].map(threads => ({ kind: 'native', threads })) as Engine[]) : []),
  { kind: 'onnx', threads: 1 },
]

describe.each(engines)('whole updates agree with float64 references: $kind, $threads thread(s)', engine => {
  test.each(files)('%s', async file => {
    const comparisons = await replayGolden(load(file), engine.kind, engine.threads)
    expect(comparisons.length).toBeGreaterThan(40)
    expect(comparisons.filter(row => !row.passed)).toEqual([])
  })
})

describe('a reference with another option does not pass', () => {
  const failing = async (change: (golden: GoldenFile) => void) => {
    const golden = load('auto-temperature.json')
    change(golden)
    return new Set((await replayGolden(golden)).filter(row => !row.passed).map(row => row.quantity))
  }
  const changes: [name: string, quantity: string, change: (golden: GoldenFile) => void][] = [
    [
      'gamma',
      'target',
      ({ options }) => {
        options.gamma = 0.98
      },
    ],
    [
      'tau',
      'target1',
      ({ options }) => {
        options.tau = 0.01
      },
    ],
    [
      'target update interval',
      'target2',
      ({ options }) => {
        options.target_update_interval = 2
      },
    ],
    [
      'policy delay',
      'actor',
      ({ options }) => {
        options.policy_delay = 2
      },
    ],
    [
      'target entropy',
      'log_alpha',
      ({ options }) => {
        options.target_entropy = 30
      },
    ],
    [
      'fixed temperature',
      'log_alpha',
      ({ options }) => {
        options.auto_alpha = 0
      },
    ],
    [
      'actor learning rate',
      'actor',
      ({ options }) => {
        options.actor_lr = 1e-3
      },
    ],
    [
      'critic learning rate',
      'critic2',
      ({ options }) => {
        options.critic_lr = 1e-3
      },
    ],
    [
      'a reward',
      'target',
      ({ updates }) => {
        updates[0].batch.reward[1] = 5
      },
    ],
  ]
  test.each(changes)('%s shows in %s', async (_, quantity, change) => {
    expect(await failing(change)).toContain(quantity)
  })
})
