import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  difference,
  expectedMemory,
  fusedMultiplyAdd,
  layOut,
  type NativeAddon,
  type NativeCase,
  prepare,
} from '../../tools/native-product.ts'

const platform = `${process.platform}-${process.arch}`
const path = join(import.meta.dirname, `../../native/packages/${platform}/product.node`)
if (platform === 'linux-x64' && !existsSync(path))
  throw new Error(`${path} is missing: it belongs to the repository`)
const addon: NativeAddon = existsSync(path)
  ? createRequire(import.meta.url)(path)
  : { instructionSets: [], bind: () => expect.unreachable() }

const memory = new WebAssembly.Memory({ initial: 128, maximum: 128, shared: true })
const floats = new Float32Array(memory.buffer)
const integers = new Int32Array(memory.buffer)

const check = (given: NativeCase, instructionSet: string): void => {
  expect(difference(addon, instructionSet, memory.buffer, given)).toBeUndefined()
}

const size = (most: number) =>
  fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: most }) },
    { weight: 1, arbitrary: fc.constantFrom(1, 4, 6, 8, 14, 15, 16, 17, 31, 32, 33, 48) },
  )
const gap = fc.constantFrom(0, 0, 1, 3, 16)
const cases = fc.record<NativeCase>({
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
  m: size(60),
  n: size(70),
  k: size(40),
  bias: fc.boolean(),
  relu: fc.boolean(),
  mask: fc.boolean(),
  scratch: fc.boolean(),
  gaps: fc.tuple(gap, gap, gap, gap),
  seed: fc.integer(),
  shift: fc.integer({ min: 0, max: 15 }),
})
const plain: NativeCase = {
  transposeA: false,
  transposeB: false,
  m: 1,
  n: 1,
  k: 1,
  bias: false,
  relu: false,
  mask: false,
  scratch: false,
  gaps: [0, 0, 0, 0],
  seed: 1,
  shift: 0,
}

test('the reference rounds once, also where a double would round to a tie first', () => {
  const [x, z] = [1 + 2 ** -12, 2 ** -60]
  // 1 + 2^-11 + 2^-24 lies halfway between two floats; z decides.
  expect(Math.fround(x * x + z)).toBe(1 + 2 ** -11)
  expect(fusedMultiplyAdd(x, x, z)).toBe(1 + 2 ** -11 + 2 ** -23)
  expect(fusedMultiplyAdd(x, x, -z)).toBe(1 + 2 ** -11)
  expect(fusedMultiplyAdd(-x, x, -z)).toBe(-1 - 2 ** -11 - 2 ** -23)
})

describe.each(addon.instructionSets)('the native product with %s', instructionSet => {
  test('has the bits of a scalar fused multiply-add, whatever the shape', () => {
    fc.assert(fc.property(cases, given => check(given, instructionSet)))
  })

  test('has them too where C is one column, which lies as a row does', () => {
    const columns = fc.tuple(cases, fc.boolean()).map(([given, dense]) => {
      const [a, b, c, mask] = given.gaps
      return { ...given, n: 1, gaps: [a, b, dense ? 0 : c, dense ? 0 : mask] as const }
    })
    fc.assert(fc.property(columns, given => check(given, instructionSet)))
  })

  test.each([
    { m: 300, n: 1, k: 300, transposeA: false, transposeB: false },
    { m: 33, n: 40, k: 600, transposeA: false, transposeB: true },
    { m: 33, n: 40, k: 513, transposeA: true, transposeB: false },
    { m: 5, n: 33, k: 257, transposeA: false, transposeB: false },
  ])('keeps sums in order over the blocks that $k terms are cut into', shape => {
    for (const scratch of [false, true]) {
      check(
        { ...plain, ...shape, scratch, bias: true, relu: true, mask: true, gaps: [2, 1, 3, 5] },
        instructionSet,
      )
    }
  })

  test('does not turn NaN into the zero of a ReLU, nor minus zero into zero', () => {
    integers.set(layOut({ ...plain, relu: true, n: 2 }).words)
    const { at } = layOut({ ...plain, relu: true, n: 2, bias: true })
    integers[10] = 4 * at.bias
    // What is too small to be a float is rounded to zero, and keeps its sign.
    floats.set([1e-30], at.a)
    floats.set([Number.NaN, -1e-30], at.b)
    floats.set([-0, -0], at.bias)
    addon.bind(new Uint8Array(memory.buffer), instructionSet)(0)
    expect([...floats.subarray(at.c, at.c + 2)]).toEqual([Number.NaN, -0])
  })
})

