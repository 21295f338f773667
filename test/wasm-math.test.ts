import { describe, expect, it } from 'vitest'
import {
  type Code,
  call,
  type FunctionBuilder,
  get,
  i32,
  load,
  op,
  store,
} from '../src/graph/wasm/encoder.ts'
import * as vectorMath from '../src/graph/wasm/math.ts'
import { Heap, randomizer, ulpDistance } from './wasm-helpers.ts'

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

/** 1 - Phi(z) for z >= 0, to 12 digits: a series, or a continued fraction where its terms are large. */
function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z < 3) {
    let term = z
    let sum = z
    for (let n = 3; term > 1e-18; n += 2) {
      term *= (z * z) / n
      sum += term
    }
    return 0.5 - density * sum
  }
  let fraction = z
  for (let n = 200; n > 0; n--) fraction = z + n / fraction
  return density / fraction
}

describe('normal', () => {
  const { run, words, output } = blockwise(vectorMath.normal, block)

  const worstRelativeError = (): number => {
    run()
    let worst = 0
    let wrongSigns = 0
    for (let i = 0; i < block; i++) {
      const z = Math.abs(output[i]!)
      const fromMiddle = words[i]! < 0 ? ~words[i]! : words[i]!
      if (Math.sign(output[i]!) !== (words[i]! < 0 ? -1 : 1)) wrongSigns++
      const tail = (2 ** 31 - 1 - fromMiddle + 0.5) / 2 ** 32
      const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
      // One Newton step from the result leads to the exact quantile.
      worst = Math.max(worst, Math.abs((upperTail(z) - tail) / density) / z)
    }
    expect(wrongSigns).toBe(0)
    return worst
  }

  it('is the normal quantile', () => {
    for (let i = 0; i < block; i++) words[i] = Math.imul(i, 65537) ^ (i * 40503)
    expect(worstRelativeError()).toBeLessThan(1e-6)
  })

  it('is as good in the tails and in the middle', () => {
    for (const centre of [-(2 ** 31) + block / 2, 2 ** 31 - 1 - block / 2, 0, 0.425 * 2 ** 32]) {
      for (let i = 0; i < block; i++) words[i] = centre + i - block / 2
      expect(worstRelativeError()).toBeLessThan(1e-6)
    }
  })

  it('is odd, and finite for every integer', () => {
    words.set([2 ** 31 - 1, -(2 ** 31), 0, -1])
    run()
    expect(output[0]).toBeCloseTo(6.3379, 3)
    expect(output[1]).toBe(-output[0]!)
    expect(output[2]).toBeGreaterThan(0)
    expect(output[3]).toBe(-output[2]!)
  })
})

describe('noise', () => {
  const heap = new Heap(64)
  const module = heap.builder()
  const fill = vectorMath.defineFillNormal(module, true)
  const state = heap.allocate(vectorMath.noiseStateBytes / 4)
  const length = 2 ** 18
  const to = heap.allocate(length)
  module.function('fill_all', {}, [], f => f.add(call(fill, i32(state), i32(to), i32(length))), true)
  const { fill_all, fill_normal } = heap.instantiate(module) as Record<string, (...values: number[]) => void>
  const words = heap.words.subarray(state / 4, state / 4 + 16)

  it('draws from sfc32, lane by lane', () => {
    words.set(vectorMath.noiseState(7))
    const expected = Array.from({ length: 4 }, (_, lane) => {
      let [a, b, c, counter] = [0, 1, 2, 3].map(word => words[4 * word + lane]!) as [
        number,
        number,
        number,
        number,
      ]
      return Array.from({ length: 50 }, () => {
        const result = (a + b + counter++) | 0
        a = b ^ (b >>> 9)
        b = (c + (c << 3)) | 0
        c = (((c << 21) | (c >>> 11)) + result) | 0
        return result
      })
    })
    const { run, words: input, output } = blockwise(vectorMath.normal, 200)
    input.set(Array.from({ length: 200 }, (_, i) => expected[i % 4]![i >> 2]!))
    run()
    fill_normal!(state, to, 78)
    fill_normal!(state, to + 320, 120)
    expect(heap.view(to, 200)).toEqual(output)
  })

  it('has the moments of a normal distribution, in independent lanes', () => {
    words.set(vectorMath.noiseState(123))
    fill_all!()
    const noise = heap.view(to, length)
    const moment = (power: number): number => noise.reduce((sum, x) => sum + x ** power, 0) / length
    expect(moment(1)).toBeCloseTo(0, 2)
    expect(moment(2)).toBeCloseTo(1, 2)
    expect(Math.abs(moment(3))).toBeLessThan(0.03)
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.06)
    for (const lag of [1, 2, 3, 4, 8]) {
      let sum = 0
      for (let i = lag; i < length; i++) sum += noise[i]! * noise[i - lag]!
      expect(Math.abs(sum / length)).toBeLessThan(0.01)
    }
  })

  it('is the same for ever', () => {
    words.set(vectorMath.noiseState(0))
    fill_all!()
    let hash = 0
    for (const word of new Int32Array(heap.memory.buffer, to, length)) hash = (Math.imul(hash, 31) + word) | 0
    expect(hash).toMatchInlineSnapshot(`1840188126`)
  })
})
