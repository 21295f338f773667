/**
 * A third, slow lowering: evaluates a graph in float64, straight from the definition of each operation. What the
 * engines compute, and what the derivatives say, is compared with it.
 */
import { schedule } from '../../src/graph/schedule.ts'
import { type Shape, sizeOf, type Tensor } from '../../src/graph/tensor.ts'

type Values = Float64Array

/** Values of `outputs` where the graph's inputs, by name, have the given values. */
export function interpret(outputs: readonly Tensor[], inputs: Record<string, ArrayLike<number>>): Values[] {
  const { tensors, find } = schedule(outputs)
  const values = new Map<Tensor, Values>()
  for (const tensor of tensors) {
    const operands = tensor.inputs.map(x => values.get(x)!)
    values.set(tensor, evaluate(tensor, operands, inputs))
  }
  return outputs.map(tensor => values.get(find(tensor))!)
}

const unary: Record<string, (x: number, low: number, high: number) => number> = {
  neg: x => -x,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  square: x => x * x,
  tanh: Math.tanh,
  relu: x => Math.max(x, 0),
  sigmoid: x => 1 / (1 + Math.exp(-x)),
  softplus: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  isPositive: x => (x > 0 ? 1 : 0),
  clamp: (x, low, high) => Math.min(Math.max(x, low), high),
}

const binary: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: Math.min,
  isAtMost: (a, b) => (a <= b ? 1 : 0),
}

function evaluate(tensor: Tensor, operands: Values[], inputs: Record<string, ArrayLike<number>>): Values {
  const { operation, shape, attributes } = tensor
  const result = new Float64Array(sizeOf(shape))
  const shapes = tensor.inputs.map(x => x.shape)
  const [a, b] = operands
  const { axis = 0, start = 0 } = attributes
  const fill = (at: (index: number[]) => number) => result.map((_, i) => at(indexOf(i, shape)))
  const replaced = (index: number[], i: number) => index.map((x, k) => (k === axis ? i : x))

  if (unary[operation]) return a.map(x => unary[operation](x, attributes.low!, attributes.high!))
  if (binary[operation]) {
    return fill(index => binary[operation](at(a, shapes[0], index), at(b, shapes[1], index)))
  }
  switch (operation) {
    case 'input':
      return Float64Array.from(inputs[attributes.name!])
    case 'constant':
      return result.fill(attributes.value!)
    case 'reshape':
      return a
    case 'full':
      return fill(index => at(a, shapes[0], index))
    case 'slice':
      return fill(index => at(a, shapes[0], replaced(index, index[axis] + start)))
    case 'pad':
      return fill(index => {
        const i = index[axis] - start
        return i >= 0 && i < shapes[0][axis] ? at(a, shapes[0], replaced(index, i)) : 0
      })
    case 'concat':
      return fill(index => {
        let i = index[axis]
        let part = 0
        while (i >= shapes[part][axis]) i -= shapes[part++][axis]
        return at(operands[part], shapes[part], replaced(index, i))
      })
    case 'sum': {
      if (attributes.axis === undefined) return result.fill(a.reduce((total, x) => total + x, 0))
      a.forEach((x, i) => {
        result[offsetOf(replaced(indexOf(i, shapes[0]), 0), shape)] += x
      })
      return result
    }
    case 'matmul': {
      const { transposeA, transposeB } = attributes
      const inner = transposeA ? shapes[0][0] : shapes[0][1]
      return fill(([row, column]) => {
        let total = operands[2] ? operands[2][column] : 0
        for (let k = 0; k < inner; k++) {
          const x = a[offsetOf(transposeA ? [k, row] : [row, k], shapes[0])]
          const y = b[offsetOf(transposeB ? [column, k] : [k, column], shapes[1])]
          total += x * y
        }
        return total
      })
    }
  }
  throw new Error(`the reference interpreter does not know ${operation}`)
}

/** Indices of the element at a flat offset. */
function indexOf(offset: number, shape: Shape): number[] {
  const index: number[] = []
  for (let k = shape.length - 1, rest = offset; k >= 0; k--) {
    index.unshift(rest % shape[k])
    rest = Math.floor(rest / shape[k])
  }
  return index
}

const offsetOf = (index: readonly number[], shape: Shape): number =>
  shape.reduce((offset, extent, k) => offset * extent + index[k], 0)

/** The element of a smaller tensor that broadcasts to `index`. */
const at = (values: Values, shape: Shape, index: readonly number[]): number =>
  values[
    offsetOf(
      shape.map((extent, k) => (extent === 1 ? 0 : index[index.length - shape.length + k])),
      shape,
    )
  ]
