/**
 * Compiling the wide tiles (`matmul/wide.ts`). V8 joins operations of 128 bits to 256 under a flag that Node can set
 * while a module is compiled. The flag is experimental, and with other code it has ended whole processes. So:
 *
 * * it is set for one small module of straight code, synchronously and once in a process, and then restored;
 * * only in versions of V8 that the portability tests cover, and only if no flags of the compiler have been set;
 * * and only after a child process has done the same and got the same bits as without the flag.
 *
 * Everywhere else the module computes its tiles itself, with the same result.
 */
import { wideModule } from './matmul/wide.ts'

/** The compiled module, for memory of one's own and for shared memory. */
export interface WideTiles {
  readonly own: WebAssembly.Module
  readonly shared: WebAssembly.Module
}

/** Versions of V8, up to the build number: those of Node 24, 25 and 26. */
const TESTED = ['13.6.233', '14.1.146', '14.6.202']

/** What is set while the module is compiled, all of it at once and by the optimising compiler. */
const FLAGS = {
  liftoff: false,
  'wasm-lazy-compilation': false,
  'wasm-inlining': false,
  'experimental-wasm-revectorize': true,
}

let allowed: Promise<WideTiles | undefined> | undefined

/**
 * Lets WebAssembly engines of this process compute large products with 256-bit instructions where V8 can compile them:
 * about 1.5 times as fast, with the same bits. It starts a child process that tries it out first, and then sets flags
 * of V8 for about a millisecond. A program that loads other WebAssembly modules calls this before: V8 compiles them in
 * the background, and should not meet the flags.
 *
 * @returns whether it is possible here; where it is not, nothing changes
 * @example
 * await allowWideKernels()
 * const agent = await SAC.create(env, { hiddenSizes: [1024, 1024] })
 */
export async function allowWideKernels(): Promise<boolean> {
  allowed ??= compileWideTiles()
  return (await allowed) !== undefined
}

/** The wide tiles, if this process may and can have them. */
export const allowedWideTiles = async (): Promise<WideTiles | undefined> => allowed

async function compileWideTiles(): Promise<WideTiles | undefined> {
  const v8 = globalThis.process?.getBuiltinModule?.('node:v8')
  if (!v8 || !isTested(process)) return undefined
  const modules = { own: wideModule(false), shared: wideModule(true) }
  if (!(await probe([modules.own, modules.shared]))) return undefined
  const restore = Object.entries(FLAGS).map(([flag, value]) => setFlag(v8, flag, value))
  try {
    return { own: new WebAssembly.Module(modules.own), shared: new WebAssembly.Module(modules.shared) }
  } finally {
    for (const undo of restore) undo()
  }
}

/** What is needed of `node:v8`. */
interface V8 {
  setFlagsFromString(flag: string): void
  cachedDataVersionTag(): number
}

/**
 * Sets a flag of V8 and returns what sets it back. Flags cannot be read, but the tag of V8's code caches is made from
 * them: it changes only if the flag had the other value before.
 */
function setFlag(v8: V8, flag: string, value: boolean): () => void {
  const set = (on: boolean) => v8.setFlagsFromString(`--${on ? '' : 'no-'}${flag}`)
  const before = v8.cachedDataVersionTag()
  set(value)
  const changed = v8.cachedDataVersionTag() !== before
  return () => {
    if (changed) set(!value)
  }
}

/** What is needed of `process`; Node's own types may not be installed where ours are used. */
interface ProcessFacts {
  readonly arch: string
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly execArgv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Whether this process is one in which the flag has been tested. */
export function isTested({ arch, versions, execArgv, env }: ProcessFacts): boolean {
  // Bun has another engine, no matter which version of V8 it reports; Electron and Deno have builds of V8 of their own.
  const isNode = !('bun' in versions) && /-node\.\d+$/.test(versions.v8 ?? '')
  const isKnown = TESTED.some(version => versions.v8?.startsWith(`${version}.`))
  // Flags of the compiler are set for a reason, and their combination with ours has not been tested.
  const flags = [...execArgv, env.NODE_OPTIONS ?? ''].join(' ')
  const compilerFlags = /--\S*(wasm|liftoff|turbo|jitless|simd|avx|fma|sse|experimental-wasm)/i
  const { isMainThread } = process.getBuiltinModule('node:worker_threads')
  return arch === 'x64' && isNode && isKnown && isMainThread && !compilerFlags.test(flags)
}

/** What the child process does with modules given as base64: compiles each with and without the flags, and compares. */
const PROBE = `
const v8 = require('node:v8')
const [flags, ...modules] = JSON.parse(process.argv[1])
const setFlags = by => {
  for (const [flag, value] of Object.entries(flags)) v8.setFlagsFromString('--' + (value === by ? '' : 'no-') + flag)
}
const bytes = modules.map(base64 => Buffer.from(base64, 'base64'))
// An empty custom section makes it another module, which is compiled on its own.
const plain = bytes.map(bytes => new WebAssembly.Module(Buffer.concat([bytes, Buffer.from([0, 2, 1, 120])])))
setFlags(true)
const wide = bytes.map(bytes => new WebAssembly.Module(bytes))
setFlags(false)
const run = (module, shared) => {
  const memory = new WebAssembly.Memory({ initial: 1, ...(shared && { maximum: 1, shared }) })
  const floats = new Float32Array(memory.buffer)
  for (let i = 0; i < floats.length; i++) floats[i] = Math.sin(i * i)
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  return Object.values(exports).flatMap(tile => [1, 2, 3, 4, 37, 200].flatMap(k => {
    tile(64, 8192, k, 49152)
    return [...new Int32Array(memory.buffer, 49152, 96)]
  }))
}
const same = wide.every((module, i) => String(run(module, i === 1)) === String(run(plain[i], i === 1)))
process.stdout.write(same ? 'same' : 'different')
`

/** Whether a child process survives the flags, and gets the bits that there are without them. */
async function probe(modules: readonly Uint8Array[]): Promise<boolean> {
  const { execFile } = process.getBuiltinModule('node:child_process')
  const { NODE_OPTIONS: _, ...env } = process.env
  const input = JSON.stringify([FLAGS, ...modules.map(bytes => Buffer.from(bytes).toString('base64'))])
  return new Promise(resolve => {
    try {
      execFile(process.execPath, ['-e', PROBE, input], { env, timeout: 20_000 }, (error, output) =>
        resolve(!error && output === 'same'),
      )
    } catch {
      resolve(false) // this process may start no other
    }
  })
}
