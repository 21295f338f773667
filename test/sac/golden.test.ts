import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadNativeProduct } from '../../src/graph/wasm/native-product.ts'
import type { Engine } from '../../src/sac/engine.ts'
import { type GoldenFile, replayGolden } from '../../tools/golden.ts'

const folder = new URL('../golden/', import.meta.url)
const load = (file: string): GoldenFile => JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name =>
  name.endsWith('.json'),
)

/** Threads and fused multiply-add change nothing that a member would show and others would not. */
const few = ['auto-temperature.json', 'delayed.json', 'fixed-temperature.json', 'family/crossq-renorm.json']

const engines: (Engine & { files: string[] })[] = [
  { kind: 'wasm', threads: 1, files },
  { kind: 'wasm', threads: 2, files: few },
  { kind: 'wasm-fast', threads: 1, files: few },
  // For each platform a package of its own.
  ...(loadNativeProduct().product
    ? [1, 2].map(threads => ({ kind: 'native' as const, threads, files: few }))
    : []),
  { kind: 'onnx', threads: 1, files },
]

describe.each(engines)('whole updates agree with float64 references: $kind, $threads thread(s)', engine => {
  test.each(engine.files)('%s', async file => {
    const comparisons = await replayGolden(load(file), engine.kind, engine.threads)
    expect(comparisons.length).toBeGreaterThan(25)
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
      'targets',
      ({ options }) => {
        options.tau = 0.01
      },
    ],
    [
      'target update interval',
      'targets',
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
      'critics',
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
