/** A lowered program in memory, ready to run: what every user of the WebAssembly lowering starts from. */
import { mapRecord } from '../../map-record.ts'
import type { ProgramDefinition } from '../program.ts'
import type { StateMemory } from '../state.ts'
import { supportsRelaxedSimd, supportsSimd } from './assembler/features.ts'
import { lowerToWasm } from './lower.ts'
import type { Buffer } from './plan/memory.ts'
import { CONTROL, canShareMemory, type Helpers, startHelpers } from './threads.ts'

export interface WasmOptions {
  /** Threads that share the large products. The result does not depend on them. */
  threads?: number
  /** Take fused multiply-add where the platform has it: faster, but no longer the same bits on every machine. */
  relaxed?: boolean
}

export interface WasmInstance {
  /** Which engine runs it, for people to read. */
  readonly engine: string
  /** What is worth telling a user about the engine, if anything. */
  readonly notice?: string
  readonly inputs: Readonly<Record<string, Float32Array>>
  readonly outputs: Readonly<Record<string, Float32Array>>
  /** Whoever runs steps says which copies are the present ones. */
  readonly state: Readonly<Record<string, StateMemory>>
  /** Computes one step from the present copies into the others. */
  run(step: string): void
  /** Ends the threads; steps still run, on the caller's alone. */
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
  { threads = 1, relaxed = false }: WasmOptions = {},
): Promise<WasmInstance> {
  if (!supportsSimd()) {
    throw new Error(
      "This platform has no WebAssembly SIMD, which engine 'wasm' needs. Update it, or use engine 'onnx'.",
    )
  }
  const fused = relaxed && supportsRelaxedSimd()
  const shared = threads > 1 && canShareMemory()
  const lowered = lowerToWasm(definition, { relaxed: fused, threads: shared ? threads : 1 })
  const { buffers, pages, steps, sharedSteps } = lowered
  const memory = createMemory(pages, shared)
  const module = await WebAssembly.compile(lowered.module.bytes())
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  const { started, reason } = shared
    ? await startHelpers(module, memory, threads - 1).then(
        started => ({ started, reason: undefined }),
        (error: Error) => ({ started: undefined, reason: error.message }),
      )
    : { started: undefined, reason: threads > 1 ? 'the page is not cross-origin isolated' : undefined }

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
    relaxed &&
      !fused &&
      'this platform has no fused multiply-add for WebAssembly: the results are those of engine wasm',
    reason && `no threads could be started (${reason}): one works alone, with the same result`,
  ].filter(Boolean)
  let helpers: Helpers | undefined = started

  return {
    notice: notices.join('; ') || undefined,
    engine: describe(fused, helpers ? threads : 1),
    inputs: mapRecord(buffers.inputs, view),
    outputs: mapRecord(buffers.outputs, view),
    state,
    run(step) {
      writeTable()
      const team = sharedSteps.includes(step) ? helpers : undefined
      team?.begin(steps.indexOf(step))
      const run = exports[step] as (thread: number, threads: number) => void
      run(0, team ? threads : 1)
    },
    async dispose() {
      helpers?.stop()
      helpers = undefined // a step that waited for them would never end
    },
  }
}

const describe = (fused: boolean, threads: number): string =>
  `WebAssembly${fused ? ' with fused multiply-add (not bit-exact)' : ''}, ${threads} thread${threads > 1 ? 's' : ''}`

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
