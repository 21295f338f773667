/**
 * Speed of the WebAssembly matrix products, on one core: `npx jiti bench/wasm-kernels.ts [--relaxed]`.
 *
 * All shapes take turns in many short rounds and the best round counts, so that other work on the machine
 * disturbs little. `--relaxed` needs an engine with relaxed SIMD.
 */
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

const bytes = module.bytes()
const memory = new WebAssembly.Memory({ initial: pages })
new Float32Array(memory.buffer).forEach((_, index, all) => {
  all[index] = ((index * 7919) % 1009) / 1009 - 0.5
})
const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } })

const best = shapes.map(() => Number.POSITIVE_INFINITY)
const rounds = 100
for (let round = 0; round < rounds; round++) {
  // Optimised code takes over in the background, between rounds.
  await new Promise(resolve => setTimeout(resolve, 1))
  shapes.forEach(({ m, n, k }, index) => {
    const run = instance.exports[`product${index}`] as () => void
    const repeats = Math.max(1, Math.round(1e7 / (2 * m * n * k + 1e4)))
    const start = performance.now()
    for (let repeat = 0; repeat < repeats; repeat++) run()
    best[index] = Math.min(best[index]!, (performance.now() - start) / repeats)
  })
}

console.log(`${bytes.length} bytes of module${relaxed ? ', relaxed SIMD' : ''}`)
console.log('form     m     k     n   microseconds   GFLOP/s')
shapes.forEach(({ form, m, n, k }, index) => {
  const sizes = [m, k, n].map(size => String(size).padStart(5)).join(' ')
  const time = (best[index]! * 1e3).toFixed(2).padStart(14)
  console.log(`${form}   ${sizes} ${time} ${((2 * m * n * k) / best[index]! / 1e6).toFixed(1).padStart(9)}`)
})
