import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gradient } from '../../src/graph/gradient.ts'
import * as op from '../../src/graph/operations.ts'
import { ancestors, type Shape, ShapeError, sizeOf, type Tensor } from '../../src/graph/tensor.ts'
import { createRandom } from '../../src/random.ts'
import { engines, runOn } from './engines.ts'
import { interpret } from './reference-interpreter.ts'

/** A graph under test: named inputs with the range their values come from, and one result. */
interface Case {
  inputs: Record<string, Tensor>
  low: number
  high: number
  result: Tensor
}

const x = (shape: Shape, name = 'x') => op.input(name, shape)
const extent = fc.integer({ min: 1, max: 7 })

/** Inputs of given shapes, and what a function makes of them; values in [low, high]. */
function graphOf(shapes: Shape[], make: (...inputs: Tensor[]) => Tensor, low = -3, high = 3): Case {
  const tensors = shapes.map((shape, i) => x(shape, `x${i}`))
  return {
    inputs: Object.fromEntries(tensors.map(t => [t.attributes.name!, t])),
    low,
    high,
    result: make(...tensors),
  }
}

const matrix = fc.tuple(extent, extent)
const elementwise = (make: (x: Tensor) => Tensor, low?: number, high?: number) =>
  matrix.map(shape => graphOf([shape], make, low, high))
const pairs = (make: (a: Tensor, b: Tensor) => Tensor, low?: number, high?: number) =>
  fc.tuple(matrix, fc.boolean(), fc.boolean(), fc.boolean()).map(([[r, c], oneRow, oneColumn, swap]) => {
    const shapes: Shape[] = [
      [r, c],
      [oneRow ? 1 : r, oneColumn ? 1 : c],
    ]
    return graphOf(swap ? shapes.reverse() : shapes, make, low, high)
  })

