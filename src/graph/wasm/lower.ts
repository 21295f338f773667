/** Lowering of a tensor program to one WebAssembly module: a function for each step, over one linear memory. */
import { mapRecord } from '../../map-record.ts'
import type { ProgramDefinition } from '../program.ts'
import { sizeOf, type Tensor } from '../tensor.ts'
import type { Context } from './addresses.ts'
import { ModuleBuilder } from './assembler/module-builder.ts'
import { defineVectorFunction, tanh } from './loop/math.ts'
import { importProduct } from './matmul/imported.ts'
import { defineMatmul, type Matmul } from './matmul/matmul.ts'
import { importWideTiles, wideHeight } from './matmul/wide.ts'
import { defineZeroRows } from './matmul/zero-rows.ts'
import { LARGE_LOOP } from './plan/gather.ts'
import type { Kernel } from './plan/kernels.ts'
import { type Buffer, bytesOf, type ProgramBuffers } from './plan/memory.ts'
import { planStep, type StepPlan } from './plan/plan.ts'
import { scratchOfProduct, shapeOfProduct, skipsZeroRows } from './product-call.ts'
import { defineStep } from './step.ts'
import { CONTROL, defineBarrier, defineServe } from './threads.ts'

export interface LowerOptions {
  /** Uses relaxed SIMD's multiply-add: faster, but other bits than without it. */
  relaxed: boolean
  /** Threads that share the memory; 1 for memory that is not shared. */
  threads: number
  /**
   * What computes the products: the module alone, with the wide tiles of another module (`wide.ts`), or a function
   * outside WebAssembly (`imported.ts`).
   */
  products?: 'own' | 'wide' | 'imported'
  /** Rows of the module's own tiles. */
  height?: 4 | 6
  /** Whether steps run on other threads than the caller's, where synchronous ones run at the same time. */
  background?: boolean
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
/** Scratch memory begins with a cache line. */
const LINE = 64

/**
 * Lowers a program.
 * @throws RangeError if it takes more than the 4 GiB that WebAssembly can address
 */
export function lowerToWasm<Inputs, Outputs, State>(
  definition: ProgramDefinition<Inputs, Outputs, State>,
  options: LowerOptions,
): LoweredProgram
export function lowerToWasm(definition: ProgramDefinition, options: LowerOptions): LoweredProgram {
  const { threads, background = false } = options
  const module = new ModuleBuilder()
  // A module's imports come before all else, and its memory is imported when its size is known.
  const matmul = defineProducts(module, options)
  const memory = createMap(CONTROL.bytes(Object.keys(definition.state).length))
  const buffers = placeFixed(definition, memory.allocate)
  // Another module or a native product cannot call functions of this module.
  const activations = options.products === 'imported' ? (['relu'] as const) : (['relu', 'tanh'] as const)
  const planned = Object.entries(definition.steps).map(([name, step]) => {
    const { synchronous = false } = step
    const shared = threads > 1 && !synchronous
    return { name, synchronous, shared, plan: planStep(step, buffers, { shared, activations }) }
  })
  const workspaceFor = (steps: typeof planned): Workspace =>
    allocateWorkspace(
      steps.map(({ plan }) => plan),
      { matmul, threads, allocate: memory.allocate },
    )
  const isApart = ({ synchronous }: (typeof planned)[number]) => background && synchronous
  const workspace = workspaceFor(planned.filter(step => !isApart(step)))
  const ownWorkspace = workspaceFor(planned.filter(isApart))
  const pages = Math.ceil((memory.end() + 2 * LINE) / PAGE)
  if (pages > LIMIT) {
    throw new RangeError(
      `The program needs ${Math.round(memory.end() / 2 ** 20)} MiB; WebAssembly has at most 4096. ` +
        'Take smaller networks or batches.',
    )
  }
  const isShared = threads > 1 || background
  module.importMemory({
    module: 'env',
    field: 'memory',
    pages,
    ...(isShared ? { maximumPages: pages, shared: true } : {}),
  })
  const barrier = threads > 1 ? defineBarrier(module) : undefined
  const kernels = planned.flatMap(({ plan }) => kernelsOf(plan))
  const zeroRows = kernels.some(kernel => kernel.kind === 'product' && skipsZeroRows(kernel))
    ? defineZeroRows(module)
    : undefined
  const functions = planned.map(step => {
    const { name, plan, shared } = step
    const space = isApart(step) ? ownWorkspace : workspace
    return defineStep(
      { module, matmul, plan, buffers, ...space, barrier: shared ? barrier : undefined, zeroRows },
      name,
    )
  })
  if (threads > 1) defineServe(module, functions)
  const steps = planned.map(({ name }) => name)
  const sharedSteps = planned.filter(({ shared, plan }) => shared && kernelsOf(plan).some(isLarge))
  return { module, buffers, steps, sharedSteps: sharedSteps.map(({ name }) => name), pages }
}

/** Memory for what steps need while they run. Steps share it if they never run at the same time. */
type Workspace = Pick<Context, 'temporaries' | 'scratch' | 'scratchPerThread'>

function allocateWorkspace(
  plans: readonly StepPlan[],
  {
    matmul,
    threads,
    allocate,
  }: { matmul: Matmul; threads: number; allocate: (bytes: number, alignment?: number) => number },
): Workspace {
  const scratchOf = (kernel: Kernel): number =>
    kernel.kind === 'product' ? scratchOfProduct(matmul, kernel) : 0
  const temporaries = allocate(Math.max(0, ...plans.map(plan => plan.temporaryBytes)))
  const largest = Math.max(0, ...plans.flatMap(kernelsOf).map(scratchOf))
  const scratchPerThread = LINE * Math.ceil(largest / LINE)
  return { temporaries, scratch: allocate(threads * scratchPerThread, LINE), scratchPerThread }
}

/** Declares what a module imports for its products and defines the rest. */
function defineProducts(module: ModuleBuilder, { relaxed, products = 'own', height }: LowerOptions) {
  const imported = products === 'imported' ? importProduct(module) : undefined
  const bareTiles = products === 'wide' ? importWideTiles(module, relaxed) : undefined
  return defineMatmul(module, {
    relaxed,
    imported,
    bareTiles,
    height: bareTiles ? wideHeight(relaxed) : height,
    activations: [defineVectorFunction(module, 'tanh', tanh)],
  })
}

/** Hands out stretches of memory, one after another. */
function createMap(start: number) {
  let end = start
  return {
    end: () => end,
    allocate(bytes: number, alignment = 16): number {
      const address = alignment * Math.ceil(end / alignment)
      end = address + bytes
      return address
    },
  }
}

/** Memory of what lasts: inputs, outputs and both copies of each state tensor. */
function placeFixed(definition: ProgramDefinition, allocate: (bytes: number) => number): ProgramBuffers {
  const bufferOf = (kind: Buffer['kind'], tensor: Tensor, state?: string): Buffer => {
    const size = sizeOf(tensor.shape)
    return { kind, size, state, address: allocate(bytesOf({ size })), first: 0, last: 0 }
  }
  const outputs = Object.assign({}, ...Object.values(definition.steps).map(step => step.outputs))
  return {
    inputs: mapRecord(definition.inputs, tensor => bufferOf('fixed', tensor)),
    outputs: mapRecord(outputs as Record<string, Tensor>, tensor => bufferOf('fixed', tensor)),
    present: mapRecord(definition.state, (tensor, name) => bufferOf('present', tensor, name)),
    next: mapRecord(definition.state, (tensor, name) => bufferOf('next', tensor, name)),
  }
}

const kernelsOf = ({ epochs }: StepPlan): Kernel[] => epochs.flat().map(({ kernel }) => kernel)

/** Products with fewer multiplications are not worth waking other threads for. */
const LARGE_PRODUCT = 100_000

/** Whether a kernel's size and kind make it worth sharing among threads. */
function isLarge(kernel: Kernel): boolean {
  if (kernel.kind === 'loop') return kernel.rows * kernel.columns >= LARGE_LOOP
  const { m, n, k } = shapeOfProduct(kernel)
  return m * n * k >= LARGE_PRODUCT && m >= 8
}
