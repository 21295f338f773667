/** A lowered program in memory, ready to run: what every user of the WebAssembly lowering starts from. */
import { mapRecord } from '../../map-record.ts'
import type { ProgramDefinition } from '../program.ts'
import type { StateMemory } from '../state.ts'
import { supportsSimd } from './assembler/features.ts'
import type { Crew } from './crew.ts'
import { lowerToWasm } from './lower.ts'
import type { ImportedProduct } from './matmul/imported.ts'
import { canShareMemory, importsOf, type ModuleParts } from './module-parts.ts'
import type { Buffer } from './plan/memory.ts'
import { chooseProducts } from './products.ts'
import { CONTROL } from './threads.ts'

export interface WasmOptions {
  /** Threads that share the large products. The result does not depend on them. */
  threads?: number
  /** Take fused multiply-add where the platform has it: faster, with other bits than without. */
  relaxed?: boolean
  /** Take the wide tiles if this process has them (`allowWideKernels`), as is usual. */
  wide?: boolean
  /**
   * Run steps on threads other than the caller's, which stays free: `run` then returns a promise. Synchronous steps
   * stay on the caller's. Where memory may not be shared, all steps do.
   */
  background?: boolean
  /** A native product, which computes what fused multiply-add does, and takes its place. */
  product?: ImportedProduct
}

export interface WasmInstance {
  /** Which engine runs it, for people to read. */
  readonly engine: string
  /** What a user should know about the engine, if anything. */
  readonly notice?: string
  readonly inputs: Readonly<Record<string, Float32Array>>
  readonly outputs: Readonly<Record<string, Float32Array>>
  /** The caller that runs steps says which copies are the present ones. */
  readonly state: Readonly<Record<string, StateMemory>>
  /** Computes one step from the present copies into the others; at once, unless it runs in the background. */
  run(step: string): void | Promise<void>
  /** Ends the threads once their step is done; steps can still run, on the caller's thread alone. */
  dispose(): Promise<void>
}

/**
 * Compiles a program to one WebAssembly module and gives it memory.
 *
 * @throws Error where WebAssembly or its SIMD instructions are missing
 * @throws RangeError if the program takes more memory than there is
 */
export async function instantiateWasm(
  definition: ProgramDefinition,
  options: WasmOptions = {},
): Promise<WasmInstance> {
  if (!supportsSimd()) {
    throw new Error('This platform has no WebAssembly SIMD, which every engine needs. Update it.')
  }
  const { threads = 1 } = options
  const wanted = threads > 1 || options.background === true
  const shared = wanted && canShareMemory()
  const background = shared && options.background === true
  const products = await chooseProducts(options, shared)
  const lowered = lowerToWasm(definition, {
    ...products,
    products: products.kind,
    threads: shared ? threads : 1,
    background,
  })
  const { buffers, pages, steps, sharedSteps } = lowered
  const memory = createMemory(pages, shared)
  const module = await WebAssembly.compile(lowered.module.bytes())
  const parts: ModuleParts = { module, memory, wide: products.wide, product: products.product?.path }
  const { exports } = await WebAssembly.instantiate(module, importsOf(parts, products.product?.bind))
  let crew: Crew = {}
  let reason = wanted && !shared ? 'the page is not cross-origin isolated' : undefined
  try {
    if (shared)
      crew = await (await import('./crew.ts')).startCrew(parts, { helpers: threads - 1, background })
  } catch (error) {
    reason = (error as Error).message
  }

  const view = ({ address, size }: Buffer) => new Float32Array(memory.buffer, address, size)
  const state = mapRecord(definition.state, (_, name): StateMemory => {
    return { copies: [view(buffers.present[name]), view(buffers.next[name])], present: 0 }
  })
  const table = new Int32Array(memory.buffer)
  const writeTable = () => {
    Object.values(state).forEach(({ copies, present }, index) => {
      table[CONTROL.state(index, 'present') / 4] = copies[present].byteOffset
      table[CONTROL.state(index, 'next') / 4] = copies[1 - present].byteOffset
    })
  }
  const notices = [
    options.relaxed &&
      products.kind !== 'imported' &&
      !products.relaxed &&
      'this platform has no fused multiply-add for WebAssembly: the results are those of engine wasm',
    reason && `no threads could be started (${reason}): the caller's works alone, with the same result`,
  ].filter(Boolean)
  const count = crew.helpers ? threads : 1
  const name = `${products.name}, ${count} thread${count > 1 ? 's' : ''}${crew.leader ? ' in the background' : ''}`
  /** The step that runs in the background, if any. */
  let running: Promise<void> | undefined

  return {
    notice: notices.join('; ') || undefined,
    engine: name,
    inputs: mapRecord(buffers.inputs, view),
    outputs: mapRecord(buffers.outputs, view),
    state,
    run(step) {
      writeTable()
      const { helpers, leader } = definition.steps[step].synchronous ? {} : crew
      const team = sharedSteps.includes(step) ? helpers : undefined
      team?.begin(steps.indexOf(step))
      if (leader) {
        running = leader.run(step, team ? threads : 1)
        return running
      }
      const run = exports[step] as (thread: number, threads: number) => void
      run(0, team ? threads : 1)
    },
    async dispose() {
      await running?.catch(() => {}) // its caller handles the error
      crew.helpers?.stop()
      crew.leader?.stop()
      crew = {} // a step that waited for them would never end
    },
  }
}

function createMemory(pages: number, shared: boolean): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, ...(shared ? { maximum: pages, shared: true } : {}) })
  } catch (cause) {
    throw new RangeError(
      `The program needs ${Math.ceil(pages / 16)} MiB, which the platform does not give. Take smaller networks or batches.`,
      { cause },
    )
  }
}
