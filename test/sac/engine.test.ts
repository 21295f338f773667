/** Engines under a whole agent: which one is taken, and that native products give the weights of `wasm-fast`. */
import { createHash } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { availableCores } from '../../src/available-cores.ts'
import { box } from '../../src/env/spaces.ts'
import { loadNativeProduct, type NativeProduct } from '../../src/graph/wasm/native-product.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { chooseEngine, compile } from '../../src/sac/engine.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'

// Node 20 has relaxed SIMD, but behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd')

vi.mock(import('../../src/graph/wasm/native-product.ts'), async original => {
  const actual = await original()
  return { loadNativeProduct: vi.fn(actual.loadNativeProduct) }
})
const here = loadNativeProduct()

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [17] }),
  actionSpace: box({ low: -1, high: 1, shape: [6] }),
}

const bytesOfArrays = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
    : value

/** The SHA-256 of all there is to an agent after some updates, and what runs it. */
async function learned(options: SacOptionsInput): Promise<{ hash: string; engine: string; notice?: string }> {
  const agent = await SAC.create(spaces, { learningStarts: 2, bufferSize: 100, seed: 3, ...options })
  const random = createRandom(5, 'transitions')
  const vector = (size: number) => Array.from({ length: size }, () => random.uniform(-1, 1))
  for (let i = 0; i < 60; i++) {
    const [observation, nextObservation, [reward]] = [vector(17), vector(17), vector(1)]
    agent.observe({ observation, action: vector(6), reward, nextObservation, terminated: i % 7 === 0 })
  }
  for (let i = 0; i < 2; i++) await agent.update()
  const { engine, engineNotice: notice } = agent
  const hash = createHash('sha256').update(JSON.stringify(agent.state(), bytesOfArrays)).digest('hex')
  await agent.dispose()
  return { hash, engine, notice }
}

describe.skipIf(/no fused multiply-add/.test(here.reason ?? ''))('weights of native products', () => {
  test.each<[string, SacOptionsInput]>([
    ['ReLU', { hiddenSizes: [64, 64], batchSize: 64 }],
    ['tanh', { hiddenSizes: [64, 96], batchSize: 32, activation: 'tanh' }],
    ['odd sizes', { hiddenSizes: [33, 1, 47], batchSize: 19, policyDelay: 2 }],
    ['long rows', { hiddenSizes: [1030, 4], batchSize: 8, maxGradientNorm: 1 }],
  ])('%s: are those of wasm-fast, with one thread and with two', async (_, options) => {
    const fast = await learned({ ...options, engine: 'wasm-fast', threads: 1 })
    expect(fast.engine).toContain('fused multiply-add')
    for (const threads of [1, 2]) {
      const native = await learned({ ...options, engine: 'native', threads })
      expect(native.engine).toMatch(new RegExp(`native products .*, ${threads} thread`))
      expect(native.notice).toBeUndefined()
      expect(native.hash).toBe(fast.hash)
    }
  })
})

describe('the choice of an engine', () => {
  afterEach(() => {
    vi.mocked(loadNativeProduct).mockReset()
  })
  const choose = (engine: 'auto' | 'native' | 'wasm', found: NativeProduct, width = 256, batchSize = 256) => {
    vi.mocked(loadNativeProduct).mockReturnValue(found)
    return chooseEngine({ engine, threads: 1, batchSize, hiddenSizes: [width], criticHiddenSizes: 'same' })
  }
  const there: NativeProduct = { product: { name: '', path: '', bind: () => () => {} } }
  const missing: NativeProduct = { reason: 'the package is not installed', remedy: 'install it' }
  const impossible: NativeProduct = { reason: 'there are none for this platform' }

  test('auto takes native products for large networks, and the same bits everywhere for small ones', () => {
    expect(choose('auto', there)).toEqual({ kind: 'native', threads: 1 })
    expect(choose('auto', there, 64, 64)).toEqual({ kind: 'wasm', threads: 1 })
  })

  test('what is named is taken', () => {
    expect(choose('wasm', there)).toEqual({ kind: 'wasm', threads: 1 })
    expect(choose('native', there, 64, 64)).toEqual({ kind: 'native', threads: 1 })
  })

  test('auto says what would be faster, if something can be done for it', () => {
    const notice = 'updates would be faster after: install it'
    expect(choose('auto', missing)).toEqual({ kind: 'wasm-fast', threads: 1, notice })
    expect(choose('auto', impossible)).toEqual({ kind: 'wasm-fast', threads: 1 })
    expect(choose('auto', missing, 64, 64)).toEqual({ kind: 'wasm', threads: 1 })
  })

  test.each<[NativeProduct, notice: string]>([
    [
      missing,
      'the package is not installed, so WebAssembly computes all products, more slowly (to change that: install it)',
    ],
    [impossible, 'there are none for this platform, so WebAssembly computes all products, more slowly'],
  ])('native falls back to the same arithmetic and says why: %o', (found, notice) => {
    expect(choose('native', found)).toEqual({ kind: 'wasm-fast', threads: 1, notice })
  })

  test('which the agent passes on', async () => {
    vi.mocked(loadNativeProduct).mockReturnValue(missing)
    const { notice, engine } = await learned({ engine: 'native', hiddenSizes: [8], batchSize: 4 })
    expect(engine).toMatch(/^WebAssembly with fused multiply-add/)
    expect(notice).toMatch(/^the package is not installed, so WebAssembly computes all products/)
  })

  test('whoever compiles for native products must have them', async () => {
    vi.mocked(loadNativeProduct).mockReturnValue(missing)
    const nothing = { inputs: {}, state: {}, steps: {} }
    await expect(compile(nothing, { kind: 'native', threads: 1 })).rejects.toThrow(
      "Engine 'native' cannot run: the package is not installed. Take engine 'wasm-fast' or 'wasm'.",
    )
  })

  test.each([
    [64, 64, 1],
    [256, 256, Math.min(4, availableCores())],
  ])('layers of %d, batches of %d: %d thread(s)', (width, batchSize, threads) => {
    const sizes = { batchSize, hiddenSizes: [width], criticHiddenSizes: 'same' as const }
    expect(chooseEngine({ engine: 'wasm', threads: 'auto', ...sizes })).toEqual({
      kind: 'wasm',
      threads,
    })
  })
})

describe("option 'background'", () => {
  const nothing = { inputs: {}, state: {}, steps: {} }

  test('reaches the program', async () => {
    const options = { engine: 'wasm', threads: 1, background: true, batchSize: 4, hiddenSizes: [8] } as const
    const engine = chooseEngine({ ...options, hiddenSizes: [8], criticHiddenSizes: 'same' })
    const program = await compile(nothing, engine)
    expect(program.engine).toBe('WebAssembly, 1 thread in the background')
    await program.dispose()
  })
})
