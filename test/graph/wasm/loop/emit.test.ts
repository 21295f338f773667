import { describe, expect, it } from 'vitest'
import { call, i32, load, store } from '../../../../src/graph/wasm/assembler/function-builder.ts'
import { emitElementwise } from '../../../../src/graph/wasm/loop/emit.ts'
import {
  type Address,
  apply,
  column,
  constant,
  type Expression,
  matrix,
  type Operator,
  row,
  scalar,
} from '../../../../src/graph/wasm/loop/expressions.ts'
import {
  defineVectorFunction,
  exp,
  log,
  sigmoid,
  softplus,
  tanh,
} from '../../../../src/graph/wasm/loop/math.ts'
import {
  canSplit,
  type Elementwise,
  type Output,
  withFewestDimensions,
} from '../../../../src/graph/wasm/loop/shape.ts'
import { Heap, randomizer } from '../heap.ts'

/** The transcendental functions one float at a time; their own tests are elsewhere. */
const single = (() => {
  const heap = new Heap(1)
  const module = heap.builder()
  const functions = { exp, log, sigmoid, softplus, tanh }
  const names = Object.keys(functions) as (keyof typeof functions)[]
  for (const name of names) {
    const body = defineVectorFunction(module, name, functions[name])
    const run = () => call(body, load('v128.load32_splat', i32(64)))
    module.function(`run_${name}`, {}, [], f => f.add(store('v128.store', i32(80), run())), true)
  }
  const exports = heap.instantiate(module)
  return Object.fromEntries(
    names.map(name => [
      name,
      (x: number) => {
        heap.floats[16] = x
        exports[`run_${name}`]!()
        return heap.floats[20]!
      },
    ]),
  ) as Record<keyof typeof functions, (x: number) => number>
})()

const operators: Record<Operator, (...operands: [number, number, number]) => number> = {
  ...single,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  neg: a => -a,
  sqrt: Math.sqrt,
  relu: a => (a >= 0 || Number.isNaN(a) ? a : 0),
  square: a => a * a,
  isPositive: a => (a > 0 ? 1 : 0),
  lessEqual: (a, b) => (a <= b ? 1 : 0),
  flush: a => (Math.abs(a) < 2 ** -126 ? 0 : a),
}

const operandCounts: Record<Operator, number> = {
  ...{ exp: 1, log: 1, tanh: 1, sigmoid: 1, softplus: 1, neg: 1, sqrt: 1, relu: 1, square: 1 },
  ...{ isPositive: 1, flush: 1, add: 2, sub: 2, mul: 2, div: 2, min: 2, max: 2, lessEqual: 2 },
}

/** The value of an expression for one element, by definition. */
function evaluate(heap: Heap, node: Expression, r: number, c: number, columns: number): number {
  if (node.kind === 'constant') return Math.fround(node.value)
  if (node.kind === 'operation') {
    const operands = node.operands.map(operand => evaluate(heap, operand, r, c, columns))
    return Math.fround(operators[node.operator](...(operands as [number, number, number])))
  }
  const stride = node.stride ?? (node.kind === 'column' ? 1 : columns)
  const index = { scalar: 0, row: c, column: r * stride, matrix: r * stride + c }[node.kind]
  return heap.floats[node.at.offset / 4 + index]!
}

/** Bits by bits, except that all NaN are one: their payload is not specified. */
const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((value, index) => Object.is(value, b[index]))

const at = (offset: number): Address => ({ offset })

/** Runs a loop and compares all of memory with what the definition makes of it. */
function check(heap: Heap, loop: Elementwise, parts?: number): void {
  const { rows, columns, outputs } = loop
  const expected = heap.floats.slice()
  const tolerances = new Map<number, number>()
  for (const { value, to, sum, stride } of outputs) {
    const totals = new Map<number, { total: number; size: number }>()
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const element = evaluate(heap, value, r, c, columns)
        const step = stride ?? (sum === 1 ? 1 : columns)
        const index =
          to.offset / 4 + (sum === 'all' ? 0 : sum === 0 ? c : sum === 1 ? r * step : r * step + c)
        const { total, size } = totals.get(index) ?? { total: 0, size: 0 }
        totals.set(index, { total: total + element, size: size + Math.abs(element) })
        if (sum === undefined) expected[index] = element
      }
    }
    if (sum === undefined) continue
    for (const [index, { total, size }] of totals) {
      expected[index] = total
      tolerances.set(index, size * 1e-5)
    }
  }
  const axis =
    parts && (['rows', 'columns'] as const).find(axis => canSplit(withFewestDimensions(loop), axis))
  const module = heap.builder()
  module.function(
    'run',
    { index: 'i32', count: 'i32' },
    [],
    (f, { index, count }) =>
      emitElementwise(f, { ...loop, ...(axis && { part: { index, count, axis, unit: 4 } }) }),
    true,
  )
  const { run } = heap.instantiate(module) as Record<'run', (index: number, count: number) => void>
  // The last part first: none depends on another.
  for (let index = axis ? parts : 1; index-- > 0; ) run(index, axis ? parts : 1)
  for (let index = 0; index < heap.floats.length; index++) {
    const [actual, wanted] = [heap.floats[index]!, expected[index]!]
    const tolerance = tolerances.get(index)
    // Sums that overflow may do so in any way, and one of -0 alone may be 0; all that is no sum is exact.
    const near = tolerance !== undefined && Math.abs(actual - wanted) <= tolerance
    if (
      Object.is(actual, wanted) ||
      near ||
      tolerance === Number.POSITIVE_INFINITY ||
      Number.isNaN(tolerance)
    )
      continue
    const shown = JSON.stringify({ ...loop, parts }, null, 1)
    expect.fail(`float ${index} is ${actual}, not ${wanted}, after ${shown}`)
  }
}

