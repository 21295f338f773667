/** Lowering of a tensor program to one WebAssembly module: a function for each step, over one linear memory. */
import type { ProgramDefinition } from '../program.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import {
  type Address,
  apply,
  column,
  constant,
  type Expression,
  emitElementwise,
  matrix,
  type Operator,
  type Output,
  row,
  scalar,
} from './elementwise.ts'
import {
  type Code,
  call,
  type FunctionBuilder,
  type FunctionReference,
  get,
  i32,
  type Local,
  load,
  ModuleBuilder,
  op,
} from './encoder.ts'
import { defineVectorFunction, tanh } from './math.ts'
import { defineMatmul, type Matmul, type ProductForm, scratchBytes } from './matmul.ts'
import {
  type Buffer,
  bytesOf,
  innerExtent,
  type Kernel,
  LARGE_LOOP,
  type LoopKernel,
  matrixAxis,
  matrixShape,
  type Place,
  type ProductKernel,
  type ProgramBuffers,
  planStep,
  type StepPlan,
} from './plan.ts'
import { CONTROL, defineBarrier, defineServe } from './threads.ts'

export interface LowerOptions {
  /** Uses relaxed SIMD's multiply-add: faster, but rounds differently from one machine to another. */
  relaxed: boolean
  /** Threads that share the memory; 1 for memory of one's own. */
  threads: number
}

export interface LoweredProgram {
  module: ModuleBuilder
  /** Where everything lies: byte addresses of inputs, outputs and the two copies of each state tensor. */
  buffers: ProgramBuffers
  /** Steps in the order in which `serve` numbers them. */
  steps: string[]
  /** Steps with kernels large enough for threads to share; the others run on the caller's alone. */
  sharedSteps: string[]
  /** Size of the memory in pages of 64 KiB. */
  pages: number
}

const PAGE = 65536
const LIMIT = 65536

/** Products with fewer multiplications than this are not worth sharing. */
const LARGE_PRODUCT = 100_000

/**
 * Lowers a program.
 * @throws RangeError if it takes more than the 4 GiB that WebAssembly can address
 */
export function lowerToWasm(
  definition: ProgramDefinition,
  { relaxed, threads }: LowerOptions,
): LoweredProgram {
  const module = new ModuleBuilder()
  let end = CONTROL.bytes(Object.keys(definition.state).length)
  const allocate = (bytes: number): number => {
    const address = end
    end += bytes
    return address
  }
  const bufferOf = (kind: Buffer['kind'], tensor: Tensor, state?: string): Buffer => {
    const size = sizeOf(tensor.shape)
    return { kind, size, state, address: allocate(bytesOf({ size })), first: 0, last: 0 }
  }
  const mapRecord = <A, B>(
    record: Record<string, A>,
    change: (value: A, name: string) => B,
  ): Record<string, B> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
  const outputs = Object.assign({}, ...Object.values(definition.steps).map(step => step.outputs))
  const buffers: ProgramBuffers = {
    inputs: mapRecord(definition.inputs, tensor => bufferOf('fixed', tensor)),
    outputs: mapRecord(outputs as Record<string, Tensor>, tensor => bufferOf('fixed', tensor)),
    present: mapRecord(definition.state, (tensor, name) => bufferOf('present', tensor, name)),
    next: mapRecord(definition.state, (tensor, name) => bufferOf('next', tensor, name)),
  }

  const plans = Object.values(definition.steps).map(step => planStep(step, buffers))
  const temporaries = allocate(Math.max(0, ...plans.map(plan => plan.temporaryBytes)))
  const scratchPerThread = Math.max(0, ...plans.flatMap(plan => plan.kernels.map(kernelScratch)))
  const scratch = allocate(threads * scratchPerThread)
  const pages = Math.ceil((end + 16) / PAGE)
  if (pages > LIMIT) {
    throw new RangeError(
      `The program needs ${Math.round(end / 2 ** 20)} MiB; WebAssembly has at most 4096. ` +
        "Take smaller networks or batches, or engine 'onnx'.",
    )
  }

  module.importMemory({
    module: 'env',
    field: 'memory',
    pages,
    ...(threads > 1 ? { maximumPages: pages, shared: true } : {}),
  })
  const matmul = defineMatmul(module, { relaxed, activations: [defineVectorFunction(module, 'tanh', tanh)] })
  const barrier = threads > 1 ? defineBarrier(module) : undefined
  const steps = Object.keys(definition.steps)
  const functions = plans.map((plan, i) => {
    const context: Context = {
      module,
      matmul,
      plan,
      temporaries,
      scratch,
      scratchPerThread,
      buffers,
      barrier,
    }
    return defineStep(context, steps[i])
  })
  if (threads > 1) defineServe(module, functions)
  const sharedSteps = threads > 1 ? steps.filter((_, i) => plans[i].kernels.some(isShared)) : []
  return { module, buffers, steps, sharedSteps, pages }
}

