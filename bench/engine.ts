import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { input, matmul } from '../src/graph/operations.ts'
import { lowerToWasm } from '../src/graph/wasm/lower.ts'
import { createRandom } from '../src/random.ts'
import { compile } from '../src/sac/engine.ts'
import { updateProgram } from '../src/sac/update.ts'
import { atLeast, atMost, pairedRates, type Row } from './measure.ts'
import { configOf, FULL } from './update-step.ts'

/** Speed of one square matrix product in WebAssembly, one thread. */
export async function matrixProduct(): Promise<Row[]> {
  const sizes = [256, 64]
  const programs = await Promise.all(
    sizes.map(async size => {
      const [a, b] = ['a', 'b'].map(name => input(name, [size, size]))
      const step = { updates: {}, outputs: { c: matmul(a, b) } }
      const program = await compile(
        { inputs: { a, b }, state: {}, steps: { step } },
        { kind: 'wasm', threads: 1 },
      )
      const random = createRandom(0, 'bench')
      for (const values of Object.values(program.inputs)) random.fillUniform(values, -1, 1)
      return program
    }),
  )
  const rates = await pairedRates(
    programs.map(program => () => {
      for (let i = 0; i < 20; i++) program.run('step')
    }),
  )
  return sizes.map((size, i) => {
    const gigaflops = (perSecond: number) => (20 * perSecond * 2 * size ** 3) / 1e9
    const speed = gigaflops(rates[i].median)
    return {
      what: `matrix product ${size}^3, WebAssembly`,
      value: speed,
      best: gigaflops(rates[i].best),
      unit: 'GFLOP/s',
      ...atLeast(22, speed),
    }
  })
}

/** Sizes and times of getting the WebAssembly engine ready. */
export async function engineStart(): Promise<Row[]> {
  const definition = updateProgram(configOf(FULL))
  const emitted: number[] = []
  const compiled: number[] = []
  let bytes = new Uint8Array() as Uint8Array<ArrayBuffer>
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    const { module, pages } = lowerToWasm(definition, { relaxed: false, threads: 1 })
    bytes = module.bytes()
    emitted.push(performance.now() - start)
    const begin = performance.now()
    await WebAssembly.instantiate(bytes, { env: { memory: new WebAssembly.Memory({ initial: pages }) } })
    compiled.push(performance.now() - begin)
  }
  const { outputFiles } = await build({
    entryPoints: ['src/graph/wasm/program.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
  })
  const code = gzipSync(outputFiles[0].contents).length / 1000
  const module = gzipSync(bytes).length / 1000
  return [
    {
      what: 'WebAssembly engine, code and module of the full step, gzipped',
      value: code + module,
      unit: 'kB',
      ...atMost(40, code + module),
    },
    { what: 'emitting the module, the first time', value: emitted[0], unit: 'ms' },
    {
      what: 'compiling and instantiating it, the first time',
      value: compiled[0],
      unit: 'ms',
      ...atMost(40, compiled[0]),
    },
  ]
}
