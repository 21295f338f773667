import { input, matmul, slice } from '../src/graph/operations.ts'
import type { ProgramDefinition } from '../src/graph/program.ts'
import { schedule } from '../src/graph/schedule.ts'
import { ancestors, sameShape, type Tensor } from '../src/graph/tensor.ts'
import { createRandom } from '../src/random.ts'
import { chooseEngine, compile, type Engine } from '../src/sac/engine.ts'
import { createLearner, type Learner } from '../src/sac/learner.ts'
import type { SacOptionsInput } from '../src/sac/options.ts'
import { parseSacOptions } from '../src/sac/parse-options.ts'
import { type UpdateConfig, updateProgram } from '../src/sac/update.ts'
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
  const engines: Engine[] = [1, 2].flatMap(threads => [
    { ...chooseEngine({ ...configOf(FULL), engine: 'native' }), threads },
    { kind: 'wasm', threads },
  ])
  const full = await Promise.all(engines.map(engine => learnerOf(FULL, engine)))
  const small = await learnerOf(SMALL, { kind: 'wasm', threads: 1 })
  const rates = await pairedRates([
    ...full.map(learner => () => learner.update()),
    ...(await Promise.all(engines.map(engine => matrixProducts(FULL, engine)))),
    () => small.update(),
  ])
  await Promise.all([...full, small].map(({ program }) => program.dispose()))

  const updates = (what: string, { median, best }: Rate, reach?: number): Row => ({
    what,
    value: median,
    best,
    unit: 'updates/s',
    ...(reach && atLeast(reach, median)),
  })
  const fullRows = engines.flatMap(({ kind, threads }, i) => {
    const what = `full step, ${kind}, ${threads} thread${threads > 1 ? 's' : ''}`
    const [step, products] = [rates[i], rates[engines.length + i]]
    const share = (100 * step.median) / products.median
    return [
      updates(what, step),
      updates(`${what}: its matrix products alone`, products),
      { what: `${what}: share of that speed`, value: share, unit: '%' },
    ]
  })
  return [...fullRows, updates('small step, wasm, 1 thread', rates[2 * engines.length], 2000)]
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
