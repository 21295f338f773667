import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { input, matmul, relu, scale } from '../../../src/graph/operations.ts'
import type { ProgramDefinition } from '../../../src/graph/program.ts'
import { ShapeError } from '../../../src/graph/tensor.ts'
import { lowerToWasm } from '../../../src/graph/wasm/lower.ts'
import { loadNativeProduct } from '../../../src/graph/wasm/native-product.ts'
import { compileWasm } from '../../../src/graph/wasm/program.ts'
import { randomizer } from './heap.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const layer = (rows: number, inputs: number, outputs: number): ProgramDefinition => {
  const x = input('x', [rows, inputs])
  const kernel = input('kernel', [inputs, outputs])
  const bias = input('bias', [1, outputs])
  const y = relu(matmul(x, kernel, { bias }))
  return { inputs: { x }, state: { kernel, bias }, steps: { forward: { updates: {}, outputs: { y } } } }
}

describe('what cannot run says so', () => {
  test('no SIMD', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
    await expect(compileWasm(layer(1, 1, 1))).rejects.toThrow(/no WebAssembly SIMD.*Update it/)
  })

  test('no WebAssembly at all', async () => {
    vi.stubGlobal('WebAssembly', undefined)
    await expect(compileWasm(layer(1, 1, 1))).rejects.toThrow(/no WebAssembly SIMD/)
  })

  test('more than WebAssembly can address', async () => {
    await expect(compileWasm(layer(40_000, 10, 40_000))).rejects.toThrow(
      /needs \d+ MiB; WebAssembly has at most 4096/,
    )
  })

  test('more than the platform gives', async () => {
    vi.stubGlobal('WebAssembly', {
      ...WebAssembly,
      validate: WebAssembly.validate,
      Memory: class {
        constructor() {
          throw new RangeError('could not allocate memory')
        }
      },
    })
    await expect(compileWasm(layer(10, 10, 10))).rejects.toThrow(
      /needs 1 MiB, which the platform does not give/,
    )
  })

  test('more than two axes', async () => {
    const x = input('x', [2, 3, 4])
    const program = { inputs: { x }, state: {}, steps: { step: { updates: {}, outputs: { y: relu(x) } } } }
    await expect(compileWasm(program)).rejects.toThrow(ShapeError)
    await expect(compileWasm(program)).rejects.toThrow(/\[2, 3, 4\] has more than two axes/)
  })

  test('a program that contradicts itself', async () => {
    const { inputs, state, steps } = layer(2, 3, 4)
    const misnamed = { inputs: { z: inputs.x }, state, steps }
    await expect(compileWasm(misnamed)).rejects.toThrow(/z must be an input tensor of that name/)
    const both = { step: { ...steps.step, updates: { kernel: state.kernel }, synchronous: true } }
    await expect(compileWasm({ inputs, state, steps: both })).rejects.toThrow(/may not update state/)
    const unknown = { inputs, state, steps: { step: { updates: { weights: inputs.x }, outputs: {} } } }
    await expect(compileWasm(unknown)).rejects.toThrow(/updates weights, which is not in the state/)
    const misshapen = { inputs, state, steps: { step: { updates: { kernel: inputs.x }, outputs: {} } } }
    await expect(compileWasm(misshapen)).rejects.toThrow(/kernel of shape \[3, 4\] with \[2, 3\]/)
  })
})

describe('two phases', () => {
  test('state changes at commit, and not before', async () => {
    const x = input('x', [1, 3])
    const total = input('total', [1, 3])
    const updates = { total: relu(x) }
    const program = await compileWasm({
      inputs: { x },
      state: { total },
      steps: { step: { updates, outputs: {} } },
    })
    program.inputs.x.set([1, -2, 3])
    program.run('step')
    expect([...program.state('total')]).toEqual([0, 0, 0])
    program.commit()
    expect([...program.state('total')]).toEqual([1, 0, 3])
    program.commit() // nothing is left to commit
    expect([...program.state('total')]).toEqual([1, 0, 3])
  })
})

test('subnormal numbers do not linger in the state, where some processors would be slow with them', async () => {
  const x = input('x', [1, 3])
  const total = input('total', [1, 3])
  const step = { updates: { total: scale(x, 1) }, outputs: { same: relu(x) } }
  const program = await compileWasm({ inputs: { x }, state: { total }, steps: { step } })
  program.inputs.x.set([1e-40, 1e-30, 2])
  program.run('step')
  program.commit()
  expect([...program.state('total')]).toEqual([0, 1e-30, 2].map(Math.fround))
  expect(program.outputs.same[0]).toBe(Math.fround(1e-40))
})

test('where memory may not be shared, one thread works, and says so', async () => {
  vi.stubGlobal('crossOriginIsolated', false)
  const program = await compileWasm(layer(64, 64, 64), { threads: 2 })
  expect(program.engine).toBe('WebAssembly, 1 thread')
  expect(program.notice).toMatch(/not cross-origin isolated.*same result/)
})

test('a program whose threads have ended still runs, alone, to the same result', async () => {
  const program = await compileWasm(layer(64, 64, 64), { threads: 2 })
  for (const name of ['kernel', 'bias']) program.state(name).fill(0.5)
  program.inputs.x.fill(1)
  program.run('forward')
  const before = program.outputs.y.slice()
  await program.dispose()
  program.outputs.y.fill(0)
  program.run('forward')
  expect(program.outputs.y).toEqual(before)
})

test('wasm-fast says whether it is there', async () => {
  const program = await compileWasm(layer(2, 3, 4), { relaxed: true })
  expect(`${program.engine} ${program.notice}`).toMatch(/with fused multiply-add|no fused multiply-add/)
})

describe('a native product', () => {
  const { product } = loadNativeProduct()

  test.skipIf(!product)('computes the same with any number of threads, each having loaded it', async () => {
    const results = []
    for (const threads of [1, 2, 3]) {
      const program = await compileWasm(layer(70, 300, 90), { threads, product })
      expect(program.engine).toMatch(/^WebAssembly with native products \([\w-]+\), \d threads?$/)
      expect(program.notice).toBeUndefined()
      const random = randomizer(3)
      for (const values of [program.inputs.x, program.state('kernel'), program.state('bias')]) {
        values.forEach((_, i) => {
          values[i] = random() - 0.5
        })
      }
      program.run('forward')
      results.push(program.outputs.y.slice())
      await program.dispose()
    }
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
    expect(results[0].filter(y => y > 0).length).toBeGreaterThan(1000)
  })
})

test('the generated code in the documentation is what is generated', () => {
  const documented = readFileSync(new URL('../../../docs/engines.md', import.meta.url), 'utf8')
  const { module } = lowerToWasm(layer(4, 3, 5), { relaxed: false, threads: 1 })
  const text = module.text()
  const step = text.slice(text.indexOf('  (func $forward'), text.lastIndexOf('\n)'))
  expect(documented).toContain(step)
})
