import { availableCores } from '../available-cores.ts'
import { compileOnnx } from '../graph/onnx/program.ts'
import { hasNativeRuntime } from '../graph/onnx/runtime.ts'
import type { Program, ProgramDefinition } from '../graph/program.ts'
import { loadNativeProduct } from '../graph/wasm/native-product.ts'
import { compileWasm } from '../graph/wasm/program.ts'
import { criticHiddenSizes } from './networks.ts'
import type { SacOptions } from './options.ts'

/** What runs the gradient step, decided. */
export interface Engine {
  kind: 'wasm' | 'wasm-fast' | 'native' | 'onnx'
  threads: number
}

type SizeOptions = Pick<SacOptions, 'batchSize' | 'hiddenSizes' | 'criticHiddenSizes'>

/** Multiplications in the widest hidden product of an update. */
const widestProduct = (options: SizeOptions): number =>
  options.batchSize * Math.max(...options.hiddenSizes, ...criticHiddenSizes(options)) ** 2

/** From here on sharing a product among threads saves more than meeting costs. */
const WORTH_THREADS = 64 * 128 * 128

/**
 * From here on speed is worth other bits than those of every other machine, and ONNX Runtime overtakes WebAssembly alone:
 * measured by `npm run bench -- engines`, told in docs/engines.md.
 */
const WORTH_NATIVE = 256 * 128 * 128

/**
 * Which engine and how many threads these options mean for networks of these sizes. Native products and ONNX Runtime
 * are only looked for where they would be taken.
 */
export async function chooseEngine(
  options: Pick<SacOptions, 'engine' | 'threads'> & SizeOptions,
): Promise<Engine> {
  const { engine, threads } = options
  const work = widestProduct(options)
  const faster = async (): Promise<Engine['kind']> => {
    if (work < WORTH_NATIVE) return 'wasm'
    if (loadNativeProduct().product) return 'native'
    return (await hasNativeRuntime()) ? 'onnx' : 'wasm'
  }
  const kind = engine === 'auto' ? await faster() : engine
  if (threads !== 'auto') return { kind, threads }
  return { kind, threads: work >= WORTH_THREADS ? Math.min(4, availableCores()) : 1 }
}

/**
 * Compiles a program for an engine.
 * @throws Error if it is `native` and there is no native product here
 */
export async function compile<Inputs, Outputs, State>(
  definition: ProgramDefinition<Inputs, Outputs, State>,
  { kind, threads }: Engine,
): Promise<Program<Inputs, Outputs, State>> {
  if (kind === 'onnx') return compileOnnx(definition, { threads })
  if (kind !== 'native') return compileWasm(definition, { threads, relaxed: kind === 'wasm-fast' })
  const { product, reason } = loadNativeProduct()
  if (!product) {
    throw new Error(`Engine 'native' cannot run: ${reason}. Install it, or use engine 'wasm-fast' or 'wasm'.`)
  }
  return compileWasm(definition, { threads, product })
}
