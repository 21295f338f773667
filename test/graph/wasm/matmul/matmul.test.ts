import { describe, expect, it } from 'vitest'
import { supportsRelaxedSimd } from '../../../../src/graph/wasm/assembler/features.ts'
import { get, i32, op } from '../../../../src/graph/wasm/assembler/function-builder.ts'
import type { ModuleBuilder } from '../../../../src/graph/wasm/assembler/module-builder.ts'
import { BLOCK, importProduct } from '../../../../src/graph/wasm/matmul/imported.ts'
import { defineMatmul, type Product, type ProductForm } from '../../../../src/graph/wasm/matmul/matmul.ts'
import type { MatmulOptions } from '../../../../src/graph/wasm/matmul/sums.ts'
import { type BareTile, defineBareTile } from '../../../../src/graph/wasm/matmul/tile.ts'
import { fusedMultiplyAdd } from '../../../../tools/native-product.ts'
import { Heap, randomizer } from '../heap.ts'

interface Case {
  readonly form: ProductForm
  readonly m: number
  readonly n: number
  readonly k: number
  readonly bias?: boolean
  readonly activation?: 'relu' | 'double'
  readonly mask?: boolean
  /** Floats between the rows of each matrix. */
  readonly gap?: number
  /** The same for the mask alone. */
  readonly maskGap?: number
  /** Where the rows are cut into parts. */
  readonly cuts?: readonly number[]
}

/** The definition: sums in order, every operation rounded to float32. */
function reference(
  { form, m, n, k, bias, activation, mask, gap = 0, maskGap = gap }: Case,
  inputs: Record<string, Float32Array>,
) {
  const { a, b, biases, masks } = inputs as Record<'a' | 'b' | 'biases' | 'masks', Float32Array>
  const [aStride, bStride] = [(form[0] === 'T' ? m : k) + gap, (form[1] === 'T' ? k : n) + gap]
  const c = new Float32Array(m * (n + gap)).fill(Number.NaN)
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let l = 0; l < k; l++) {
        const x = a[form[0] === 'T' ? l * aStride + i : i * aStride + l]!
        const y = b[form[1] === 'T' ? j * bStride + l : l * bStride + j]!
        sum = Math.fround(sum + Math.fround(x * y))
      }
      if (bias) sum = Math.fround(sum + biases[j]!)
      if (activation === 'relu' && sum < 0) sum = 0
      if (activation === 'double') sum = Math.fround(sum + sum)
      if (mask && !(masks[i * (n + maskGap) + j]! > 0)) sum = 0
      c[i * (n + gap) + j] = sum
    }
  }
  return c
}

/** Who computes the products. All of them have the same arithmetic here, and thus the same bits. */
type Maker = 'tiles of four rows' | 'tiles of six rows' | 'bare tiles of four rows' | 'bare tiles of six rows'

const optionsOf = (module: ModuleBuilder, maker: Maker): MatmulOptions => {
  const height = maker.includes('six') ? 6 : 4
  if (!maker.startsWith('bare')) return { height }
  const tile = (width: 8 | 16) => defineBareTile(module, {}, { height, width }, `bare_${width}`)
  return {
    height,
    bareTiles: new Map([8, 16].map(width => [width, tile(width as 8)]) as [8 | 16, BareTile][]),
  }
}

