import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { build } from 'esbuild'
import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { supportsRelaxedSimd } from '../../../src/graph/wasm/assembler/features.ts'
import { i32 } from '../../../src/graph/wasm/assembler/function-builder.ts'
import type { ModuleBuilder } from '../../../src/graph/wasm/assembler/module-builder.ts'
import { importProduct } from '../../../src/graph/wasm/matmul/imported.ts'
import {
  defineMatmul,
  type Matmul,
  type Product,
  type ProductForm,
} from '../../../src/graph/wasm/matmul/matmul.ts'
import { loadNativeProduct } from '../../../src/graph/wasm/native-product.ts'
import { Heap, randomizer } from './heap.ts'

const source = join(import.meta.dirname, '../../../src/graph/wasm/native-product.ts')

// Node 20 has the instruction, but behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd')

const found = loadNativeProduct()

interface Case {
  readonly form: ProductForm
  readonly m: number
  readonly n: number
  readonly k: number
  readonly bias: boolean
  readonly relu: boolean
  readonly mask: boolean
  readonly gap: number
  /** Where the rows are cut among threads, as shares of them. */
  readonly cuts: readonly number[]
  readonly seed: number
}

/** What computes products: the module's own kernels, or native ones beside or instead of those with a vector. */
const computers: Record<string, (module: ModuleBuilder) => Matmul> = {
  fast: module => defineMatmul(module, { relaxed: true }),
  'native beside fast vectors': module =>
    defineMatmul(module, { imported: importProduct(module), relaxed: true }),
  'native alone': module => defineMatmul(module, { imported: importProduct(module) }),
}

/** C as each of them computes it. */
function compute(given: Case): Record<string, Float32Array> {
  const { form, m, n, k, bias, relu, mask, gap, cuts, seed } = given
  const heap = new Heap(64)
  const random = randomizer(seed)
  const matrix = (rows: number, columns: number): number =>
    heap.allocate(
      rows * (columns + gap),
      Array.from({ length: rows * (columns + gap) }, () => 2 * random() - 1),
    )
  const [aColumns, bColumns] = [form[0] === 'T' ? m : k, form[1] === 'T' ? k : n]
  const operands = {
    a: i32(matrix(form[0] === 'T' ? k : m, aColumns)),
    b: i32(matrix(form[1] === 'T' ? n : k, bColumns)),
    ...(bias && { bias: i32(matrix(1, n)) }),
    ...(mask && { mask: i32(matrix(m, n)) }),
  }
  const edges = [0, ...cuts.map(share => Math.round(m * share)).sort((a, b) => a - b), m]
  if (!found.product) throw new Error(found.reason)
  const product = found.product.bind(new Uint8Array(heap.memory.buffer))
  return Object.fromEntries(
    Object.entries(computers).map(([name, define]) => {
      const module = heap.builder()
      const matmul = define(module)
      const c = heap.allocate(m * (n + gap))
      const common: Product = {
        ...operands,
        form,
        m,
        n,
        k,
        aStride: aColumns + gap,
        bStride: bColumns + gap,
        cStride: n + gap,
        maskStride: n + gap,
        c: i32(c),
        activation: relu ? 'relu' : 'none',
        scratch: i32(64 * Math.ceil(heap.allocate(matmul.scratchBytes({ m, k }) / 4 + 16) / 64)),
      }
      module.function(
        'run',
        {},
        [],
        f => {
          for (let part = 0; part + 1 < edges.length; part++) {
            const rows = { start: i32(edges[part]!), end: i32(edges[part + 1]!) }
            f.add(matmul.product(edges.length > 2 ? { ...common, rows } : common))
          }
        },
        true,
      )
      heap.instantiate(module, { product }).run!()
      return [name, heap.view(c, m * (n + gap))]
    }),
  )
}

function check(given: Case): void {
  const { fast, ...others } = compute(given)
  for (const [name, found] of Object.entries(others)) {
    const index = found.findIndex((value, i) => !Object.is(value, fast![i]))
    expect(index, `${name}: ${found[index]}, not ${fast![index]}, for ${JSON.stringify(given)}`).toBe(-1)
  }
}

describe.skipIf(/no fused multiply-add/.test(found.reason ?? ''))('native products', () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constantFrom(1, 4, 12, 16, 17, 32, 33))
  const cases = fc.record<Case>({
    form: fc.constantFrom('NN', 'TN', 'NT', 'TT'),
    m: size,
    n: size,
    k: size,
    bias: fc.boolean(),
    relu: fc.boolean(),
    mask: fc.boolean(),
    gap: fc.constantFrom(0, 0, 3),
    cuts: fc.array(
      fc.integer({ min: 0, max: 16 }).map(sixteenths => sixteenths / 16),
      { maxLength: 3 },
    ),
    seed: fc.nat(),
  })

  test('have the bits of WebAssembly where it has fused multiply-add too, however rows are cut', () => {
    expect(supportsRelaxedSimd()).toBe(true)
    fc.assert(
      fc.property(cases, given => check(given)),
      { numRuns: 40 },
    )
  })

  test.each([
    ['of hidden layers', { m: 64, n: 256, k: 256 }],
    ['of wide layers, whose rows are copied', { m: 40, n: 33, k: 1100 }],
  ])('so do products %s', (_, shape) => {
    for (const form of ['NN', 'TN', 'NT', 'TT'] as const) {
      check({ ...shape, form, bias: true, relu: true, mask: true, gap: 2, cuts: [0.4], seed: 3 })
    }
  })
})

describe('where there are no native products, it is said why', () => {
  const name = `@soft-actor-critic/native-${process.platform}-${process.arch}`
  /** What is found in a folder whose package, if there is one, contains this file. */
  async function foundWith(file?: string, content = ''): Promise<unknown> {
    const folder = mkdtempSync(join(tmpdir(), 'sac-native-'))
    const module = join(folder, 'native.mjs')
    await build({ entryPoints: [source], outfile: module, format: 'esm', bundle: true })
    if (file) {
      mkdirSync(join(folder, 'node_modules', name), { recursive: true })
      writeFileSync(join(folder, 'node_modules', name, file), content)
    }
    const { loadNativeProduct } = await import(pathToFileURL(module).href)
    return loadNativeProduct()
  }

  test('the package is not installed', async () => {
    expect(await foundWith()).toEqual({ reason: `${name} is not installed`, remedy: `npm install ${name}` })
  })

  test('it is one of a clone, where nobody has built it', async () => {
    const remedy = `tools/build-native.sh ${process.platform}-${process.arch}`
    expect(await foundWith('package.json', '{ "main": "product.node" }')).toEqual({
      reason: `${name} is not built`,
      remedy,
    })
  })

  test('it is for another system', async () => {
    const reason = `${name} cannot be loaded: invalid ELF header`
    expect(await foundWith('index.js', 'throw new Error("invalid ELF header")')).toEqual({ reason })
  })

  test('the processor cannot compute them', async () => {
    const reason = 'this processor has no fused multiply-add'
    expect(await foundWith('index.js', 'module.exports = { instructionSets: [] }')).toEqual({ reason })
  })

  test('nobody has built them for this platform', () => {
    const { getBuiltinModule } = process
    vi.stubGlobal('process', { getBuiltinModule, platform: 'aix', arch: 'ppc64' })
    expect(loadNativeProduct()).toEqual({ reason: 'there are no native products for aix-ppc64' })
    vi.stubGlobal('process', undefined)
    expect(loadNativeProduct()).toEqual({ reason: 'native products need Node' })
    vi.unstubAllGlobals()
  })
})
