/** Products that skip the rows of a choice that went elsewhere give the bits of those that do not. */
import { describe, expect, test } from 'vitest'
import { gradient } from '../../../src/graph/gradient.ts'
import { add, input, isAtMost, matmul, min, mul, relu, sub, sum } from '../../../src/graph/operations.ts'
import type { Tensor } from '../../../src/graph/tensor.ts'
import type { WasmOptions } from '../../../src/graph/wasm/instance.ts'
import { lowerToWasm } from '../../../src/graph/wasm/lower.ts'
import { loadNativeProduct } from '../../../src/graph/wasm/native-product.ts'
import { hasZeroRows } from '../../../src/graph/wasm/plan/zero-rows.ts'
import { compileWasm } from '../../../src/graph/wasm/program.ts'
import { createRandom } from '../../../src/random.ts'

const { product } = loadNativeProduct()
const [N, K] = [68, 72]

/** Of `rows` rows, those that a choice between p and q gives to p: with a mask, and without one. */
function definitionOf(rows: number, choose: (a: Tensor, p: Tensor, q: Tensor) => Tensor) {
  const inputs = {
    a: input('a', [rows, K]),
    b: input('b', [N, K]),
    h: input('h', [rows, N]),
    p: input('p', [rows, 1]),
    q: input('q', [rows, 1]),
  }
  const plain = matmul(choose(inputs.a, inputs.p, inputs.q), inputs.b, { transposeB: true })
  // The derivative of a ReLU, whose mask a product takes in.
  const hidden = relu(inputs.h)
  const again = matmul(choose(inputs.a, inputs.q, inputs.p), inputs.b, { transposeB: true })
  const [masked] = gradient(sum(mul(again, hidden)), [inputs.h])
  return { inputs, state: {}, steps: { step: { updates: {}, outputs: { plain, masked } } } }
}

const chosen = (a: Tensor, p: Tensor, q: Tensor) => mul(a, isAtMost(p, q))
/** The same numbers, without telling where rows of zeros come from. */
const unknown = (a: Tensor, p: Tensor, q: Tensor) => mul(a, add(isAtMost(p, q), sub(p, p)))

const isSkipping = (definition: ReturnType<typeof definitionOf>) =>
  lowerToWasm(definition, { relaxed: false, threads: 1 }).module.text().includes('$pick_rows')

describe.each<[string, WasmOptions]>([
  ['wasm, 1 thread', { threads: 1 }],
  ['wasm, 2 threads', { threads: 2 }],
  ...(product ? [['native, 2 threads', { threads: 2, product }] as [string, WasmOptions]] : []),
])('%s', (_, options) => {
  test.each<[string, number, (row: number) => number]>([
    ['every other row', 64, row => row % 2],
    ['rows at random', 101, row => Math.sin(row * row)],
    ['all rows', 40, () => -1],
    ['no row', 40, () => 1],
    ['the first and the last row', 37, row => (row % 36 === 0 ? -1 : 1)],
  ])('%s', async (_, rows, p) => {
    const definitions = [definitionOf(rows, chosen), definitionOf(rows, unknown)]
    expect(definitions.map(isSkipping)).toEqual([true, false])
    const found: Float32Array[][] = []
    for (const definition of definitions) {
      const program = await compileWasm(definition, options)
      const random = createRandom(1, 'zero rows')
      const { inputs, outputs } = program
      for (const name of ['a', 'b', 'h'] as const) random.fillNormal(inputs[name])
      // Rows that are not zero may begin and end with zeros.
      inputs.a.forEach((value, i) => {
        inputs.a[i] = i % K < 8 || i % K >= K - 8 ? 0 : value
      })
      inputs.p.forEach((_, row) => {
        inputs.p[row] = p(row)
      })
      for (const output of Object.values(outputs)) output.fill(Number.NaN)
      await program.run('step')
      found.push([outputs.plain.slice(), outputs.masked.slice()])
      await program.dispose()
    }
    expect(found[0]).toEqual(found[1])
    expect(found[0]![0]!.some(value => value !== 0) || p(1) > 0).toBe(true)
  })
})

test('both operands of a minimum have zero rows, and so has what is made of them row by row', () => {
  const [p, q] = [input('p', [4, 1]), input('q', [4, 1])]
  const [toP, toQ] = gradient(sum(mul(min(p, q), input('d', [4, 1]))), [p, q])
  const weights = input('w', [1, 3])
  expect([toP, toQ, matmul(toQ!, weights), mul(input('x', [4, 3]), toP!)].map(t => hasZeroRows(t!))).toEqual(
    Array(4).fill(true),
  )
  expect(hasZeroRows(matmul(toQ!, toP!, { transposeA: true }))).toBe(false)
  expect(hasZeroRows(matmul(toQ!, weights, { bias: weights }))).toBe(false)
  expect(hasZeroRows(isAtMost(input('x', [4, 3]), input('y', [4, 3])))).toBe(false)
})
