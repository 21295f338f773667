/**
 * Speed of the WebAssembly kernels on one core: `npx jiti bench/wasm-kernels.ts [--relaxed]`.
 * `--relaxed` needs an engine with relaxed SIMD.
 */
import { gzipSync } from 'node:zlib'
import {
  apply,
  constant,
  emitElementwise,
  matrix,
  type Output,
  row,
  scalar,
} from '../src/graph/wasm/elementwise.ts'
import { type Code, i32, ModuleBuilder } from '../src/graph/wasm/encoder.ts'
import { defineMatmul, type Product, scratchBytes } from '../src/graph/wasm/matmul.ts'

type Shape = Pick<Product, 'form' | 'm' | 'n' | 'k'>

const shape = (form: Product['form'], m: number, k: number, n: number): Shape => ({ form, m, n, k })

const shapes: Shape[] = [
  shape('NN', 256, 256, 256),
  shape('TN', 256, 256, 256),
  shape('NT', 256, 256, 256),
  shape('NN', 64, 64, 64),
  shape('TN', 64, 64, 64),
  shape('NT', 64, 64, 64),
  shape('NN', 512, 1024, 1024),
  shape('NN', 256, 17, 256),
  shape('NN', 256, 393, 256),
  shape('NN', 256, 256, 12),
  shape('NN', 256, 256, 1),
  shape('NN', 64, 64, 2),
  shape('NN', 64, 64, 1),
  shape('NN', 64, 4, 64),
  shape('TN', 17, 256, 256),
  shape('TN', 23, 256, 256),
  shape('TN', 256, 256, 12),
  shape('TN', 256, 256, 1),
  shape('TN', 3, 64, 64),
  shape('NT', 256, 12, 256),
  shape('NT', 256, 1, 256),
  shape('NT', 256, 256, 6),
  shape('NN', 1, 17, 256),
  shape('NN', 1, 256, 256),
  shape('NN', 1, 256, 12),
]

const relaxed = process.argv.includes('--relaxed')
const module = new ModuleBuilder()
const pages = 512
module.importMemory({ module: 'env', field: 'memory', pages })
const matmul = defineMatmul(module, { relaxed })

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64
shapes.forEach(({ form, m, n, k }, index) => {
  const addresses: number[] = []
  let end = 64
  for (const bytes of [4 * m * k, 4 * k * n, 4 * m * n, 4 * n, scratchBytes({ m, k })]) {
    addresses.push(end)
    end += align(bytes + 16)
  }
  const [a, b, c, bias, scratch] = addresses.map(address => i32(address)) as Code[] as [
    Code,
    Code,
    Code,
    Code,
    Code,
  ]
  module.function(
    `product${index}`,
    {},
    [],
    f => f.add(matmul.product({ form, m, n, k, a, b, c, scratch, bias: form === 'NN' ? bias : undefined })),
    true,
  )
})

const kernelBytes = module.bytes()

/** Element-wise passes, each over operands of its own. */
const passes: { name: string; rows: number; columns: number; outputs: Output[] }[] = []
{
  const start = 2 ** 24
  const at = (index: number) => ({ offset: start + index * 1_000_064 })
  const [p, m, v, g, t] = [0, 1, 2, 3, 4].map(index => matrix(at(index)))
  const x = p!
  const first = apply('add', apply('mul', constant(0.9), m!), g!)
  const second = apply('add', apply('mul', constant(0.999), v!), apply('square', g!))
  const ratio = apply('div', first, apply('add', apply('sqrt', second), constant(1e-8)))
  const parameter = apply('sub', p!, apply('mul', scalar(at(5)), ratio))
  const average = apply('add', t!, apply('mul', constant(0.005), apply('sub', p!, t!)))
  const adam = [
    { value: first, to: at(1) },
    { value: second, to: at(2) },
    { value: parameter, to: at(0) },
  ]
  const pass = (name: string, rows: number, columns: number, ...outputs: Output[]): void => {
    passes.push({ name, rows, columns, outputs })
  }
  pass('Adam, 139k parameters', 1, 138_757, ...adam)
  pass('Adam, 9k parameters', 1, 9_000, ...adam)
  pass('averaging, 139k', 1, 138_757, { value: average, to: at(4) })
  pass('add row, relu', 256, 256, { value: apply('relu', apply('add', x, row(at(3)))), to: at(6) })
  pass('sum over axis 0', 256, 256, { value: x, to: at(6), sum: 0 })
  pass('sum over axis 1', 256, 256, { value: x, to: at(6), sum: 1 })
  pass('sum over all', 256, 256, { value: x, to: at(6), sum: 'all' })
  for (const name of ['exp', 'log', 'tanh', 'sigmoid', 'softplus'] as const) {
    pass(name, 256, 256, { value: apply(name, apply('abs', x)), to: at(6) })
  }
}
passes.forEach(({ rows, columns, outputs }, index) => {
  module.function(`pass${index}`, {}, [], f => emitElementwise(f, { rows, columns, outputs }), true)
})

const bytes = module.bytes()
const memory = new WebAssembly.Memory({ initial: pages })
new Float32Array(memory.buffer).forEach((_, index, all) => {
  all[index] = ((index * 7919) % 1009) / 1009 - 0.5
})
const began = performance.now()
const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })
const compiled = performance.now() - began

/** The best time of each, in milliseconds; all take turns, so that other work on the machine disturbs little. */
async function measure(names: readonly string[], repeats: readonly number[]): Promise<number[]> {
  const best = names.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < 100; round++) {
    // Optimised code takes over in the background, between rounds.
    await new Promise(resolve => setTimeout(resolve, 1))
    names.forEach((name, index) => {
      const run = instance.exports[name] as () => void
      const start = performance.now()
      for (let repeat = 0; repeat < repeats[index]!; repeat++) run()
      best[index] = Math.min(best[index]!, (performance.now() - start) / repeats[index]!)
    })
  }
  return best
}

console.log(
  `${kernelBytes.length} bytes of product kernels (${gzipSync(kernelBytes).length} gzipped)` +
    `${relaxed ? ', relaxed SIMD' : ''}; module compiled in ${compiled.toFixed(1)} ms`,
)
const products = await measure(
  shapes.map((_, index) => `product${index}`),
  shapes.map(({ m, n, k }) => Math.max(1, Math.round(1e7 / (2 * m * n * k + 1e4)))),
)
console.log('form     m     k     n   microseconds   GFLOP/s')
shapes.forEach(({ form, m, n, k }, index) => {
  const sizes = [m, k, n].map(size => String(size).padStart(5)).join(' ')
  const time = (products[index]! * 1e3).toFixed(2).padStart(14)
  console.log(
    `${form}   ${sizes} ${time} ${((2 * m * n * k) / products[index]! / 1e6).toFixed(1).padStart(9)}`,
  )
})
const times = await measure(
  passes.map((_, index) => `pass${index}`),
  passes.map(() => 4),
)
console.log('pass                    microseconds   ns/element')
passes.forEach(({ name, rows, columns }, index) => {
  const time = (times[index]! * 1e3).toFixed(2).padStart(12)
  console.log(
    `${name.padEnd(23)} ${time} ${((times[index]! * 1e6) / rows / columns).toFixed(3).padStart(12)}`,
  )
})