/** Every operation, over random shapes. */
const cases: Record<string, fc.Arbitrary<Case>> = {
  add: pairs(op.add),
  sub: pairs(op.sub),
  mul: pairs(op.mul),
  div: pairs(op.div, 0.5, 3),
  min: pairs(op.min),
  neg: elementwise(op.neg),
  exp: elementwise(op.exp),
  log: elementwise(op.log, 0.3, 4),
  sqrt: elementwise(op.sqrt, 0.3, 4),
  square: elementwise(op.square),
  tanh: elementwise(op.tanh),
  relu: elementwise(op.relu),
  sigmoid: elementwise(op.sigmoid),
  softplus: elementwise(op.softplus),
  clamp: elementwise(t => op.clamp(t, -1, 1.5)),
  scale: elementwise(t => op.scale(op.scale(t, -2), 0.75)),
  'sum of all': elementwise(t => op.mul(op.sum(t), t)),
  'sum of rows': elementwise(t => op.mul(op.sum(t, 0), t)),
  'sum of columns': elementwise(t => op.mul(op.sum(t, 1), t)),
  mean: elementwise(op.mean),
  full: extent.map(n => graphOf([[1, n]], t => op.square(op.full(t, [3, n])))),
  sumTo: matrix.map(([r, c]) => graphOf([[r, c]], t => op.square(op.sumTo(t, [1, c])))),
  reshape: matrix.map(([r, c]) => graphOf([[r, c]], t => op.mul(op.reshape(t, [c * r]), op.constant(2)))),
  'reshape of columns': matrix.map(([r, c]) =>
    graphOf([[r, c + 2]], t => op.square(op.reshape(op.slice(op.exp(t), 1, 1, c + 1), [c, r]))),
  ),
  'outer product with a column of a matrix': fc.tuple(extent, extent, extent).map(([m, n, c]) =>
    graphOf(
      [
        [m, 1],
        [n, c + 1],
      ],
      (a, b) => op.matmul(a, op.slice(op.tanh(b), 1, c, c + 1), { transposeB: true }),
    ),
  ),
  'outer product with a part of a concatenation': fc.tuple(extent, extent).map(([m, n]) =>
    graphOf(
      [
        [m, 1],
        [n, 1],
        [n, 2],
      ],
      (a, b, c) => {
        const column = op.exp(b)
        const product = op.matmul(a, column, { transposeB: true })
        return op.add(op.sum(op.square(product)), op.sum(op.square(op.concat([column, c], 1))))
      },
    ),
  ),
  slice: matrix.map(([r, c]) =>
    graphOf([[r + 2, c + 1]], t => op.add(op.square(op.slice(t, 0, 1, r + 1)), op.slice(op.exp(t), 0, 0, r))),
  ),
  'slices that tile': matrix.map(([r, c]) =>
    graphOf([[r, c + 2]], t =>
      op.add(op.sum(op.exp(op.slice(t, 1, 0, c))), op.sum(op.tanh(op.slice(t, 1, c, c + 2)))),
    ),
  ),
  pad: matrix.map(([r, c]) => graphOf([[r, c]], t => op.square(op.pad(op.exp(t), 1, 2, 1)))),
  concat: matrix.map(([r, c]) =>
    graphOf(
      [
        [r, c],
        [r, 2],
      ],
      (a, b) => op.square(op.concat([op.exp(a), b, a], 1)),
    ),
  ),
  matmul: fc
    .tuple(extent, extent, extent, fc.boolean(), fc.boolean())
    .map(([m, k, n, transposeA, transposeB]) =>
      graphOf([transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]], (a, b) =>
        op.matmul(op.tanh(a), b, { transposeA, transposeB }),
      ),
    ),
  'matmul with bias': fc.tuple(extent, extent, extent).map(([m, k, n]) =>
    graphOf(
      [
        [m, k],
        [k, n],
        [1, n],
      ],
      (a, b, bias) => op.relu(op.matmul(a, b, { bias })),
    ),
  ),
  'element by element after a layer': fc.tuple(extent, extent, extent).map(([m, k, n]) =>
    graphOf(
      [
        [m, k],
        [k, n],
        [1, n],
      ],
      (x, kernel, bias) => op.sigmoid(op.relu(op.matmul(x, kernel, { bias }))),
    ),
  ),
  'product with a mask': fc.tuple(extent, extent, extent, fc.boolean()).map(([m, k, n, oneRow]) =>
    graphOf(
      [
        [m, k],
        [k, n],
        [oneRow ? 1 : m, n],
      ],
      (a, b, mask) => op.mul(op.matmul(a, b), op.isPositive(mask)),
    ),
  ),
  'two layers': fc.tuple(extent, extent, extent).map(([m, k, n]) =>
    graphOf(
      [
        [m, k],
        [k, n],
        [1, n],
        [n, 1],
      ],
      (x, kernel, bias, output) => op.matmul(op.relu(op.matmul(x, kernel, { bias })), op.tanh(output)),
    ),
  ),
  'columns of a product': fc.tuple(extent, extent, extent).map(([m, k, n]) =>
    graphOf(
      [
        [m, k],
        [n + 1, k],
      ],
      (a, b) => op.slice(op.matmul(a, b, { transposeB: true }), 1, 1, n + 1),
    ),
  ),
}

function randomValues({ inputs, low, high }: Case, seed: number): Record<string, Float32Array> {
  const random = createRandom(seed, 'test')
  return Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => {
      return [name, random.fillUniform(new Float32Array(sizeOf(shape)), low, high)]
    }),
  )
}

/** A scalar in which every element of the result has its own weight. */
function weighted(result: Tensor): Tensor {
  const size = sizeOf(result.shape)
  const weights = Array.from({ length: size }, (_, i) => op.constant(Math.sin(i + 1), [1]))
  return op.sum(op.mul(op.reshape(result, [size]), op.concat(weights, 0)))
}

function centralDifferences(loss: Tensor, values: Record<string, Float32Array>, name: string): number[] {
  const step = 1e-6
  const at = (i: number, change: number) => {
    const changed = Float64Array.from(values[name])
    changed[i] += change
    return interpret([loss], { ...values, [name]: changed })[0][0]
  }
  return Array.from(values[name], (_, i) => (at(i, step) - at(i, -step)) / (2 * step))
}