interface Context {
  module: ModuleBuilder
  matmul: Matmul
  plan: StepPlan
  /** Byte address of the first temporary buffer. */
  temporaries: number
  scratch: number
  scratchPerThread: number
  buffers: ProgramBuffers
  /** Present if several threads run the step. */
  barrier?: FunctionReference
}

const shapeOfProduct = ({ matmul }: ProductKernel) => {
  const [m, n] = matrixShape(matmul.shape)
  return { m, n, k: innerExtent(matmul) }
}

const kernelScratch = (kernel: Kernel): number =>
  kernel.kind === 'product' ? 16 * Math.ceil(scratchBytes(shapeOfProduct(kernel)) / 16) : 0

/** Whether a kernel is large enough, and such, that threads may share it. */
function isShared(kernel: Kernel): boolean {
  if (kernel.kind === 'product') {
    const { m, n, k } = shapeOfProduct(kernel)
    return m * n * k >= LARGE_PRODUCT && m >= 8
  }
  return kernel.rows * kernel.columns >= LARGE_LOOP
}

/** A function `(thread, threads)` that runs all kernels of a step, together with others that run the same. */
function defineStep(context: Context, name: string): FunctionReference {
  const { module, plan, buffers, barrier } = context
  const loops = new Map<LoopKernel, LoopFunction>()
  plan.kernels.forEach((kernel, i) => {
    if (kernel.kind !== 'loop') return
    const loop = defineLoop(context, kernel, `${name} ${i}`)
    if (loop) loops.set(kernel, loop)
  })

  return module.function(
    name,
    { thread: 'i32', threads: 'i32' },
    [],
    (f, { thread, threads }) => {
      // Which of the two copies of a state tensor is the present one is written in a table before each step.
      const bases = new Map<Buffer, Local>()
      const baseOf = (buffer: Buffer): Local => bases.get(buffer)!
      const tableOrder = Object.keys(buffers.present)
      for (const copy of ['present', 'next'] as const) {
        for (const [state, buffer] of Object.entries(buffers[copy])) {
          const entry = CONTROL.state(tableOrder.indexOf(state), copy)
          bases.set(buffer, f.let('i32', load('i32.load', i32(entry)), `${copy}_${state}`))
        }
      }
      let othersWait = false
      for (const kernel of plan.kernels) {
        const loop = kernel.kind === 'loop' ? loops.get(kernel) : undefined
        if (kernel.kind === 'loop' && !loop) continue
        const shared = barrier !== undefined && isShared(kernel)
        // One thread goes on by itself between shared kernels; all meet where that changes.
        if (barrier && (shared || othersWait)) f.add(call(barrier, get(thread), get(threads)))
        othersWait = shared
        const run = () =>
          kernel.kind === 'product'
            ? emitProduct(f, context, kernel, baseOf, shared ? { thread, threads } : undefined)
            : f.add(call(loop!.function, ...loop!.bases.map(buffer => get(baseOf(buffer))), ...part(shared)))
        const part = (split: boolean): Code[] => (split ? [get(thread), get(threads)] : [i32(0), i32(1)])
        if (barrier && !shared) f.if(op('i32.eqz', get(thread)), run)
        else run()
      }
      if (barrier) f.add(call(barrier, get(thread), get(threads)))
    },
    true,
  )
}