/** A random graph over random operands, with a few outputs of all kinds. */
function randomLoop(heap: Heap, random: () => number): Elementwise {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const size = (): number => (random() < 0.2 ? 1 : 1 + Math.floor(random() * (random() < 0.2 ? 40 : 9)))
  const [rows, columns] = [size(), size()]
  const gap = random() < 0.7 ? 0 : Math.floor(random() * 5)
  const values = (length: number): number[] => Array.from({ length }, () => (random() - 0.4) * 4)
  const place = (length: number): Address => at(heap.allocate(length, values(length)))
  const step = columns + gap || undefined
  const nodes: Expression[] = [
    matrix(place(rows * (columns + gap)), gap ? step : undefined),
    matrix(place(rows * columns)),
    constant(pick([0, 1, -0.5, 3])),
  ]
  const stretched = [
    () => row(place(columns)),
    () => column(place(rows)),
    () => column(place(rows * 3), 3),
    () => scalar(place(1)),
  ]
  for (const make of stretched) if (random() < 0.35) nodes.push(make())
  const names = Object.keys(operators) as Operator[]
  for (let count = 1 + Math.floor(random() * 8); count > 0; count--) {
    const name = pick(names)
    nodes.push(apply(name, ...Array.from({ length: operandCounts[name] }, () => pick(nodes))))
  }
  const outputs = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index): Output => {
    const value = index === 0 ? nodes.at(-1)! : pick(nodes)
    const sum = random() < 0.6 ? undefined : pick([0, 1, 'all'] as const)
    const stride = sum === undefined && gap ? columns + gap : sum === 1 && gap ? 2 : undefined
    const length = sum === 'all' ? 1 : sum === 0 ? columns : rows * (stride ?? (sum === 1 ? 1 : columns))
    // Sometimes in place of an input.
    const inPlace = nodes[0]!
    if (index === 0 && sum === undefined && 'at' in inPlace && random() < 0.3) {
      return { value, to: inPlace.at, stride: inPlace.stride }
    }
    return { value, to: at(heap.allocate(length)), sum, stride }
  })
  return { rows, columns, outputs }
}

