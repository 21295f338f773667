import { compileOnnx } from '../src/graph/onnx/program.ts'
import { input, matmul, slice } from '../src/graph/operations.ts'
import type { ProgramDefinition } from '../src/graph/program.ts'
import { schedule } from '../src/graph/schedule.ts'
import { ancestors, sameShape, type Tensor } from '../src/graph/tensor.ts'
import { createRandom } from '../src/random.ts'
import { compile, type Engine } from '../src/sac/engine.ts'
import { createLearner, type Learner } from '../src/sac/learner.ts'
import type { SacOptionsInput } from '../src/sac/options.ts'
import { parseSacOptions } from '../src/sac/parse-options.ts'
import { stepName, type UpdateConfig, updateProgram } from '../src/sac/update.ts'
import { atLeast, atMost, pairedRates, type Rate, type Row, rate } from './measure.ts'

export type Sizes = Pick<UpdateConfig, 'observationSize' | 'actionSize' | 'hiddenSizes' | 'batchSize'>

export const FULL: Sizes = { observationSize: 17, actionSize: 6, hiddenSizes: [256, 256], batchSize: 256 }
export const SMALL: Sizes = { observationSize: 3, actionSize: 1, hiddenSizes: [64, 64], batchSize: 64 }

/** The config of an update of these sizes, with additional options. */
export const configOf = (
  { observationSize, actionSize, hiddenSizes, batchSize }: Sizes,
  options: SacOptionsInput = {},
): UpdateConfig => ({
  ...parseSacOptions({ hiddenSizes, batchSize, ...options }),
  observationSize,
  actionSize,
})

/** A learner with a random batch in its inputs, ready to update. */
export async function learnerOf(
  sizes: Sizes,
  engine: Engine,
  options: SacOptionsInput = {},
): Promise<Learner> {
  const learner = await createLearner(configOf(sizes, options), engine, createRandom(0, 'bench'))
  fillInputs(learner.program)
  return learner
}

export function fillInputs({ inputs }: { inputs: object }): void {
  const random = createRandom(0, 'bench')
  for (const values of Object.values(inputs)) random.fillUniform(values, -1, 1)
}

/** The same update in onnxruntime-web, which the package itself only uses where nothing else is there. */
async function webUpdate(sizes: Sizes): Promise<() => Promise<void>> {
  const ort = await import('onnxruntime-web/wasm')
  const config = configOf(sizes)
  const program = await compileOnnx(updateProgram(config), { runtime: { ort, name: 'onnxruntime-web' } })
  const { program: initial } = await learnerOf(sizes, { kind: 'wasm', threads: 1 })
  for (const name of ['actor', 'critics', 'targets', 'logAlpha'] as const)
    program.state(name).set(initial.state(name))
  fillInputs(program)
  program.inputs.schedule.fill(1e-4)
  return async () => {
    await program.run(stepName({ actor: true, targets: true }))
    program.commit()
  }
}

/** Every tensor of an update, inputs before users. */
function tensorsOf(sizes: Sizes): Tensor[] {
  const [update] = Object.values(updateProgram(configOf(sizes)).steps)
  return schedule([...Object.values(update.updates), ...Object.values(update.outputs)]).tensors
}

/** Every matrix product of an update. */
export const productsOf = (sizes: Sizes): Tensor[] =>
  tensorsOf(sizes).filter(tensor => tensor.operation === 'matmul')

/**
 * The matrix products of an update and nothing else, in the same engine: the floor under the update's time. They pass
 * on their results as in the update, so that these are found in the cache; only what is between them is missing.
 */
export async function matrixProducts(sizes: Sizes, engine: Engine): Promise<() => unknown> {
  const program = await compile(productsAlone(sizes), engine)
  fillInputs(program)
  return () => program.run('products')
}

