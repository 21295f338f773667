/** Lowering of a tensor program to one WebAssembly module: a function for each step, over one linear memory. */
import { mapRecord } from '../../map-record.ts'
import type { ProgramDefinition } from '../program.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import type { Context } from './addresses.ts'
import { call, type FunctionReference, get, i32, type Local, load, op } from './assembler/function-builder.ts'
import { ModuleBuilder } from './assembler/module-builder.ts'
import type { Code } from './assembler/opcodes.ts'
import { defineVectorFunction, tanh } from './loop/math.ts'
import { defineLoop, type LoopFunction } from './loop-function.ts'
import { defineMatmul } from './matmul/matmul.ts'
import { type Kernel, LARGE_LOOP, type LoopKernel } from './plan/kernels.ts'
import { type Buffer, bytesOf } from './plan/memory.ts'
import { type ProgramBuffers, planStep } from './plan/plan.ts'
import { emitProduct, productScratch, shapeOfProduct } from './product-call.ts'
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
  const outputs = Object.assign({}, ...Object.values(definition.steps).map(step => step.outputs))
  const buffers: ProgramBuffers = {
    inputs: mapRecord(definition.inputs, tensor => bufferOf('fixed', tensor)),
    outputs: mapRecord(outputs as Record<string, Tensor>, tensor => bufferOf('fixed', tensor)),
    present: mapRecord(definition.state, (tensor, name) => bufferOf('present', tensor, name)),
    next: mapRecord(definition.state, (tensor, name) => bufferOf('next', tensor, name)),
  }

  const plans = Object.values(definition.steps).map(step => planStep(step, buffers))
  const temporaries = allocate(Math.max(0, ...plans.map(plan => plan.temporaryBytes)))
  const scratchPerThread = Math.max(
    0,
    ...plans.flatMap(plan =>
      plan.kernels.map(kernel => (kernel.kind === 'product' ? productScratch(kernel) : 0)),
    ),
  )
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
