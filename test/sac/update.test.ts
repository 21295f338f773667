import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sizeOf } from '../../src/graph/tensor.ts'
import { createRandom } from '../../src/random.ts'
import { type UpdateConfig, updateProgram } from '../../src/sac/update.ts'
import { engines } from '../graph/engines.ts'
import { interpret } from '../graph/reference-interpreter.ts'

const size = fc.integer({ min: 1, max: 6 })

/** Any sizes and options, the smallest ones included. */
const configs: fc.Arbitrary<UpdateConfig> = fc.record({
  observationSize: size,
  actionSize: fc.integer({ min: 1, max: 4 }),
  hiddenSizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  activation: fc.constantFrom('relu' as const, 'tanh' as const),
  batchSize: fc.integer({ min: 1, max: 9 }),
  gamma: fc.constant(0.97),
  tau: fc.constant(0.1),
  tuneTemperature: fc.boolean(),
  targetEntropy: fc.constant(-1.5),
  maxGradientNorm: fc.constantFrom('none' as const, 0.05),
  policyDelay: fc.integer({ min: 1, max: 2 }),
  targetUpdateInterval: fc.integer({ min: 1, max: 2 }),
})

describe.each(Object.keys(engines))('%s', engine => {
  test('a whole update of any sizes agrees with its definition in float64', async () => {
    await fc.assert(
      fc.asyncProperty(configs, fc.nat(1e6), async (config, seed) => {
        const definition = updateProgram(config)
        const program = await engines[engine](definition)
        const random = createRandom(seed, 'test')
        const values: Record<string, Float32Array> = {}
        for (const [name, { shape }] of Object.entries({ ...definition.inputs, ...definition.state })) {
          const low = name.endsWith('Velocity') ? 0.5 : -1
          values[name] = random.fillUniform(new Float32Array(sizeOf(shape)), low, 1)
          ;(program.inputs[name] ?? program.state(name)).set(values[name])
        }
        program.inputs.schedule.set(values.schedule.fill(0.01))

        for (const [step, { updates, outputs }] of Object.entries(definition.steps)) {
          await program.run(step)
          const expected = interpret([...Object.values(outputs), ...Object.values(updates)], values)
          Object.keys(outputs).forEach((name, k) => {
            near(program.outputs[name], expected[k], `${step}: ${name}`)
          })
          program.commit()
          Object.keys(updates).forEach((name, k) => {
            near(program.state(name), expected[Object.keys(outputs).length + k], `${step}: next ${name}`)
          })
          for (const name of Object.keys(updates)) program.state(name).set(values[name])
        }
        await program.dispose()
      }),
      { numRuns: engine === 'wasm' ? 40 : 10 },
    )
  })
})

function near(actual: Float32Array, expected: Float64Array, what: string): void {
  expect(actual.length, what).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs(actual[i] - expected[i]), `${what}[${i}]`).toBeLessThan(
      1e-4 * (1 + Math.abs(expected[i])),
    )
  }
}
