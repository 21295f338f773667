import type { Tensor } from '../tensor.ts'
import { type Context, fixedAddress, isState, requirePlace } from './addresses.ts'
import type { FunctionReference } from './assembler/function-builder.ts'
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
import type { Scheduled } from './plan/epochs.ts'
import { type LoopKernel, matrixAxis, matrixShape } from './plan/kernels.ts'
import type { Buffer, Place } from './plan/memory.ts'
import type { StepPlan } from './plan/plan.ts'

export interface LoopFunction {
  function: FunctionReference
  /** State copies whose addresses it takes, in order, before `(part, parts)`. */
  bases: Buffer[]
}

/** What a loop stores: its own members and copies of other values. */
interface Stored {
  readonly value: Tensor
  readonly to: Place
  readonly sum?: Output['sum']
}

/** A loop as a function of its own: engines optimise a function while it runs only at its next call. */
export function defineLoop(
  context: Context,
  { kernel, split }: Scheduled<LoopKernel>,
  name: string,
): LoopFunction | undefined {
  const { plan, module, matmul } = context
  const { rows, columns } = kernel
  const stored = whatIsStored(plan, kernel)
  if (stored.length === 0) return undefined
  const bases = touchedState(plan, kernel, stored)
  const parameters: Record<string, 'i32'> = Object.fromEntries(
    [...bases.values(), 'part', 'parts'].map(name => [name, 'i32']),
  )
  const reference = module.function(name, parameters, [], (f, locals) => {
    const addressOf = ({ buffer, offset }: Place): Address =>
      isState(buffer)
        ? { base: locals[bases.get(buffer)!], offset: 4 * offset }
        : { offset: fixedAddress(context, buffer) + 4 * offset }
    const expressionOf = expressions(plan, kernel, addressOf)
    emitElementwise(f, {
      rows,
      columns,
      outputs: stored.map(({ value, to, sum }) => ({
        value: to.buffer.kind === 'next' ? apply('flush', expressionOf(value)) : expressionOf(value),
        to: addressOf(to),
        sum,
        stride: to.stride,
      })),
      part: split && { index: locals.part, count: locals.parts, axis: split, unit: matmul.unit },
    })
  })
  return { function: reference, bases: [...bases.keys()] }
}

function whatIsStored(plan: StepPlan, kernel: LoopKernel): Stored[] {
  const stored: Stored[] = []
  for (const member of kernel.members) {
    const to = plan.placeOf(member)
    if (!to) continue
    if (member.operation === 'sum') {
      const { axis } = member.attributes
      const [source] = member.inputs
      const sum = axis === undefined ? 'all' : (matrixAxis(source, axis) as 0 | 1)
      stored.push({ value: source, to, sum })
    } else stored.push({ value: member, to })
  }
  for (const { source, to } of kernel.copies) stored.push({ value: source, to })
  return stored
}

/** The state copies that a loop reads or writes, each with the name of the parameter that holds its address. */
function touchedState(plan: StepPlan, kernel: LoopKernel, stored: readonly Stored[]): Map<Buffer, string> {
  const bases = new Map<Buffer, string>()
  const note = ({ buffer }: Place) => {
    if (isState(buffer)) bases.set(buffer, `${buffer.kind}_${buffer.state}`)
  }
  const visit = (tensor: Tensor): void => {
    const place = kernel.members.has(tensor) ? undefined : plan.placeOf(tensor)
    if (place) note(place)
    else tensor.inputs.forEach(visit)
  }
  for (const { value, to } of stored) {
    visit(value)
    note(to)
  }
  return bases
}

/** Turns tensors into expressions of a loop; the same tensor always into the same one. */
function expressions(
  plan: StepPlan,
  { rows, columns, members }: LoopKernel,
  addressOf: (place: Place) => Address,
): (tensor: Tensor) => Expression {
  const made = new Map<Tensor, Expression>()
  const expressionOf = (tensor: Tensor): Expression => {
    let expression = made.get(tensor)
    if (!expression) {
      expression = make(tensor)
      made.set(tensor, expression)
    }
    return expression
  }
  const make = (tensor: Tensor): Expression => {
    if (tensor.operation === 'constant') return constant(tensor.attributes.value!)
    const place = members.has(tensor) ? undefined : plan.placeOf(tensor)
    if (place) return operand(tensor, addressOf(place), place.stride)
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
    const product = apply('mul', column(addressOf(left), transposeA ? 1 : left.stride), row(addressOf(right)))
    return bias ? apply('add', product, expressionOf(bias)) : product
  }
  return expressionOf
}