/** Runs many products in one module and compares every bit, also of what lies around the results. */
function check(cases: readonly Case[], maker: Maker = 'tiles of four rows', pages = 128): void {
  const heap = new Heap(pages)
  const module = heap.builder()
  const double = module.function('double', { x: 'v128' }, ['v128'], (f, { x }) =>
    f.add(op('f32x4.add', get(x), get(x))),
  )
  const matmul = defineMatmul(module, { activations: [double], ...optionsOf(module, maker) })
  const random = randomizer(1)
  const checks = cases.map((test, index) => {
    const { form, m, n, k, bias, activation, mask, gap = 0, maskGap = gap, cuts = [] } = test
    const matrix = (rows: number, columns: number, between = gap): Float32Array =>
      Float32Array.from({ length: rows * (columns + between) }, (_, at) =>
        at % (columns + between) < columns ? 2 * random() - 1 : Number.NaN,
      )
    const inputs = {
      a: form[0] === 'T' ? matrix(k, m) : matrix(m, k),
      b: form[1] === 'T' ? matrix(n, k) : matrix(k, n),
      biases: matrix(1, n),
      masks: matrix(m, n, maskGap),
    }
    const address = (content: Float32Array) => i32(heap.allocate(content.length, content))
    const c = heap.allocate(m * (n + gap) + 4)
    const scratch = heap.allocate(matmul.scratchBytes({ m, k }) / 4)
    const product: Product = {
      form,
      m,
      n,
      k,
      a: address(inputs.a),
      b: address(inputs.b),
      c: i32(c),
      scratch: i32(scratch),
      aStride: (form[0] === 'T' ? m : k) + gap,
      bStride: (form[1] === 'T' ? k : n) + gap,
      cStride: n + gap,
      maskStride: n + maskGap,
      ...(bias && { bias: address(inputs.biases) }),
      ...(mask && { mask: address(inputs.masks) }),
      activation: activation === 'double' ? 0 : activation,
    }
    const edges = [0, ...cuts, m]
    module.function(
      `run${index}`,
      {},
      [],
      f => {
        if (cuts.length === 0) return f.add(matmul.product(product))
        for (let part = 0; part <= cuts.length; part++) {
          const rows = { start: i32(edges[part]!), end: i32(edges[part + 1]!) }
          f.add(matmul.product({ ...product, rows }))
        }
      },
      true,
    )
    const expected = new Float32Array([...reference(test, inputs), ...Array(8).fill(Number.NaN)])
    return { test, c, expected, scratchEnd: (scratch + matmul.scratchBytes({ m, k })) / 4 }
  })
  const exports = heap.instantiate(module)
  checks.forEach(({ test, c, expected, scratchEnd }, index) => {
    exports[`run${index}`]!()
    const actual = heap.view(c, expected.length)
    for (let at = 0; at < expected.length; at++) {
      if (!Object.is(actual[at], expected[at])) {
        expect.fail(`${JSON.stringify(test)}: element ${at} is ${actual[at]}, not ${expected[at]}`)
      }
    }
    expect(Number.isNaN(heap.floats[scratchEnd]), 'scratch memory overrun').toBe(true)
  })
}

const forms: readonly ProductForm[] = ['NN', 'TN', 'NT', 'TT']

