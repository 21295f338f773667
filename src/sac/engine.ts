import { availableCores } from '../available-cores.ts'
import type { Program, ProgramDefinition } from '../graph/program.ts'
import { supportsRelaxedSimd } from '../graph/wasm/assembler/features.ts'
import { loadNativeProduct } from '../graph/wasm/native-product.ts'
import { criticHiddenSizes } from './networks.ts'
import type { SacOptions } from './options.ts'

/** The choice of what runs the gradient step. */
export interface Engine {
  kind: 'wasm' | 'wasm-fast' | 'native'
  threads: number
  /** Whether updates run on other threads than the caller's. */
  background?: boolean
  /** What a user should know about the choice, if anything. */
  notice?: string
}

type SizeOptions = Pick<SacOptions, 'batchSize' | 'hiddenSizes' | 'criticHiddenSizes'>

/** Multiplications in the widest hidden product of an update. */
const widestProduct = (options: SizeOptions): number =>
  options.batchSize * Math.max(...options.hiddenSizes, ...criticHiddenSizes(options)) ** 2

/** From this size on, sharing a product among threads saves more than synchronising them costs. */
const WORTH_THREADS = 64 * 128 * 128

/** From this size on, speed is worth results that differ between machines with fused multiply-add and without. */
const WORTH_NATIVE = 256 * 128 * 128

/**
 * Which engine and how many threads these options mean for networks of these sizes. Native products are only looked for
 * where they would be taken; without them, the same arithmetic is done in WebAssembly.
 */
export function chooseEngine(
  options: Pick<SacOptions, 'engine' | 'threads'> & Partial<Pick<SacOptions, 'background'>> & SizeOptions,
): Engine {
  const { engine, threads, background } = options
  const work = widestProduct(options)
  const decided = { ...decide(engine, work), background }
  if (threads !== 'auto') return { ...decided, threads }
  return { ...decided, threads: work >= WORTH_THREADS ? Math.min(4, availableCores()) : 1 }
}

/** The engine for products of this many multiplications. */
function decide(engine: SacOptions['engine'], work: number): Omit<Engine, 'threads'> {
  if (engine !== 'auto' && engine !== 'native') return { kind: engine }
  if (engine === 'auto' && work < WORTH_NATIVE) return { kind: 'wasm' }
  const native = loadNativeProduct()
  if (native.product) return { kind: 'native' }
  const { reason, remedy } = native
  if (engine === 'native') {
    const change = remedy ? ` (to change that: ${remedy})` : ''
    return {
      kind: 'wasm-fast',
      notice: `${reason}, so WebAssembly computes all products, more slowly${change}`,
    }
  }
  const kind = supportsRelaxedSimd() ? 'wasm-fast' : 'wasm'
  return remedy ? { kind, notice: `updates would be faster after: ${remedy}` } : { kind }
}

/**
 * Compiles a program for an engine.
 * @throws Error if it is `native` and there is no native product here
 */
export async function compile<Inputs, Outputs, State>(
  definition: ProgramDefinition<Inputs, Outputs, State>,
  engine: Engine,
): Promise<Program<Inputs, Outputs, State>> {
  const program = await compileFor(definition, engine)
  const notice = [engine.notice, program.notice].filter(Boolean).join('; ')
  return { ...program, notice: notice || undefined }
}

async function compileFor<Inputs, Outputs, State>(
  definition: ProgramDefinition<Inputs, Outputs, State>,
  { kind, threads, background }: Engine,
): Promise<Program<Inputs, Outputs, State>> {
  // A third of all code, which a page need not load before it makes an agent.
  const { compileWasm } = await import('../graph/wasm/program.ts')
  if (kind !== 'native')
    return compileWasm(definition, { threads, background, relaxed: kind === 'wasm-fast' })
  const { product, reason } = loadNativeProduct()
  if (!product) {
    throw new Error(`Engine 'native' cannot run: ${reason}. Take engine 'wasm-fast' or 'wasm'.`)
  }
  return compileWasm(definition, { threads, background, product })
}
