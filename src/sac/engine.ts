import { availableCores } from '../available-cores.ts'
import { compileOnnx } from '../graph/onnx/program.ts'
import { hasNativeRuntime } from '../graph/onnx/runtime.ts'
import type { Program, ProgramDefinition } from '../graph/program.ts'
import { compileWasm } from '../graph/wasm/program.ts'
import type { NetworkSizes } from './networks.ts'
import type { SacOptions } from './options.ts'

/** What runs the gradient step, decided. */
export interface Engine {
  kind: 'wasm' | 'wasm-fast' | 'onnx'
  threads: number
}

/** Multiplications in the widest hidden product of an update. */
const widestProduct = (batchSize: number, { hiddenSizes }: Pick<NetworkSizes, 'hiddenSizes'>): number =>
  batchSize * Math.max(...hiddenSizes) ** 2

/** From here on sharing a product among threads saves more than meeting costs. */
const WORTH_THREADS = 64 * 128 * 128

/** Where ONNX Runtime overtakes WebAssembly: measured by `npm run bench -- engines`, told in docs/engines.md. */
const WORTH_ONNX = 256 * 128 * 128

/**
 * Which engine and how many threads these options mean for networks of these sizes. ONNX Runtime is only looked for
 * where it would be the faster one.
 */
export async function chooseEngine(
  { engine, threads, batchSize }: Pick<SacOptions, 'engine' | 'threads' | 'batchSize'>,
  sizes: Pick<NetworkSizes, 'hiddenSizes'>,
): Promise<Engine> {
  const work = widestProduct(batchSize, sizes)
  const faster = async () => (work >= WORTH_ONNX && (await hasNativeRuntime()) ? 'onnx' : 'wasm')
  const kind = engine === 'auto' ? await faster() : engine
  if (threads !== 'auto') return { kind, threads }
  return { kind, threads: work >= WORTH_THREADS ? Math.min(4, availableCores()) : 1 }
}

/** Compiles a program for an engine. */
export const compile = (definition: ProgramDefinition, { kind, threads }: Engine): Promise<Program> =>
  kind === 'onnx'
    ? compileOnnx(definition, { threads })
    : compileWasm(definition, { threads, relaxed: kind === 'wasm-fast' })
