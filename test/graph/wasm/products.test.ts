import { expect, test } from 'vitest'
import { arithmeticOf, chooseProducts } from '../../../src/graph/wasm/products.ts'
import { compileWasm } from '../../../src/graph/wasm/program.ts'

const product = { name: 'AVX2', path: '/product.node', bind: () => () => {} }

test('descriptions of engines tell which of them give the same bits', async () => {
  const nothing = { inputs: {}, state: {}, steps: {} }
  const { engine: plain } = await compileWasm(nothing)
  const several = await compileWasm(nothing, { threads: 3, background: true })
  await several.dispose()
  const native = (await chooseProducts({ product }, false)).name
  const exact = [plain, several.engine, 'WebAssembly of 256 bits, 2 threads'].map(arithmeticOf)
  const fast = [native, 'WebAssembly of 256 bits with fused multiply-add, 1 thread'].map(arithmeticOf)
  expect(new Set(exact).size).toBe(1)
  expect(new Set(fast).size).toBe(1)
  expect(fast[0]).not.toBe(exact[0])
})
