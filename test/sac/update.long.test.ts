import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ProgramDefinition } from '../../src/graph/program.ts'
import { sizeOf } from '../../src/graph/tensor.ts'
import { createRandom } from '../../src/random.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { type UpdateConfig, type UpdateProgram, updateProgram } from '../../src/sac/update.ts'
import { engines } from '../graph/engines.ts'
import { interpret } from '../graph/reference-interpreter.ts'

const size = fc.integer({ min: 1, max: 6 })

/** Each member, with numbers of networks and outputs that are quick to interpret. */
const members: (SacOptionsInput & { discrete?: true })[] = [
  { algorithm: 'sac' },
  { algorithm: 'sac', critics: 3, targetCritics: 2, actorValue: 'mean', targetNetworks: false },
  { algorithm: 'sac', critics: 1, layerNorm: true, actorWeightDecay: 0.1, weightDecayOn: 'kernels' },
  { algorithm: 'sac', critics: 3, prioritizedReplay: 'proportional' },
  { algorithm: 'tqc', critics: 2, criticHiddenSizes: 'same', atoms: 3, prioritizedReplay: 'proportional' },
  { discrete: true, prioritizedReplay: 'proportional' },
  { algorithm: 'sac', stateDependentNoise: true, stateDependentNoiseStart: 0 },
  { algorithm: 'td3', criticWeightDecay: 0.1, criticActivation: 'tanh' },
  { algorithm: 'ddpg', criticHiddenSizes: [5], beta1: 0.5 },
  { algorithm: 'redq', critics: 4 },
  { algorithm: 'droq', dropout: 0.3 },
  { algorithm: 'sac-n', critics: 3 },
  { algorithm: 'tqc', critics: 2, criticHiddenSizes: 'same', atoms: 4, droppedAtoms: 1 },
  { algorithm: 'tqc', critics: 1, criticHiddenSizes: [4], atoms: 1, droppedAtoms: 0, dropout: 0.3 },
  { algorithm: 'crossq', criticHiddenSizes: 'same', critics: 3 },
  { discrete: true },
  { discrete: true, critics: 3, targetCritics: 2, actorValue: 'mean', dropout: 0.3, layerNorm: true },
  { discrete: true, critics: 1, batchRenorm: true, targetNetworks: false },
  { algorithm: 'crossq', criticHiddenSizes: [6], dropout: 0.2, layerNorm: true, batchRenormForm: 'folded' },
]

/** Without this, units that hardly vary in a small batch enlarge the rounding of float32 a thousand times. */
const wellConditioned = ({ algorithm, batchRenorm, layerNorm }: SacOptionsInput): SacOptionsInput => ({
  ...((algorithm === 'crossq' || batchRenorm) && { batchRenormEpsilon: 0.1 }),
  ...((algorithm === 'droq' || layerNorm) && { layerNormEpsilon: 0.1 }),
})

/** Any sizes and options, the smallest ones included. */
const configs: fc.Arbitrary<UpdateConfig> = fc
  .record({
    observationSize: size,
    actionSize: fc.integer({ min: 1, max: 5 }),
    member: fc.constantFrom(...members),
    options: fc.record({
      hiddenSizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
      activation: fc.constantFrom('relu' as const, 'tanh' as const),
      batchSize: fc.integer({ min: 1, max: 9 }),
      tau: fc.constant(0.1),
      maxGradientNorm: fc.constantFrom('none' as const, 0.05),
      policyDelay: fc.integer({ min: 1, max: 2 }),
      targetUpdateInterval: fc.integer({ min: 1, max: 2 }),
    }),
  })
  .map(({ member: { discrete = false, ...member }, options, ...sizes }) => ({
    ...{ ...parseSacOptions({ ...options, ...member, ...wellConditioned(member) }), ...sizes, discrete },
    detailed: true,
  }))

describe.each(Object.keys(engines))('%s', engine => {
  test('a whole update of any sizes agrees with its definition in float64', async () => {
    await fc.assert(
      fc.asyncProperty(configs, fc.nat(1e6), async (config, seed) => {
        // By names alone, as the engines see it.
        const definition: ProgramDefinition = updateProgram(config) as UpdateProgram & ProgramDefinition
        const program = await engines[engine](definition)
        const random = createRandom(seed, 'test')
        const values: Record<string, Float32Array> = {}
        for (const [name, { shape }] of Object.entries({ ...definition.inputs, ...definition.state })) {
          const low = /Velocity|Statistics|Renorm|Dropout/.test(name) ? 0.5 : -1
          values[name] = random.fillUniform(new Float32Array(sizeOf(shape)), low, 1)
          if (config.discrete && name === 'action') {
            values[name] = values[name].map(() => random.integer(config.actionSize))
          }
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
      { numRuns: engine === 'wasm' ? 80 : 25 },
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
