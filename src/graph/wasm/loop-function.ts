import type { Tensor } from '../tensor.ts'
import { type Context, fixedAddress, isState, requirePlace } from './addresses.ts'
import type { FunctionReference, Local } from './assembler/function-builder.ts'
import { emitElementwise } from './loop/emit.ts'
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
} from './loop/expressions.ts'
import type { Output } from './loop/shape.ts'
import { type LoopKernel, matrixAxis, matrixShape } from './plan/kernels.ts'
import type { Buffer, Place } from './plan/memory.ts'

export interface LoopFunction {
  function: FunctionReference
  /** State copies whose addresses it takes, in order, before `(part, parts)`. */
  bases: Buffer[]
}

/** A loop as a function of its own: engines optimise a function while it runs only at its next call. */
export function defineLoop(context: Context, kernel: LoopKernel, name: string): LoopFunction | undefined {
  const { plan, module } = context
  const { rows, columns } = kernel
  const bases = new Map<Buffer, string>()
  const outputs: { value: Tensor; to: Place; sum?: Output['sum'] }[] = []
  for (const member of kernel.members) {
    const to = plan.placeOf(member)
    if (!to) continue
    if (member.operation === 'sum') {
      const { axis } = member.attributes
      const [source] = member.inputs
      const sum = axis === undefined ? 'all' : (matrixAxis(source, axis) as 0 | 1)
      outputs.push({ value: source, to, sum })
    } else outputs.push({ value: member, to })
  }
  for (const { source, to } of kernel.copies) outputs.push({ value: source, to })
  if (outputs.length === 0) return undefined

  const addressOf = ({ buffer, offset }: Place, locals: Record<string, Local>): Address =>
    isState(buffer)
      ? { base: locals[bases.get(buffer)!], offset: 4 * offset }
      : { offset: fixedAddress(context, buffer) + 4 * offset }
  const noteBase = ({ buffer }: Place) => {
    if (isState(buffer)) bases.set(buffer, `${buffer.kind}_${buffer.state}`)
  }
  // A first pass finds which state is touched: addresses are parameters, and these come first.
  const visit = (tensor: Tensor): void => {
    const place = kernel.members.has(tensor) ? undefined : plan.placeOf(tensor)
    if (place) noteBase(place)
    else tensor.inputs.forEach(visit)
  }
  for (const { value, to } of outputs) {
    visit(value)
    noteBase(to)
  }

  const parameters = Object.fromEntries([
    ...[...bases.values()].map(base => [base, 'i32']),
    ['part', 'i32'],
    ['parts', 'i32'],
  ])
  const reference = module.function(name, parameters as Record<string, 'i32'>, [], (f, locals) => {
    const expressions = new Map<Tensor, Expression>()
    const expressionOf = (tensor: Tensor): Expression => {
      let expression = expressions.get(tensor)
      if (!expression) {
        expression = makeExpression(tensor)
        expressions.set(tensor, expression)
      }
      return expression
    }
    const makeExpression = (tensor: Tensor): Expression => {
      if (tensor.operation === 'constant') return constant(tensor.attributes.value!)
      const place = kernel.members.has(tensor) ? undefined : plan.placeOf(tensor)
      if (place) return operand(tensor, addressOf(place, locals), place.stride)
      if (tensor.operation === 'matmul') return outerProduct(tensor)
      const inputs = tensor.inputs.map(expressionOf)
      const { low, high } = tensor.attributes
      if (tensor.operation === 'full') return inputs[0]
      if (tensor.operation === 'clamp')
        return apply('min', apply('max', inputs[0], constant(low!)), constant(high!))
      const operator = tensor.operation === 'isAtMost' ? 'lessEqual' : (tensor.operation as Operator)
      return apply(operator, ...inputs)
    }
    const operand = ({ shape }: Tensor, at: Address, stride: number): Expression => {
      const [r, c] = matrixShape(shape)
      if (r === rows && c === columns) return matrix(at, stride)
      if (r === 1 && c === 1) return scalar(at)
      return r === 1 ? row(at) : column(at, stride)
    }
    const outerProduct = ({ inputs: [a, b, bias], attributes: { transposeA } }: Tensor): Expression => {
      const [left, right] = [requirePlace(plan, a), requirePlace(plan, b)]
      const product = apply(
        'mul',
        column(addressOf(left, locals), transposeA ? 1 : left.stride),
        row(addressOf(right, locals)),
      )
      return bias ? apply('add', product, expressionOf(bias)) : product
    }
    emitElementwise(f, {
      rows,
      columns,
      outputs: outputs.map(({ value, to, sum }) => ({
        value: to.buffer.kind === 'next' ? apply('flush', expressionOf(value)) : expressionOf(value),
        to: addressOf(to, locals),
        sum,
        stride: to.stride,
      })),
      part: context.barrier ? { index: locals.part, count: locals.parts } : undefined,
    })
  })
  return { function: reference, bases: [...bases.keys()] }
}
