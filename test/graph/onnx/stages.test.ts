import { describe, expect, test } from 'vitest'
import { compileOnnx } from '../../../src/graph/onnx/program.ts'
import { cutIntoStages } from '../../../src/graph/onnx/stages.ts'
import { add, concat, exp, input, matmul, mul, slice, sqrt, sum } from '../../../src/graph/operations.ts'
import type { ProgramDefinition } from '../../../src/graph/program.ts'
import { ancestors, sizeOf } from '../../../src/graph/tensor.ts'
import { compileWasm } from '../../../src/graph/wasm/program.ts'
import { actorForward } from '../../../src/policy/network.ts'
import { createRandom } from '../../../src/random.ts'
import { createLearner } from '../../../src/sac/learner.ts'
import type { SacOptionsInput } from '../../../src/sac/options.ts'
import { parseSacOptions } from '../../../src/sac/parse-options.ts'
import { type UpdateConfig, updateProgram } from '../../../src/sac/update.ts'

const configOf = (options: SacOptionsInput = {}): UpdateConfig => ({
  ...parseSacOptions({
    hiddenSizes: [128, 128],
    batchSize: 8,
    maxGradientNorm: 0.5,
    policyDelay: 2,
    actorLearningRate: 1e-3,
    criticLearningRate: 1e-3,
    temperatureLearningRate: 1e-3,
    ...options,
  }),
  observationSize: 5,
  actionSize: 2,
})
const config = configOf()

const operations = (outputs: object) => new Set(ancestors(Object.values(outputs)).map(t => t.operation))

describe('a whole update', () => {
  const [[name, step]] = Object.entries(updateProgram(config).steps)
  const { stages, handed } = cutIntoStages(name, step)

  test('alternates between products and loops', () => {
    expect(stages.map(({ side }) => side)).toEqual(['onnx', 'wasm', 'onnx', 'wasm'])
  })

  test('leaves no product to the loops, and no square root of a long vector to ONNX Runtime', () => {
    for (const { side, updates, outputs } of stages) {
      const found = operations({ ...updates, ...outputs })
      if (side === 'wasm') expect(found).not.toContain('matmul')
      for (const { operation, shape } of ancestors(Object.values({ ...updates, ...outputs }))) {
        if (side === 'onnx' && operation === 'sqrt') expect(sizeOf(shape)).toBe(1)
      }
    }
  })

  test('hands on nothing but gradients and single numbers: what leaves a model costs', () => {
    const long = Object.values(handed).filter(({ shape }) => sizeOf(shape) > 1)
    expect(long.map(({ shape }) => shape)).toEqual([step.updates.critics?.shape, step.updates.actor?.shape])
  })

  test('computes every state and output that the step does', () => {
    const given = (kind: 'updates' | 'outputs') => stages.flatMap(stage => Object.keys(stage[kind]))
    expect(given('updates').sort()).toEqual(Object.keys(step.updates).sort())
    expect(given('outputs')).toEqual(
      expect.arrayContaining(Object.keys(step.outputs).map(output => `output ${output}`)),
    )
  })
})

test('both engines learn the same, with clipped gradients and a delayed policy', async () => {
  const learners = await Promise.all(
    (['onnx', 'wasm'] as const).map(kind =>
      createLearner(config, { kind, threads: 1 }, createRandom(0, 'x')),
    ),
  )
  const random = createRandom(1, 'batch')
  for (let update = 0; update < 6; update++) {
    for (const values of Object.values(learners[0].program.inputs)) random.fillUniform(values, -1, 1)
    Object.values(learners[1].program.inputs).forEach((values, i) => {
      values.set(Object.values(learners[0].program.inputs)[i])
    })
    const [onnx, wasm] = await Promise.all(learners.map(learner => learner.update()))
    for (const [name, value] of Object.entries(onnx)) {
      expect(value, name).toBeCloseTo(wasm[name as keyof typeof wasm]!, 4)
    }
  }
  for (const name of ['actor', 'critics', 'targets', 'actorVelocity', 'logAlpha'] as const) {
    const [onnx, wasm] = learners.map(({ program }) => program.state(name))
    const differences = onnx.map((value, i) => Math.abs(value - wasm[i]))
    expect(Math.max(...differences), name).toBeLessThan(2e-4)
  }
})

test('values pass between stages of any kind', async () => {
  const n = 20_000
  const x = input('x', [1, n])
  const total = input('total', [1, n])
  const gain = exp(slice(x, 1, 0, 1)) // ONNX Runtime
  const long = add(total, mul(x, gain)) // loops
  const length = sqrt(sum(mul(long, long))) // goes on in the loops
  const late = exp(slice(x, 1, 0, 4)) // postponed to where it is read
  const product = matmul(slice(long, 1, 0, 4), mul(slice(long, 1, 4, 8), late), { transposeA: true })
  const part = slice(late, 1, 1, 3)
  const joined = concat([exp(slice(long, 1, 0, 10)), slice(x, 1, 10, n)], 1)
  const again = add(joined, mul(long, x)) // loops again, reading what loops computed before
  const definition: ProgramDefinition = {
    inputs: { x },
    state: { total },
    steps: { step: { updates: { total: long }, outputs: { length, product, part, again } } },
  }
  const { stages } = cutIntoStages('step', definition.steps.step)
  expect(stages.map(({ side }) => side)).toEqual(['onnx', 'wasm', 'onnx', 'wasm'])
  const programs = [await compileOnnx(definition), await compileWasm(definition)]
  for (const program of programs) {
    createRandom(0, 'x').fillUniform(program.inputs.x, -1, 1)
    for (let i = 0; i < 2; i++) {
      await program.run('step')
      program.commit()
    }
  }
  const [onnx, wasm] = programs
  for (const name of ['length', 'product', 'part', 'again']) {
    const differences = onnx.outputs[name].map((value, i) => Math.abs(value - wasm.outputs[name][i]))
    expect(Math.max(...differences), name).toBeLessThan(1e-4)
  }
  const differences = onnx.state('total').map((value, i) => Math.abs(value - wasm.state('total')[i]))
  expect(Math.max(...differences)).toBeLessThan(1e-5)
})

test('the agent acts at once with ONNX Runtime too, even while it learns, with the weights that it has then', async () => {
  const learner = await createLearner(
    configOf({ policyDelay: 1, actorLearningRate: 1e-1 }),
    { kind: 'onnx', threads: 1 },
    createRandom(0, 'x'),
  )
  for (const values of Object.values(learner.program.inputs))
    createRandom(1, 'batch').fillUniform(values, -1, 1)
  const observation = [0.1, -0.2, 0.3, 0.4, -0.5]
  const act = () => Array.from(learner.forward(observation))
  const actor = actorForward(config)
  const expectPresentWeights = (found: number[]) => {
    const expected = actor(learner.program.state('actor'), observation)
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], 5)
  }
  const before = act()
  expectPresentWeights(before)
  const updating = learner.update()
  expect(act()).toEqual(before)
  await updating
  expect(act()).not.toEqual(before)
  expectPresentWeights(act())
})