function productsAlone(sizes: Sizes): ProgramDefinition {
  /** What represents a tensor: a product, or that which it was computed from if it has its shape, or an input. */
  const standIns = new Map<Tensor, Tensor>()
  const unread = new Set<Tensor>()
  for (const tensor of tensorsOf(sizes)) {
    const { id, operation, shape, attributes } = tensor
    const operands = tensor.inputs.map(x => standIns.get(x)!)
    if (operation === 'matmul') {
      const [a, b, bias] = operands
      const { transposeA, transposeB } = attributes
      const product = matmul(a, b, { transposeA, transposeB, bias })
      for (const x of operands) unread.delete(x)
      unread.add(product)
      standIns.set(tensor, product)
    } else {
      const product = operands.find(x => x.operation === 'matmul' && sameShape(x.shape, shape))
      standIns.set(tensor, product ?? input(`x${id}`, shape))
    }
  }
  // A row of each is enough for it to be computed, and cheap to hand over.
  const outputs = Object.fromEntries([...unread].map((x, i) => [`product${i}`, slice(x, 0, 0, 1)]))
  const given = ancestors(Object.values(outputs)).filter(({ operation }) => operation === 'input')
  const inputs = Object.fromEntries(given.map(x => [x.attributes.name, x]))
  return { inputs, state: {}, steps: { products: { updates: {}, outputs } } }
}

/** Updates a second on each engine, and the share of the speed that the matrix products alone reach. */
export async function updateStep(): Promise<Row[]> {
  const engines: Engine[] = [
    { kind: 'onnx', threads: 1 },
    { kind: 'onnx', threads: 2 },
    { kind: 'wasm', threads: 1 },
    { kind: 'wasm', threads: 2 },
  ]
  const full = await Promise.all(engines.map(engine => learnerOf(FULL, engine)))
  const small = await Promise.all([engines[0], engines[2]].map(engine => learnerOf(SMALL, engine)))
  const steps = [...full, ...small].map(learner => () => learner.update())
  const [onnx1, onnx2, wasm1, wasm2, smallOnnx, smallWasm, fullWeb, smallWeb, onnxFloor, wasmFloor] =
    await pairedRates([
      ...steps,
      await webUpdate(FULL),
      await webUpdate(SMALL),
      await matrixProducts(FULL, engines[1]),
      await matrixProducts(FULL, engines[2]),
    ])
  await Promise.all([...full, ...small].map(({ program }) => program.dispose()))

  const updates = (what: string, { median, best }: Rate, reach?: number): Row => ({
    what,
    value: median,
    best,
    unit: 'updates/s',
    ...(reach && atLeast(reach, median)),
  })
  const times = (what: string, a: Rate, b: Rate, reach: number): Row => ({
    what,
    value: a.median / b.median,
    unit: 'times',
    ...atLeast(reach, a.median / b.median),
  })
  const share = (what: string, step: Rate, products: Rate, reach?: number): Row[] => {
    const value = (100 * step.median) / products.median
    return [
      updates(`${what}: its matrix products alone`, products),
      { what: `${what}: share of that speed`, value, unit: '%', ...(reach && atLeast(reach, value)) },
    ]
  }
  return [
    updates('full step, onnxruntime-node, 1 thread', onnx1),
    updates('full step, onnxruntime-node, 2 threads', onnx2, 150),
    ...share('full step, onnxruntime-node, 2 threads', onnx2, onnxFloor, 60),
    updates('full step, WebAssembly, 1 thread', wasm1, 35),
    ...share('full step, WebAssembly, 1 thread', wasm1, wasmFloor),
    updates('full step, WebAssembly, 2 threads', wasm2, 60),
    updates('full step, onnxruntime-web, 1 thread', fullWeb),
    times('full step, WebAssembly against onnxruntime-web, 1 thread', wasm1, fullWeb, 1.3),
    updates('small step, onnxruntime-node, 1 thread', smallOnnx),
    updates('small step, WebAssembly, 1 thread', smallWasm, 2000),
    updates('small step, onnxruntime-web, 1 thread', smallWeb),
    times('small step, WebAssembly against onnxruntime-web', smallWasm, smallWeb, 6),
  ]
}

/** Memory of the process before and after 100,000 further updates. */
export async function memoryGrowth(): Promise<Row[]> {
  const learner = await learnerOf(SMALL, { kind: 'wasm', threads: 1 })
  const resident = () => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 2 ** 20
  }
  await rate(() => learner.update(), 5)
  const before = resident()
  for (let i = 0; i < 100_000; i++) await learner.update()
  const growth = resident() - before
  await learner.program.dispose()
  // A leak of 20 bytes an update would show as 2 MB; the garbage collector's own slack is smaller than that.
  return [{ what: 'memory growth over 100,000 updates', value: growth, unit: 'MB', ...atMost(2, growth) }]
}
