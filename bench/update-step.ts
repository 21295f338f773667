import { compileOnnx } from '../src/graph/onnx/program.ts'
import { input, matmul } from '../src/graph/operations.ts'
import type { Program, ProgramDefinition, StepDefinition } from '../src/graph/program.ts'
import { schedule } from '../src/graph/schedule.ts'
import type { Tensor } from '../src/graph/tensor.ts'
import { createRandom } from '../src/random.ts'
import { compile, type Engine } from '../src/sac/engine.ts'
import { createLearner, type Learner } from '../src/sac/learner.ts'
import { type UpdateConfig, updateProgram } from '../src/sac/update.ts'
import { atLeast, atMost, pairedRates, type Row, rate } from './measure.ts'

type Sizes = Pick<UpdateConfig, 'observationSize' | 'actionSize' | 'hiddenSizes' | 'batchSize'>

export const FULL: Sizes = { observationSize: 17, actionSize: 6, hiddenSizes: [256, 256], batchSize: 256 }
export const SMALL: Sizes = { observationSize: 3, actionSize: 1, hiddenSizes: [64, 64], batchSize: 64 }

const configOf = (sizes: Sizes): UpdateConfig => ({
  ...sizes,
  activation: 'relu',
  gamma: 0.99,
  tau: 0.005,
  tuneTemperature: true,
  targetEntropy: -sizes.actionSize,
  maxGradientNorm: 'none',
  policyDelay: 1,
  targetUpdateInterval: 1,
})

const LEARNING_RATES = { actorLearningRate: 3e-4, criticLearningRate: 3e-4, temperatureLearningRate: 3e-4 }

/** A learner with a random batch in its inputs, ready to update. */
async function learnerOf(sizes: Sizes, kind: Engine['kind'], threads: number): Promise<Learner> {
  const random = createRandom(0, 'bench')
  const learner = await createLearner(
    configOf(sizes),
    { ...LEARNING_RATES, temperature: 'auto', threads },
    random,
  )
  const { inputs } = learner.program
  for (const name of ['observation', 'nextObservation', 'reward', 'noise', 'nextNoise'])
    random.fillNormal(inputs[name])
  random.fillUniform(inputs.action, -1, 1)
  return learner
}

/** The matrix products of an update and nothing else, in the same engine: the floor under the update's time. */
async function matrixProducts(sizes: Sizes, threads: number): Promise<Program> {
  const [update] = Object.values(updateProgram(configOf(sizes)).steps)
  const { tensors } = schedule([...Object.values(update.updates), ...Object.values(update.outputs)])
  const inputs: Record<string, Tensor> = {}
  const operand = (name: string, { shape }: Tensor) => {
    inputs[name] ??= input(name, shape)
    return inputs[name]
  }
  // Second operands of one shape are shared; first ones are not, or equal products would be computed only once.
  const products = tensors
    .filter(tensor => tensor.operation === 'matmul')
    .map(({ inputs: [a, b, bias], attributes: { transposeA, transposeB } }, i) => {
      const second = operand(`b[${b.shape}]`, b)
      const options = { transposeA, transposeB, bias: bias && operand(`bias[${bias.shape}]`, bias) }
      return [`product${i}`, matmul(operand(`a${i}`, a), second, options)] as const
    })
  const step: StepDefinition = { updates: {}, outputs: Object.fromEntries(products) }
  const definition: ProgramDefinition = { inputs, state: {}, steps: { products: step } }
  const program = await compileOnnx(definition, { threads })
  const random = createRandom(0, 'bench')
  for (const values of Object.values(program.inputs)) random.fillUniform(values, -0.1, 0.1)
  return program
}

/** Updates a second, and the share of the speed that the matrix products alone reach. */
export async function updateStep(): Promise<Row[]> {
  const learners = [await learnerOf(FULL, 1), await learnerOf(FULL, 2), await learnerOf(SMALL, 1)]
  const products = await matrixProducts(FULL, 2)
  const [one, two, small, floor] = await pairedRates([
    ...learners.map(learner => () => learner.update()),
    () => products.run('products'),
  ])
  const share = (100 * two) / floor
  await Promise.all([...learners.map(({ program }) => program), products].map(program => program.dispose()))
  return [
    { what: 'full step, 1 thread', value: one, unit: 'updates/s' },
    { what: 'full step, 2 threads', value: two, unit: 'updates/s', ...atLeast(150, two) },
    { what: 'its matrix products alone, 2 threads', value: floor, unit: 'steps/s' },
    { what: 'share of that speed', value: share, unit: '%', ...atLeast(60, share) },
    { what: 'small step, 1 thread', value: small, unit: 'updates/s', ...atLeast(1800, small) },
  ]
}

/** Memory of the process before and after 100,000 further updates. */
export async function memoryGrowth(): Promise<Row[]> {
  const learner = await learnerOf(SMALL, 1)
  const resident = () => {
    globalThis.gc?.()
    return process.memoryUsage().rss / 2 ** 20
  }
  await rate(() => learner.update(), 10)
  const before = resident()
  for (let i = 0; i < 100_000; i++) await learner.update()
  const growth = resident() - before
  await learner.program.dispose()
  // A leak of 20 bytes an update would show as 2 MB; the garbage collector's own slack is smaller than that.
  return [{ what: 'memory growth over 100,000 updates', value: growth, unit: 'MB', ...atMost(2, growth) }]
}
