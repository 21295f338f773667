/** One step as a function: all its kernels in the order of the plan, and barriers between its epochs. */
import type { Context } from './addresses.ts'
import {
  call,
  type FunctionBuilder,
  type FunctionReference,
  get,
  i32,
  type Local,
  load,
  op,
} from './assembler/function-builder.ts'
import { defineLoop, type LoopFunction } from './loop-function.ts'
import type { Scheduled } from './plan/epochs.ts'
import type { Kernel, LoopKernel } from './plan/kernels.ts'
import type { Buffer } from './plan/memory.ts'
import { emitProduct } from './product-call.ts'
import { CONTROL } from './threads.ts'

/** Defines a function `(thread, threads)` that runs a step, together with others that run the same. */
export function defineStep(context: Context, name: string): FunctionReference {
  const { module, plan, barrier } = context
  const loops = defineLoops(context, name)
  // The results of some loops are never read.
  const epochs = plan.epochs
    .map(kernels => kernels.filter(({ kernel }) => kernel.kind === 'product' || loops.has(kernel)))
    .filter(kernels => kernels.length > 0)
  return module.function(
    name,
    { thread: 'i32', threads: 'i32' },
    [],
    (f, { thread, threads }) => {
      const bases = readStateTable(f, context)
      const baseOf = (buffer: Buffer): Local => bases.get(buffer)!
      const runLoop = (loop: LoopFunction, split: boolean): void => {
        const share = split ? [get(thread), get(threads)] : [i32(0), i32(1)]
        f.add(call(loop.function, ...loop.bases.map(buffer => get(baseOf(buffer))), ...share))
      }
      const run = ({ kernel, split }: Scheduled): void => {
        const share = split && { index: thread, count: threads }
        if (kernel.kind === 'product') emitProduct(f, context, kernel, baseOf, share)
        else runLoop(loops.get(kernel)!, split !== undefined)
      }
      const meet = (): void => {
        if (barrier) f.add(call(barrier, get(thread), get(threads)))
      }
      for (const kernels of epochs) {
        emitEpoch(f, kernels, barrier && thread, run)
        meet()
      }
    },
    true,
  )
}

/** The kernels between two barriers; those that are not dealt out are the first thread's. */
function emitEpoch(
  f: FunctionBuilder,
  kernels: readonly Scheduled[],
  thread: Local | undefined,
  run: (kernel: Scheduled) => void,
): void {
  for (const each of kernels) {
    if (thread && !each.split) f.if(op('i32.eqz', get(thread)), () => run(each))
    else run(each)
  }
}

/** The loops of a step as functions, by their kernels. */
function defineLoops(context: Context, name: string): Map<Kernel, LoopFunction> {
  const loops = new Map<Kernel, LoopFunction>()
  const isLoop = (each: Scheduled): each is Scheduled<LoopKernel> => each.kernel.kind === 'loop'
  context.plan.epochs
    .flat()
    .filter(isLoop)
    .forEach((each, i) => {
      const loop = defineLoop(context, each, `${name} ${i}`)
      if (loop) loops.set(each.kernel, loop)
    })
  return loops
}

/** Which of the two copies of a state tensor is the present one is written in a table before each step. */
function readStateTable(f: FunctionBuilder, { buffers }: Context): Map<Buffer, Local> {
  const bases = new Map<Buffer, Local>()
  const order = Object.keys(buffers.present)
  for (const copy of ['present', 'next'] as const) {
    for (const [state, buffer] of Object.entries(buffers[copy])) {
      const entry = CONTROL.state(order.indexOf(state), copy)
      bases.set(buffer, f.let('i32', load('i32.load', i32(entry)), `${copy}_${state}`))
    }
  }
  return bases
}