describe('matrix product', () => {
  it('equals sums in order, bit for bit, for all small sizes', () => {
    const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13]
    for (const form of forms) {
      check(sizes.flatMap(m => sizes.flatMap(n => [1, 2, 3, 4, 5, 6, 9].map(k => ({ form, m, n, k })))))
    }
  })

  it('multiplies vectors of any length', () => {
    const lengths = Array.from({ length: 40 }, (_, index) => index + 1)
    for (const form of forms) {
      check(
        lengths.flatMap(length => [
          { form, m: 1, n: length, k: 5, bias: true, mask: true },
          { form, m: length, n: 1, k: 7, mask: true },
          { form, m: 3, n: 1, k: length, bias: true },
          { form, m: 1, n: 3, k: length },
        ]),
      )
    }
  })

  it('reads no more than 16 bytes past the end of its operands', () => {
    for (const form of forms) {
      for (const [m, n] of [
        [5, 5],
        [5, 1],
        [1, 5],
        [2, 2],
        [9, 9],
      ] as const) {
        for (const operand of ['a', 'b'] as const) {
          const heap = new Heap(1)
          const k = 300
          const length = operand === 'a' ? m * k : n * k
          const module = heap.builder()
          const place = (length: number) => i32(heap.allocate(length, Array(length).fill(1)))
          const matmul = defineMatmul(module)
          const [c, scratch] = [heap.allocate(m * n), place(matmul.scratchBytes({ m, k }) / 4)]
          const atEnd = heap.memory.buffer.byteLength - 16 - 4 * length
          const other = place(operand === 'a' ? n * k : m * k)
          heap.floats.fill(1, atEnd / 4)
          const operands = operand === 'a' ? { a: i32(atEnd), b: other } : { a: other, b: i32(atEnd) }
          const product = matmul.product({ form, m, n, k, ...operands, c: i32(c), scratch })
          module.function('run', {}, [], f => f.add(product), true)
          heap.instantiate(module).run!()
          expect([...heap.view(c, m * n)]).toEqual(Array(m * n).fill(k))
        }
      }
    }
  })

  it('adds biases, applies activations and masks, and leaves gaps between rows alone', () => {
    const random = randomizer(2)
    const size = (): number => 1 + Math.floor(random() ** 2 * 40)
    const cases = Array.from({ length: 600 }, (_, index): Case => {
      const pick = Math.floor(random() * 3)
      return {
        form: forms[index % 3]!,
        m: random() < 0.15 ? 1 : size(),
        n: random() < 0.15 ? 1 : size(),
        k: size(),
        bias: random() < 0.5,
        activation: pick === 0 ? undefined : pick === 1 ? 'relu' : 'double',
        mask: random() < 0.3,
        gap: random() < 0.5 ? 0 : Math.floor(random() * 6),
        maskGap: random() < 0.5 ? undefined : Math.floor(random() * 6),
      }
    })
    check(cases)
  })

  it('does not depend on how rows are split', () => {
    const cases = forms.flatMap(form =>
      [1, 2, 7, 8, 17].flatMap(n =>
        [
          { m: 16, cuts: [4, 8, 12] },
          { m: 23, cuts: [12] },
          { m: 9, cuts: [1, 1, 4] },
        ].map(rows => ({ form, n, k: 11, bias: form === 'NN', mask: true, ...rows })),
      ),
    )
    check(cases)
  })

  it('computes the sizes that training uses', () => {
    check(
      [
        { form: 'NN', m: 256, k: 23, n: 256, bias: true, activation: 'relu' },
        { form: 'NN', m: 64, k: 256, n: 256, bias: true, activation: 'relu' },
        { form: 'NN', m: 256, k: 256, n: 12, bias: true },
        { form: 'NN', m: 256, k: 256, n: 1, bias: true },
        { form: 'TN', m: 256, k: 64, n: 256 },
        { form: 'TN', m: 17, k: 256, n: 256 },
        { form: 'TN', m: 256, k: 256, n: 1 },
        { form: 'NT', m: 64, k: 256, n: 256, mask: true },
        { form: 'NT', m: 256, k: 1, n: 256, mask: true },
        { form: 'NT', m: 256, k: 256, n: 6, gap: 17 },
        { form: 'NN', m: 8, k: 1024, n: 1024 },
      ],
      'tiles of four rows',
      256,
    )
  })

  it.each(['tiles of six rows', 'bare tiles of four rows', 'bare tiles of six rows'] as const)(
    'gives the same bits by %s',
    maker => {
      const sizes = [1, 4, 5, 6, 7, 11, 13]
      const columns = [1, 3, 4, 8, 9, 15, 16, 17, 24, 25, 33]
      for (const form of forms) {
        check(
          sizes.flatMap(m =>
            columns.flatMap(n =>
              [1, 4, 7].map(
                (k, i): Case => ({
                  ...{ form, m, n, k, gap: i, maskGap: 2 * i },
                  ...{ bias: (m + n) % 2 === 0, mask: (m + k) % 2 === 0 },
                  activation: ([undefined, 'relu', 'double'] as const)[(n + k) % 3],
                  cuts: m > 6 ? [6] : [],
                }),
              ),
            ),
          ),
          maker,
        )
      }
    },
  )

  it('can be left to a function outside WebAssembly, which is told all there is to know', () => {
    const heap = new Heap(8)
    const module = heap.builder()
    const matmul = defineMatmul(module, { imported: importProduct(module) })
    const [m, n, k, gap] = [9, 5, 7, 2]
    const product: Product = {
      ...{ form: 'NT', m, n, k, a: i32(1024), b: i32(2048), c: i32(4096) },
      ...{ aStride: k + gap, bStride: k, cStride: n + gap, bias: i32(8192), activation: 'relu' },
      ...{ mask: i32(12288), maskStride: n, scratch: i32(16384) },
    }
    const run = (name: string, given: Product) =>
      module.function(name, {}, [], f => f.add(matmul.product(given)), true)
    run('all', product)
    run('some', { ...product, rows: { start: i32(4), end: i32(8) } })
    const plainly = { a: i32(1024), b: i32(2048), c: i32(4096), scratch: i32(16384) }
    run('plain', { form: 'TN', m: 1, n, k, ...plainly })
    run('long', { form: 'NN', m, n, k: 1024, ...plainly })
    run('longTransposed', { form: 'TN', m, n, k: 1024, ...plainly })
    const blocks: Record<string, number>[] = []
    const read = (block: number) => {
      blocks.push(Object.fromEntries(BLOCK.map((word, i) => [word, heap.words[block / 4 + i]!])))
    }
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes()), {
      env: { memory: heap.memory, product: read },
    })
    for (const run of Object.values(exports)) (run as () => void)()
    const all = {
      ...{ flags: 2 | 4, m, n, k, a: 1024, aStride: k + gap, b: 2048, bStride: k, c: 4096, cStride: n + gap },
      ...{ bias: 8192, mask: 12288, maskStride: n, scratch: 0 },
    }
    const fromRow4 = { m: 4, a: 1024 + 16 * (k + gap), c: 4096 + 16 * (n + gap), mask: 12288 + 16 * n }
    const plain = { flags: 1, m: 1, aStride: 1, bStride: n, cStride: n, bias: 0, mask: 0 }
    // Only long rows are copied, to what follows the block in the scratch memory.
    const long = { ...plain, flags: 0, m, k: 1024, aStride: 1024, scratch: 16384 + 64 }
    const longTransposed = { ...plain, m, k: 1024, aStride: m }
    expect(blocks).toEqual(
      [{}, fromRow4, plain, long, longTransposed].map(changes => ({ ...all, ...changes })),
    )
    expect(matmul.scratchBytes({ m, k: 1023 })).toBe(64)
    expect(matmul.scratchBytes({ m, k: 1024 })).toBe(64 + 4 * 272 * m)
    expect(() => matmul.product({ ...product, activation: 0 })).toThrow(/applies no function/)
  })

  it('leaves products with a vector to the module, if it has the same arithmetic', () => {
    const module = new Heap(1).builder()
    const matmul = defineMatmul(module, { imported: importProduct(module), relaxed: true })
    const x = i32(64)
    const called = ({ n }: { n: number }) => {
      const code = matmul.product({ form: 'NN', m: 3, n, k: 3, a: x, b: x, c: x, scratch: x })
      return code.some(([name, index]) => name === 'call' && index === 0)
    }
    expect([called({ n: 1 }), called({ n: 2 })]).toEqual([false, true])
  })

  it('does not let infinities leak from one element to others', () => {
    const heap = new Heap(1)
    const module = heap.builder()
    const matmul = defineMatmul(module)
    const a = heap.allocate(10, [1, Number.POSITIVE_INFINITY, 2, 3, 4, Number.NaN, 6, 7, 8, 9])
    const b = heap.allocate(2, [1, -1])
    const c = heap.allocate(5)
    const [x, y, z] = [i32(a), i32(b), i32(c)]
    const scratch = i32(heap.allocate(64))
    const shape = { form: 'NN', m: 5, n: 1, k: 2 } as const
    module.function('run', {}, [], f => f.add(matmul.product({ ...shape, a: x, b: y, c: z, scratch })), true)
    heap.instantiate(module).run!()
    expect([...heap.view(c, 5)]).toEqual([Number.NEGATIVE_INFINITY, -1, Number.NaN, -1, -1])
  })

  it.skipIf(!supportsRelaxedSimd())('with fused multiply-add rounds once a term, in the same order', () => {
    const [m, k, n] = [9, 50, 13]
    for (const height of [4, 6] as const) {
      const heap = new Heap(1)
      const place = (length: number) =>
        heap.allocate(
          length,
          Array.from({ length }, (_, i) => Math.sin(i)),
        )
      const module = heap.builder()
      const matmul = defineMatmul(module, { relaxed: true, height })
      const c = heap.allocate(m * n)
      const [a, b, bias, scratch] = [m * k, k * n, n, matmul.scratchBytes({ m, k }) / 4].map(place)
      const operands = { a: i32(a!), b: i32(b!), c: i32(c), bias: i32(bias!), scratch: i32(scratch!) }
      const product = matmul.product({ form: 'NN', m, n, k, ...operands })
      module.function('run', {}, [], f => f.add(product), true)
      heap.instantiate(module).run!()
      const at = (address: number, index: number) => heap.floats[address / 4 + index]!
      const expected = Array.from({ length: m * n }, (_, index) => {
        const [row, column] = [Math.floor(index / n), index % n]
        let sum = 0
        for (let l = 0; l < k; l++) sum = fusedMultiplyAdd(at(a!, row * k + l), at(b!, l * n + column), sum)
        return Math.fround(sum + at(bias!, column))
      })
      expect([...heap.view(c, m * n)]).toEqual(expected)
    }
  })

  it('refuses sizes that make no matrix', () => {
    const matmul = defineMatmul(new Heap(1).builder())
    const x = i32(64)
    const product = { form: 'NN', m: 4, n: 0, k: 4, a: x, b: x, c: x, scratch: x } as const
    expect(() => matmul.product(product)).toThrow(RangeError)
    expect(() => matmul.product({ ...product, n: 1.5 })).toThrow(RangeError)
  })
})
