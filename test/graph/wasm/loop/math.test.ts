import { describe, expect, it } from 'vitest'
import {
  type FunctionBuilder,
  get,
  i32,
  load,
  op,
  store,
} from '../../../../src/graph/wasm/assembler/function-builder.ts'
import type { Code } from '../../../../src/graph/wasm/assembler/opcodes.ts'
import * as vectorMath from '../../../../src/graph/wasm/loop/math.ts'
import { Heap, randomizer, ulpDistance } from '../heap.ts'

type VectorFunction = (f: FunctionBuilder, x: Code) => Code

/** Applies a function to a block of floats (or of 32-bit patterns) in memory. */
function blockwise(body: VectorFunction, length: number) {
  const heap = new Heap(64)
  const module = heap.builder()
  const from = heap.allocate(length)
  const to = heap.allocate(length)
  const define = (f: FunctionBuilder): void => {
    const at = f.let('i32', i32(0))
    f.doWhile(
      () => {
        f.add(store('v128.store', get(at), body(f, load('v128.load', get(at), from)), to))
        f.increment(at, i32(16))
      },
      () => op('i32.ne', get(at), i32(4 * length)),
    )
  }
  module.function('run', {}, [], define, true)
  return {
    run: heap.instantiate(module).run!,
    words: heap.words.subarray(from / 4, from / 4 + length),
    input: heap.view(from, length),
    output: heap.view(to, length),
  }
}

const functions: Record<string, { body: VectorFunction; exact: (x: number) => number }> = {
  exp: { body: vectorMath.exp, exact: Math.exp },
  log: { body: vectorMath.log, exact: Math.log },
  tanh: { body: vectorMath.tanh, exact: Math.tanh },
  sigmoid: {
    body: vectorMath.sigmoid,
    exact: x => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x))),
  },
  softplus: {
    body: vectorMath.softplus,
    exact: x => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x))),
  },
}

const block = 2 ** 16

describe.each(Object.entries(functions))('%s', (_, { body, exact }) => {
  const { run, words, input, output } = blockwise(body, block)

  const worst = (): number => {
    run()
    let worst = 0
    for (let i = 0; i < block; i++) {
      const expected = Math.fround(exact(input[i]!))
      // Bit patterns first: this is most of the test's time.
      if (expected === output[i]) continue
      worst = Math.max(worst, ulpDistance(expected, output[i]!))
    }
    return worst
  }

  it('is within 2 ulp for floats of all exponents, and rises', () => {
    // A prime stride visits every exponent with ever new mantissas, in order of size for either sign.
    const stride = 2039
    for (const sign of [0, -(2 ** 31)]) {
      let previous = Number.NaN
      for (let first = 0; first < 2 ** 31; first += block * stride) {
        for (let i = 0; i < block; i++) words[i] = Math.min(first + i * stride, 2 ** 31 - 1) + sign
        expect(worst()).toBeLessThanOrEqual(2)
        for (const value of output) {
          const step = sign ? previous - value : value - previous
          if (step < 0) expect(ulpDistance(value, previous)).toBeLessThanOrEqual(1)
          previous = value
        }
      }
    }
  })

  it('is within 2 ulp for ordinary numbers and around its branches', () => {
    const random = randomizer(3)
    for (const scale of [0.01, 1, 10, 100]) {
      for (let i = 0; i < block; i++) input[i] = (2 * random() - 1) * scale
      expect(worst()).toBeLessThanOrEqual(2)
    }
    const branches = [
      0,
      2 ** -126,
      0.25,
      0.5,
      0.625,
      Math.SQRT1_2,
      0.75,
      1,
      1.5,
      Math.LN2,
      9.02,
      10,
      17.3,
      87.3,
      88.72,
    ]
    for (const branch of [...branches, 103.97, 104, 3.4e38]) {
      input[0] = branch
      const bits = words[0]!
      for (let i = 0; i < block; i++) words[i] = (bits - block / 4 + (i >> 1)) ^ (i & 1 ? -(2 ** 31) : 0)
      expect(worst()).toBeLessThanOrEqual(2)
    }
  })

  it('handles special values, signed zeros included', () => {
    const special = [
      0,
      -0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      1,
      -1,
      1e-45,
      -1e-45,
    ]
    special.push(2 ** -126, -(2 ** -126), 3.4028234663852886e38, -3.4028234663852886e38)
    input.set(special)
    run()
    for (const i of special.keys()) {
      const expected = Math.fround(exact(input[i]!))
      if (Object.is(expected, 0) || Object.is(expected, -0) || !Number.isFinite(expected)) {
        expect(output[i]).toBe(expected)
      } else expect(ulpDistance(output[i]!, expected)).toBeLessThanOrEqual(2)
    }
  })
})

it('computes the same bits for ever', () => {
  const hashes = Object.entries(functions).map(([name, { body }]) => {
    const { run, words, output } = blockwise(body, block)
    for (let i = 0; i < block; i++) words[i] = Math.imul(i, 65521)
    run()
    const bits = new Int32Array(output.buffer, output.byteOffset, block)
    let hash = 0
    // The bits of NaN are the one thing that may differ between machines.
    bits.forEach((word, i) => {
      if (!Number.isNaN(output[i])) hash = (Math.imul(hash, 31) + word) | 0
    })
    return `${name} ${hash}`
  })
  expect(hashes).toMatchInlineSnapshot(`
    [
      "exp 176458362",
      "log -1393450173",
      "tanh 1691779195",
      "sigmoid 1674069689",
      "softplus -971293895",
    ]
  `)
})
