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
    ? [1, 2].map(threads => ({ kind: 'native' as const, threads, files: threads === 1 ? files : few }))
    : []),
]

describe.each(engines)('whole updates agree with float64 references: $kind, $threads thread(s)', engine => {
  test.each(engine.files)('%s', async file => {
    const comparisons = await replayGolden(load(file), engine.kind, engine.threads)
    expect(comparisons.length).toBeGreaterThan(25)
    expect(comparisons.filter(row => !row.passed)).toEqual([])
  })
})

describe('a reference of the family with another option does not pass', () => {
  const changes: [file: string, option: string, value: unknown, quantity: string][] = [
    ['td3', 'target_noise', 0.1, 'target'],
    ['td3', 'target_noise_clip', 0.1, 'target'],
    ['td3', 'target_update_interval', 1, 'target_actor'],
    ['redq', 'subset_size', 4, 'target'],
    ['droq', 'dropout', 0.1, 'target'],
    ['crossq-batch', 'renorm_warmup', 0, 'q'],
    ['crossq-renorm', 'renorm_form', 'sbx', 'q'],
    ['crossq-renorm', 'norm_momentum', 0.9, 'statistics of the critics'],
    ['crossq-renorm', 'renorm_r_max', 1.1, 'q'],
    ['crossq-renorm', 'renorm_d_max', 0.1, 'q'],
    ['sac-layernorm', 'layer_norm_eps', 0.1, 'q'],
    ['sac-beta1', 'adam_beta1', 0.9, 'critics'],
    ['sac-beta1', 'alpha_beta1', 0.9, 'log_alpha'],
    ['sac-decay', 'decays', 'kernels', 'actor'],
    ['sac-discrete', 'target_entropy', 0.5, 'log_alpha'],
    ['sac-discrete', 'critic_lr', 0.002, 'critics'],
    ['sac-discrete', 'tau', 0.1, 'targets'],
    ['sac-decay', 'critic_weight_decay', 0.2, 'critics'],
  ]
  test.each(changes)('%s: %s %s shows in %s', async (file, option, value, quantity) => {
    const golden = load(`family/${file}.json`)
    const changed = { ...golden, options: { ...golden.options, [option]: value } }
    const failing = (await replayGolden(changed)).filter(row => !row.passed)
    expect(failing.map(row => row.quantity)).toContain(quantity)
  })

  test.each([
    ['td3', 'next_action'],
    ['redq', 'next_q'],
    ['droq', 'critic_losses'],
    ['tqc', 'next_atoms'],
    ['tqc', 'kept_atoms'],
    ['crossq-renorm', 'next_action'],
    ['sac-discrete', 'next_q'],
    ['sac-discrete', 'next_probabilities'],
    ['sac-discrete', 'probabilities'],
    ['sac-discrete', 'entropy'],
    ['sac-discrete', 'critic_losses'],
  ])('%s: another number shows in %s alone', async (file, quantity) => {
    const golden = load(`family/${file}.json`)
    const [first] = golden.updates
    const [wrong] = JSON.parse(
      JSON.stringify([first[quantity]], (_, value) => (typeof value === 'number' ? value + 0.01 : value)),
    )
    const changed = { ...golden, updates: [{ ...first, [quantity]: wrong }] }
    const failing = (await replayGolden(changed)).filter(row => !row.passed)
    expect(failing.map(row => row.quantity)).toEqual([quantity])
  })

  test('a setting that nothing here knows is an error, not ignored', async () => {
    const golden = load('family/td3.json')
    const changed = { ...golden, options: { ...golden.options, adam_nesterov: true } }
    await expect(replayGolden(changed)).rejects.toThrow(/settings that are not known: adam_nesterov/)
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