describe('element-wise loop', () => {
  it('computes random expressions over all kinds of operands', () => {
    const random = randomizer(4)
    for (let trial = 0; trial < 500; trial++) {
      const heap = new Heap(1)
      check(heap, randomLoop(heap, random))
    }
  })

  it('can be split into parts', () => {
    const random = randomizer(5)
    for (let trial = 0; trial < 200; trial++) {
      const heap = new Heap(1)
      check(heap, randomLoop(heap, random), 1 + (trial % 4))
    }
  })

  it('takes base addresses from locals', () => {
    const heap = new Heap(1)
    const from = heap.allocate(
      15,
      Array.from({ length: 15 }, (_, i) => i - 5),
    )
    const bias = heap.allocate(5, [10, 20, 30, 40, 50])
    const to = heap.allocate(15)
    const total = heap.allocate(4)
    const module = heap.builder()
    module.function(
      'run',
      { base: 'i32' },
      [],
      (f, { base }) => {
        const near = (address: number): Address => ({ base, offset: address - 32 })
        const value = apply('add', matrix(near(from)), row(near(bias)))
        emitElementwise(f, {
          rows: 3,
          columns: 5,
          outputs: [
            { value, to: near(to) },
            { value, to: near(total), sum: 'all' },
          ],
        })
      },
      true,
    )
    heap.instantiate(module).run!(32)
    expect([...heap.view(to, 15)]).toEqual([5, 16, 27, 38, 49, 10, 21, 32, 43, 54, 15, 26, 37, 48, 59])
    expect(heap.view(total, 1)[0]).toBe(480)
  })

  it('sums in a fixed order', () => {
    const random = randomizer(6)
    const [rows, columns] = [37, 23]
    const values = Float32Array.from(
      { length: rows * columns },
      () => (random() - 0.5) * 2 ** (20 * random()),
    )
    const heap = new Heap(1)
    const x = matrix(at(heap.allocate(values.length, values)))
    const run = (sum: 0 | 1 | 'all', length: number): Float32Array => {
      const to = heap.allocate(length)
      const module = heap.builder()
      const loop: Elementwise = { rows, columns, outputs: [{ value: x, to: at(to), sum }] }
      module.function('run', {}, [], f => emitElementwise(f, loop), true)
      heap.instantiate(module).run!()
      return heap.view(to, length)
    }
    const add = (a: number, b: number): number => Math.fround(a + b)
    const four = (items: Float32Array): number => {
      const lanes = [0, 0, 0, 0]
      items.forEach((item, index) => {
        lanes[index % 4] = add(lanes[index % 4]!, item)
      })
      return add(add(lanes[0]!, lanes[2]!), add(lanes[1]!, lanes[3]!))
    }
    expect(run('all', 1)[0]).toBe(four(values))
    const overRows = Array.from({ length: columns }, (_, c) =>
      values.filter((_, i) => i % columns === c).reduce(add, 0),
    )
    expect(same(run(0, columns), overRows)).toBe(true)
    const overColumns = Array.from({ length: rows }, (_, r) =>
      four(values.slice(r * columns, (r + 1) * columns)),
    )
    expect(same(run(1, rows), overColumns)).toBe(true)
  })

  it('propagates NaN and infinities like the definitions', () => {
    const special = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
      -0,
      1,
      -1,
      1e-40,
      -1e-40,
    ]
    const pairs = special.flatMap(a => special.map(b => [a, b] as const))
    for (const name of Object.keys(operators) as Operator[]) {
      const heap = new Heap(1)
      const a = matrix(
        at(
          heap.allocate(
            pairs.length,
            pairs.map(pair => pair[0]),
          ),
        ),
      )
      const b = matrix(
        at(
          heap.allocate(
            pairs.length,
            pairs.map(pair => pair[1]),
          ),
        ),
      )
      const value = apply(name, ...[a, b, constant(1)].slice(0, operandCounts[name]))
      check(heap, {
        rows: 1,
        columns: pairs.length,
        outputs: [{ value, to: at(heap.allocate(pairs.length)) }],
      })
    }
  })

  it('makes one loop of Adam, and one of averaging', () => {
    const random = randomizer(8)
    const length = 103
    const heap = new Heap(1)
    const fill = (scale: number, shift = 0): Address =>
      at(
        heap.allocate(
          length,
          Array.from({ length }, () => (random() + shift) * scale),
        ),
      )
    const [p, m, v, g, t] = [fill(1, -0.5), fill(0.1, -0.5), fill(0.01), fill(1, -0.5), fill(1, -0.5)]
    const step = scalar(at(heap.allocate(1, [3e-4])))
    const epsilon = scalar(at(heap.allocate(1, [1e-8])))
    const gradient = matrix(g!)
    const first = apply('add', apply('mul', constant(0.9), matrix(m!)), gradient)
    const second = apply('add', apply('mul', constant(0.999), matrix(v!)), apply('square', gradient))
    const change = apply('div', apply('mul', step, first), apply('add', apply('sqrt', second), epsilon))
    const parameter = apply('sub', matrix(p!), change)
    const target = matrix(t!)
    const average = apply('add', target, apply('mul', constant(0.005), apply('sub', parameter, target)))
    const outputs = [
      { value: first, to: m! },
      { value: second, to: v! },
      { value: parameter, to: p! },
      { value: average, to: t! },
    ]
    check(heap, { rows: 1, columns: length, outputs })
    const module = heap.builder()
    module.function('adam', {}, [], f => emitElementwise(f, { rows: 1, columns: length, outputs }))
    expect(module.text().match(/\bloop\b/g)).toHaveLength(1)
    // Four inputs and the gradient, once for the vectors and once for the tail; scalars before the loop.
    expect(module.text().match(/v128\.load\b/g)).toHaveLength(10)
    expect(module.text().match(/load32_splat/g)).toHaveLength(2)
  })

  it('refuses sizes that make no loop', () => {
    const module = new Heap(1).builder()
    const outputs = [{ value: constant(1), to: at(64) }]
    const emit = (rows: number) => () =>
      module.function('run', {}, [], f => emitElementwise(f, { rows, columns: 3, outputs }))
    expect(emit(0)).toThrow(RangeError)
    expect(emit(1.5)).toThrow(RangeError)
  })
})