function addressCode(context: Context, { buffer, offset }: Place, baseOf: (buffer: Buffer) => Local): Code {
  if (buffer.kind === 'present' || buffer.kind === 'next') {
    return op('i32.add', get(baseOf(buffer)), i32(4 * offset))
  }
  return i32(fixedAddress(context, buffer) + 4 * offset)
}

const fixedAddress = ({ temporaries }: Context, { kind, address }: Buffer): number =>
  kind === 'temporary' ? temporaries + address : address

function emitProduct(
  f: FunctionBuilder,
  context: Context,
  kernel: ProductKernel,
  baseOf: (buffer: Buffer) => Local,
  share?: { thread: Local; threads: Local },
): void {
  const { plan, scratch, scratchPerThread } = context
  const { matmul, result, activation, mask } = kernel
  const { transposeA, transposeB } = matmul.attributes
  const form: ProductForm = `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`
  const [a, b, bias] = matmul.inputs.map(tensor => requirePlace(plan, tensor))
  const c = requirePlace(plan, result)
  const maskPlace = mask && requirePlace(plan, mask)
  const at = (place: Place) => addressCode(context, place, baseOf)
  const { m, n, k } = shapeOfProduct(kernel)
  const rows = share && splitRows(f, m, share)
  f.add(
    context.matmul.product({
      form,
      m,
      n,
      k,
      a: at(a),
      b: at(b),
      c: at(c),
      aStride: a.stride,
      bStride: b.stride,
      cStride: c.stride,
      bias: bias && at(bias),
      activation: activation === 'tanh' ? 0 : (activation ?? 'none'),
      mask: maskPlace && at(maskPlace),
      maskStride: maskPlace?.stride,
      scratch: share
        ? op('i32.add', i32(scratch), op('i32.mul', get(share.thread), i32(scratchPerThread)))
        : i32(scratch),
      rows,
    }),
  )
}

/** The rows of a product that fall to one thread: whole fours, which is how many kernels compute at a time. */
function splitRows(f: FunctionBuilder, m: number, { thread, threads }: { thread: Local; threads: Local }) {
  const fours = Math.ceil(m / 4)
  const cut = (index: Code): Local => {
    const row = f.let(
      'i32',
      op('i32.mul', op('i32.div_u', op('i32.mul', i32(fours), index), get(threads)), i32(4)),
    )
    f.if(op('i32.gt_u', get(row), i32(m)), () => f.set(row, i32(m)))
    return row
  }
  const start = cut(get(thread))
  const end = cut(op('i32.add', get(thread), i32(1)))
  return { start: get(start), end: get(end) }
}

interface LoopFunction {
  function: FunctionReference
  /** State copies whose addresses it takes, in order, before `(part, parts)`. */
  bases: Buffer[]
}

/** A loop as a function of its own: engines optimise a function while it runs only at its next call. */
function defineLoop(context: Context, kernel: LoopKernel, name: string): LoopFunction | undefined {
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
    buffer.kind === 'present' || buffer.kind === 'next'
      ? { base: locals[bases.get(buffer)!], offset: 4 * offset }
      : { offset: fixedAddress(context, buffer) + 4 * offset }
  const noteBase = ({ buffer }: Place) => {
    if (buffer.kind === 'present' || buffer.kind === 'next')
      bases.set(buffer, `${buffer.kind}_${buffer.state}`)
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
    const outerProduct = ({
      inputs: [a, b, bias],
      attributes: { transposeA, transposeB },
    }: Tensor): Expression => {
      const [left, right] = [requirePlace(plan, a), requirePlace(plan, b)]
      const product = apply(
        'mul',
        column(addressOf(left, locals), transposeA ? 1 : left.stride),
        contiguousRow(right, transposeB),
      )
      return bias ? apply('add', product, expressionOf(bias)) : product
    }
    const contiguousRow = (place: Place, isColumn = false): Expression => {
      if (isColumn && place.stride !== 1)
        throw new RangeError('WebAssembly: an outer product with a strided vector')
      return row(addressOf(place, locals))
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

function requirePlace(plan: StepPlan, tensor: Tensor): Place {
  const place = plan.placeOf(tensor)
  if (!place) throw new Error(`WebAssembly: ${tensor.operation} was given no memory`)
  return place
}