describe.each(Object.entries(cases))('%s', (_, arbitrary) => {
  test('its derivative agrees with central differences', () => {
    fc.assert(
      fc.property(arbitrary, fc.nat(1e6), (example, seed) => {
        const values = randomValues(example, seed)
        const loss = weighted(example.result)
        const inputs = Object.entries(example.inputs)
        const derivatives = interpret(
          gradient(
            loss,
            inputs.map(([, t]) => t),
          ),
          values,
        )
        inputs.forEach(([name], k) => {
          const expected = centralDifferences(loss, values, name)
          for (let i = 0; i < expected.length; i++) {
            expect(Math.abs(derivatives[k][i] - expected[i])).toBeLessThan(1e-5 * (1 + Math.abs(expected[i])))
          }
        })
      }),
      { numRuns: 30 },
    )
  })

  test.each(Object.keys(engines))('%s computes it and its derivative', async engine => {
    await fc.assert(
      fc.asyncProperty(arbitrary, fc.nat(1e6), async (example, seed) => {
        const values = randomValues(example, seed)
        const names = Object.keys(example.inputs)
        const derivatives = gradient(weighted(example.result), Object.values(example.inputs))
        const outputs = {
          result: example.result,
          ...Object.fromEntries(names.map((n, i) => [`d${n}`, derivatives[i]])),
        }
        const actual = await runOn(engine, outputs, values)
        const expected = interpret(Object.values(outputs), values)
        Object.keys(outputs).forEach((name, k) => {
          for (let i = 0; i < expected[k].length; i++) {
            expect(Math.abs(actual[name][i] - expected[k][i])).toBeLessThan(
              1e-4 * (1 + Math.abs(expected[k][i])),
            )
          }
        })
      }),
      { numRuns: 5 },
    )
  })
})

describe('gradient', () => {
  test('stopGradient cuts', () => {
    const a = x([2])
    const [d] = interpret(gradient(op.sum(op.mul(op.stopGradient(a), a)), [a]), { x: [3, 5] })
    expect([...d]).toEqual([3, 5])
  })

  test('a parameter the loss does not depend on gets zeros', () => {
    const [d] = interpret(gradient(op.sum(x([2])), [x([3], 'other')]), { x: [1, 1], other: [1, 1, 1] })
    expect([...d]).toEqual([0, 0, 0])
  })

  test('what leads to no parameter is not differentiated', () => {
    const [input, kernel] = [x([4, 3]), x([3, 2], 'kernel')]
    const derivative = gradient(op.sum(op.tanh(op.matmul(input, kernel))), [kernel])
    const products = ancestors(derivative).filter(t => t.operation === 'matmul')
    expect(products).toHaveLength(2) // the product itself, and its derivative by the kernel alone
  })

  test('the loss must be one number', () => {
    expect(() => gradient(x([2, 3]), [x([2, 3])])).toThrow(/one number.*\[2, 3\]/)
  })
})

describe('shape errors surface when the graph is built, with both shapes', () => {
  const errors: [() => Tensor, RegExp][] = [
    [() => op.add(x([2, 3]), x([3, 2])), /add: shapes \[2, 3\] and \[3, 2\]/],
    [() => op.isAtMost(x([2]), x([3])), /\[2\] and \[3\]/],
    [() => op.matmul(x([2, 3]), x([4, 5])), /\[2, 3\] times \[4, 5\].*3 and 4/],
    [() => op.matmul(x([2, 3]), x([4, 3])), /inner extents 3 and 4/],
    [() => op.matmul(x([2]), x([2, 2])), /must be matrices/],
    [() => op.matmul(x([2, 3]), x([3, 4]), { bias: x([1, 3]) }), /\[1, 3\].*\[2, 4\]/],
    [() => op.reshape(x([2, 3]), [5]), /\[2, 3\] and \[5\]/],
    [() => op.slice(x([2, 3]), 1, 2, 4), /\[2, 4\).*\[2, 3\]/],
    [() => op.slice(x([2, 3]), 2, 0, 1), /no axis 2/],
    [() => op.concat([x([2, 3]), x([3, 3])], 1), /\[2, 3\] and \[3, 3\]/],
    [() => op.concat([], 0), /nothing/],
    [() => op.full(x([2, 3]), [2, 4]), /\[2, 3\].*\[2, 4\]/],
    [() => op.sumTo(x([2, 3]), [3, 3]), /\[3, 3\].*\[2, 3\]/],
  ]
  test.each(errors)('%s', (build, message) => {
    expect(build).toThrow(ShapeError)
    expect(build).toThrow(message)
  })
})