describe.runIf(addon.instructionSets.length > 0)('binding', () => {
  const product = addon.instructionSets.length > 0 ? addon.bind(new Uint8Array(memory.buffer)) : () => {}

  test.each([
    ['no memory', undefined, undefined, /memory must be a Uint8Array/],
    ['another view', new Float32Array(4), undefined, /memory must be a Uint8Array/],
    ['an unknown instruction set', new Uint8Array(4), 'SSE', /no such instruction set/],
    ['a beginning of a name', new Uint8Array(4), 'AVX', /no such instruction set/],
    ['no name', new Uint8Array(4), 2, /no such instruction set/],
  ])('refuses %s', (_, given, set, message) => {
    expect(() => addon.bind(given as Uint8Array, set as string)).toThrow(message)
  })

  const { words } = layOut({ ...plain, m: 20, n: 20, k: 20, bias: true, mask: true, scratch: true })
  const at = (index: number, word: number) => words.map((given, i) => (i === index ? word : given))
  const bytes = memory.buffer.byteLength
  test.each([
    ['A', at(4, bytes - 1596)],
    ['B', at(6, bytes - 1596)],
    ['C', at(8, bytes - 1596)],
    ['the bias', at(10, bytes - 76)],
    ['the mask', at(11, bytes - 1596)],
    ['the scratch', at(13, bytes - 4 * 272 * 20 + 4)],
    ['rows of A', at(1, bytes / 80)],
    ['columns of B', at(2, bytes / 4)],
    ['terms', at(3, bytes / 80)],
    ['the stride of A', at(5, bytes / 4)],
    ['the stride of the mask', at(12, bytes / 4)],
    ['an address of 4 GiB', at(6, -4)],
    ['an address between floats', at(8, words[8]! + 2)],
  ])('refuses what would reach outside the memory: %s', (_, block) => {
    integers.set(block)
    expect(() => product(0)).toThrow(/outside the memory/)
  })

  test.each([
    ['a negative size', at(1, -1), /too large/],
    ['a stride whose bytes overflow', at(9, 2 ** 30), /too large/],
    ['no column', at(2, 0), /no column/],
    ['no term', at(3, 0), /no term/],
    ['unknown flags', at(0, 8), /unknown flags/],
    ['scratch for transposed A', at(0, 1), /scratch/],
  ])('refuses %s', (_, block, message) => {
    integers.set(block)
    expect(() => product(0)).toThrow(message)
  })

  test('refuses a block that is no address in the memory', () => {
    for (const block of [bytes, bytes - 52, 2]) expect(() => product(block)).toThrow(/reaches outside/)
    expect(() => (product as (block?: unknown) => void)()).toThrow(/must be an address/)
    expect(() => (product as (block?: unknown) => void)('here')).toThrow(/must be an address/)
  })

  // Behind the memory lie pages that nobody may touch, so one float too many ends the process.
  test('reads and writes nothing behind operands that end where the memory ends', () => {
    const atTheEnd = (given: NativeCase): void => {
      const { words } = prepare(memory.buffer, { ...given, bias: true, mask: true })
      const [, m, n, k, , aStride, , bStride, , cStride, , , maskStride] = words as [number, ...number[]]
      const floatsOf = (rows: number, columns: number, stride: number) => (rows - 1) * stride + columns
      const sizes = {
        4: given.transposeA ? floatsOf(k!, m!, aStride!) : floatsOf(m!, k!, aStride!),
        6: given.transposeB ? floatsOf(n!, k!, bStride!) : floatsOf(k!, n!, bStride!),
        8: floatsOf(m!, n!, cStride!),
        10: n!,
        11: floatsOf(m!, n!, maskStride!),
        ...(words[13] && { 13: 272 * m! }),
      }
      for (const [word, size] of Object.entries(sizes)) {
        integers.set(words)
        integers[Number(word)] = bytes - 4 * size
        for (const set of addon.instructionSets) addon.bind(new Uint8Array(memory.buffer), set)(0)
      }
    }
    fc.assert(fc.property(cases, atTheEnd))
  })

  test('works on one memory in several threads, each with rows of its own', async () => {
    const given = { ...plain, m: 64, n: 48, k: 32, bias: true, seed: 5 }
    const layout = prepare(memory.buffer, given)
    const expected = expectedMemory(memory.buffer, given, layout).slice(layout.at.c, layout.at.bias)
    const rows = (start: number, end: number, block: number) => {
      const words = [...layout.words]
      words[1] = end - start
      words[4]! += 4 * start * layout.strides.a
      words[8]! += 4 * start * layout.strides.c
      integers.set(words, block / 4)
    }
    const blocks = [bytes - 256, bytes - 128]
    rows(0, 28, blocks[0]!)
    rows(28, 64, blocks[1]!)
    const source = `const { workerData: { path, memory, block } } = require('node:worker_threads')
      require(path).bind(new Uint8Array(memory.buffer))(block)`
    await Promise.all(
      blocks.map(block => {
        const worker = new Worker(source, { eval: true, workerData: { path, memory, block } })
        return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
      }),
    )
    expect(floats.slice(layout.at.c, layout.at.bias)).toEqual(expected)
  })
})
