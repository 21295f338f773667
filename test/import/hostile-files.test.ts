/** Files made to take time or memory: the work is bounded by their size. */
import { strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { readPickle } from '../../src/import/pickle.ts'
import { readStateDict } from '../../src/import/pytorch.ts'
import { importStableBaselines3 } from '../../src/import/stable-baselines3.ts'
import { readVecNormalize } from '../../src/import/vec-normalize.ts'
import { createRandom } from '../../src/random.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { archive, bytes, fixture, pickle, pickledTensor, pytorchFile, withData } from './stable-baselines3.ts'

/** Milliseconds: a busy machine takes tens for these files; what they provoked took many seconds. */
const SOON = 1000

/** Milliseconds that something takes, whatever becomes of it, and the error it ends with. */
function outcome(work: () => unknown): { time: number; error?: unknown } {
  const started = performance.now()
  try {
    work()
  } catch (error) {
    return { time: performance.now() - started, error }
  }
  return { time: performance.now() - started }
}

describe('text that patterns read in quadratic time', () => {
  const long = 100_000
  test.each([
    ['letters before a character of none', `${'a'.repeat(long)}é`],
    ['brackets', `<class '${'('.repeat(long)}`],
    ['beginnings of class names', "<class '".repeat(long / 8)],
    ['spaces', `ReLU${' '.repeat(long)}x`],
  ])('in the name of an activation: %s', (_, activation_fn) => {
    const { time, error } = outcome(() =>
      importStableBaselines3(withData({ policy_kwargs: { activation_fn } })),
    )
    expect(error).toBeInstanceOf(ModelFileError)
    expect(time).toBeLessThan(SOON)
    expect((error as Error).message.length).toBeLessThan(700)
  })

  test.each([
    ['digits', `auto_${'1'.repeat(long)}x`],
    ['digits behind a point', `auto_0.${'1'.repeat(long)}x`],
    ['an exponent', `auto_1e${'1'.repeat(long)}x`],
  ])('in a temperature: %s', (_, temperature) => {
    const { time, error } = outcome(() => parseSacOptions({ temperature }))
    expect(error).toBeInstanceOf(Error)
    expect(time).toBeLessThan(SOON)
    // In a file of Stable-Baselines3, too; there the tensors say what it is.
    expect(outcome(() => importStableBaselines3(withData({ ent_coef: temperature }))).time).toBeLessThan(SOON)
  })

  test('in bounds, and in settings without end', () => {
    const deep = '['.repeat(50_000) + ']'.repeat(50_000)
    const data = `{"train_freq": ${deep}, "action_noise": ${deep}, "unknown": ${deep}, "policy_kwargs": {"activation_fn": ${deep}}}`
    const { time, error } = outcome(() => importStableBaselines3(archive({ data: strToU8(data) })))
    expect(error).toBeInstanceOf(ModelFileError)
    expect(time).toBeLessThan(SOON)
    const low = `[${' '.repeat(long)}-`
    expect(outcome(() => importStableBaselines3(withData({ action_space: { low } }))).time).toBeLessThan(SOON)
  })

  test('temperatures that were allowed still are', () => {
    for (const temperature of ['auto', 'auto_0.1', 'auto_.5', 'auto_12', 'auto_1e-3', 'auto_2.5e2']) {
      expect(parseSacOptions({ temperature }).temperature).toBe(temperature)
    }
    for (const temperature of ['auto_', 'auto_1.', 'auto_.', 'auto_1e', 'auto_-1', 'auto_1.2.3']) {
      expect(() => parseSacOptions({ temperature }), temperature).toThrow(/temperature/)
    }
  })
})

describe('tensors', () => {
  const storage = new Float32Array(100_000)

  test('that share a storage read their own elements, not all of it', () => {
    const one = (first: number) =>
      pickledTensor('0', { first, shape: [1], strides: [1], count: storage.length })
    const tensors = Array.from({ length: 3000 }, (_, i): [string, string] => [`t${i}`, one(i)])
    const file = pytorchFile(tensors, { 0: Float32Array.from(storage, (_, i) => i) })
    const { time } = outcome(() =>
      expect(readStateDict(file, 'it').t2999.data).toEqual(Float32Array.of(2999)),
    )
    expect(time).toBeLessThan(SOON)
  })

  test.each([
    ['its whole storage', { shape: [100_000], strides: [1] }],
    ['one number over and over', { shape: [100_000], strides: [0] }],
  ])('that each claim %s are refused', (_, place) => {
    const one = pickledTensor('0', { ...place, count: storage.length })
    const tensors = Array.from({ length: 3000 }, (_, i): [string, string] => [`t${i}`, one])
    const { time, error } = outcome(() => readStateDict(pytorchFile(tensors, { 0: storage }), 'it'))
    expect((error as Error).message).toContain('it has tensors of more numbers than there are in it')
    expect(time).toBeLessThan(SOON)
  })

  test('of more axes than any layer are refused', () => {
    const axes = Array.from({ length: 2000 }, () => 1)
    const tensor = pickledTensor('0', { shape: axes, strides: axes, count: 1 })
    const file = pytorchFile([['x', tensor]], { 0: new Float32Array(1) })
    expect(() => readStateDict(file, 'it')).toThrow(/do not fit/)
  })
})

describe('pickles', () => {
  const context = { globals: {}, persistent: () => null }

  test('of a million dictionaries are refused', () => {
    const { time, error } = outcome(() =>
      readPickle(pickle(`\x80\x02${'}'.repeat(1_000_000)}.`), 'it', context),
    )
    expect((error as Error).message).toContain('takes more than 100000 operations')
    expect(time).toBeLessThan(SOON)
  })

  test('that double what they hold are never written out', () => {
    // A tuple of the one before, twice, forty times over: 2^40 numbers if someone prints it.
    const doubling = Array.from({ length: 40 }, (_, i) => {
      const index = String.fromCharCode(i)
      return `q${index}h${index}\x86`
    }).join('')
    const nested = `K\x01${doubling}`
    for (const value of [`}${nested}K\x01s`, `}X\x01\0\0\0x${nested}s`, nested]) {
      const file = zipSync({ 'a/data.pkl': pickle(`\x80\x02${value}.`) })
      const { time, error } = outcome(() => readStateDict(file, 'it'))
      expect(error).toBeInstanceOf(ModelFileError)
      expect(time).toBeLessThan(SOON)
    }
  })

  test('of nested archives share one bound', () => {
    const inner = zipSync({ 'a/data.pkl': strToU8(' '.repeat(3_000_000)) }, { level: 9 })
    const outer = zipSync({ ...unzipSync(bytes), 'policy.pth': inner }, { level: 9 })
    const { time, error } = outcome(() => importStableBaselines3(outer))
    expect((error as Error).message).toMatch(/policy.pth .*its files take more than \d+ bytes/)
    expect(time).toBeLessThan(SOON)
  })
})

test('what a terminal would obey does not reach it', () => {
  const version = strToU8(`2.4.1\x1b]0;title\x07\u009b31m${'x'.repeat(1000)}`)
  const { source } = importStableBaselines3(archive({ _stable_baselines3_version: version }))
  expect(source).toMatch(/^Stable-Baselines3 2\.4\.1\P{C}{1,60}$/u)
  const activation = () => importStableBaselines3(withData({ policy_kwargs: { activation_fn: '\x1b[2J' } }))
  expect(activation).toThrow(/activation_fn is \P{C}+$/u)
  const { notes } = importStableBaselines3(withData({ action_noise: '\x1b[2J', 'odd\x1b[2J': 1 }))
  expect(notes.join('')).toMatch(/^\P{C}+$/u)
})

test.each([
  ['data', 1, 'json'],
  ['policy.pth', 2, 'zip'],
  ['pytorch_variables.pth', 3, 'zip'],
])('%s damaged in any way, with checksums that fit, is refused or read, soon', (name, seed, kind) => {
  const random = createRandom(seed, 'damage')
  const files = unzipSync(bytes)
  const started = performance.now()
  let refused = 0
  for (let round = 0; round < 100; round++) {
    const parts = kind === 'zip' ? unzipSync(files[name]) : { data: files[name] }
    const paths = Object.keys(parts)
    // Every other time the first part: of an archive the pickle.
    const part = parts[paths[round % 2 ? 0 : random.integer(paths.length)]]
    for (let i = 0; i < 1 + random.integer(3); i++) part[random.integer(part.length)] = random.integer(256)
    const changed = kind === 'zip' ? zipSync(parts, { level: 0 }) : parts.data
    const { error } = outcome(() => importStableBaselines3(archive({ [name]: changed })))
    if (error === undefined) continue
    expect(error).toBeInstanceOf(ModelFileError)
    refused++
  }
  expect(refused).toBeGreaterThan(20)
  expect(performance.now() - started).toBeLessThan(20_000)
})

test.each([
  ['a state dictionary of before', unzipSync(fixture('legacy.zip'))['policy.pth'], readStateDict],
  ['the file of VecNormalize', fixture('vec_normalize.pkl'), (file: Uint8Array) => readVecNormalize(file, 3)],
] as const)('%s damaged in any way is refused or read, soon', (_, whole, read) => {
  const random = createRandom(4, 'damage')
  const started = performance.now()
  let refused = 0
  for (let round = 0; round < 600; round++) {
    const damaged = whole.slice(0, round % 5 === 0 ? 1 + random.integer(whole.length) : undefined)
    damaged[random.integer(damaged.length)] = random.integer(256)
    const { error } = outcome(() => read(damaged, 'it'))
    if (error === undefined) continue
    expect(error).toBeInstanceOf(ModelFileError)
    refused++
  }
  expect(refused).toBeGreaterThan(100)
  expect(performance.now() - started).toBeLessThan(20_000)
})
