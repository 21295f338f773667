/** Steps that run beside the caller's thread. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { add, input, matmul, relu, tanh } from '../../../src/graph/operations.ts'
import type { ProgramDefinition } from '../../../src/graph/program.ts'
import type { WasmOptions } from '../../../src/graph/wasm/instance.ts'
import { compileWasm } from '../../../src/graph/wasm/program.ts'
import { randomizer } from './heap.ts'

afterEach(() => vi.unstubAllGlobals())

const SIZE = 160

/** A step that takes a while, and one that has to answer at once, both with products and intermediate values. */
const definition = (): ProgramDefinition => {
  const x = input('x', [SIZE, SIZE])
  const row = input('row', [1, SIZE])
  const kernel = input('kernel', [SIZE, SIZE])
  let y = x
  for (let i = 0; i < 30; i++) y = tanh(matmul(relu(matmul(y, kernel)), kernel))
  const answer = tanh(matmul(relu(matmul(row, kernel)), kernel))
  return {
    inputs: { x, row },
    state: { kernel },
    steps: {
      learn: { updates: { kernel: add(kernel, y) }, outputs: { y } },
      act: { updates: {}, outputs: { answer }, synchronous: true },
    },
  }
}

async function ready(options: WasmOptions) {
  const program = await compileWasm(definition(), options)
  const random = randomizer(11)
  for (const values of [program.inputs.x, program.inputs.row, program.state('kernel')]) {
    values.forEach((_, i) => {
      values[i] = (random() - 0.5) / 4
    })
  }
  return program
}

describe.each([1, 2, 3])('with %d thread(s) in the background', threads => {
  test('the result is that of the caller’s thread, which is free meanwhile and can act', async () => {
    const here = await ready({})
    here.run('act')
    const before = here.outputs.answer.slice()
    here.run('learn')
    here.commit()
    here.run('act')

    const program = await ready({ threads, background: true })
    expect(program.engine).toBe(`WebAssembly, ${threads} thread${threads > 1 ? 's' : ''} in the background`)
    const running = program.run('learn')
    expect(running).toBeInstanceOf(Promise)
    let turns = 0
    const count = setInterval(() => turns++, 0)
    let done = false
    const finished = (running as Promise<void>).then(() => {
      done = true
    })
    // Acting reads what was learned before, and neither disturbs the other.
    let acted = 0
    while (!done) {
      program.outputs.answer.fill(0)
      expect(program.run('act')).toBeUndefined()
      expect(program.outputs.answer).toEqual(before)
      acted++
      await new Promise(resolve => setImmediate(resolve))
    }
    await finished
    clearInterval(count)
    expect(acted).toBeGreaterThan(1)
    expect(turns).toBeGreaterThan(0)
    expect(program.outputs.y).toEqual(here.outputs.y)
    program.commit()
    expect(program.state('kernel')).toEqual(here.state('kernel'))
    program.run('act')
    expect(program.outputs.answer).toEqual(here.outputs.answer)

    // The end waits for what runs; afterwards the caller's thread computes by itself.
    const last = program.run('learn')
    await program.dispose()
    await last
    program.commit()
    here.run('learn')
    here.commit()
    expect(program.state('kernel')).toEqual(here.state('kernel'))
    expect(program.run('learn')).toBeUndefined()
  })
})

test('where memory may not be shared, the caller’s thread does all, and says so', async () => {
  vi.stubGlobal('crossOriginIsolated', false)
  const program = await ready({ background: true })
  expect(program.engine).toBe('WebAssembly, 1 thread')
  expect(program.notice).toMatch(/not cross-origin isolated.*the caller's works alone, with the same result/)
  expect(program.run('learn')).toBeUndefined()
})
