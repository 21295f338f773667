import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeSafetensors } from '../../src/encoding/safetensors.ts'
import { box } from '../../src/env/spaces.ts'
import { OptionError } from '../../src/options.ts'
import { policyToModule } from '../../src/policy/module.ts'
import { policyToOnnx } from '../../src/policy/onnx.ts'
import { policyFromParameters } from '../../src/policy/policy.ts'
import { loadPolicy, policyMetadata, policyToSafetensors, readPolicy } from '../../src/policy/policy-file.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { ALGORITHMS, type SacOptionsInput } from '../../src/sac/options.ts'
import { hasOption, parseSacOptions } from '../../src/sac/parse-options.ts'

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [3] }),
  actionSpace: box({ low: [-2, 0], high: [2, 10] }),
}

/** Each member small and quick, and other than its defaults where exports could go wrong. */
const small: SacOptionsInput[] = [
  { algorithm: 'sac' },
  { algorithm: 'td3' },
  { algorithm: 'ddpg', activation: 'tanh', criticActivation: 'relu' },
  { algorithm: 'redq', critics: 3, policyDelay: 1 },
  { algorithm: 'droq', policyDelay: 1 },
  { algorithm: 'tqc', critics: 2, criticHiddenSizes: [6], atoms: 5 },
  { algorithm: 'crossq', criticHiddenSizes: 'same', policyDelay: 1, batchRenormWarmup: 3 },
  { algorithm: 'sac-n', critics: 3 },
  { algorithm: 'td3', batchRenorm: true, targetNetworks: false, batchRenormEpsilon: 0.1 },
  { algorithm: 'crossq', criticHiddenSizes: 'same', policyDelay: 1, normalizeObservations: true },
]

async function trained(options: SacOptionsInput): Promise<SAC> {
  const agent = await SAC.create(spaces, {
    ...{ hiddenSizes: [12, 7], batchSize: 16, learningStarts: 30, engine: 'wasm', seed: 5 },
    ...options,
  })
  const random = createRandom(1, 'world')
  let observation = random.fillNormal(new Float32Array(3))
  for (let step = 1; step <= 60; step++) {
    const action = agent.explore(observation)
    const nextObservation = random.fillNormal(new Float32Array(3)).map(value => 2 + 3 * value)
    const terminated = step % 9 === 0
    agent.observe({ observation, action, reward: random.normal(), nextObservation, terminated })
    observation = terminated ? random.fillNormal(new Float32Array(3)) : nextObservation
    if (step > 45) await agent.update()
  }
  return agent
}

describe('options', () => {
  test('that a member does not have are an error which says who has them', () => {
    const refused = (options: SacOptionsInput) => () => parseSacOptions(options)
    expect(refused({ algorithm: 'td3', temperature: 0.1, atoms: 3 })).toThrow(
      new OptionError(
        'Algorithm td3 has no option temperature; sac, redq, droq, tqc, crossq, sac-n have it.\n' +
          'Algorithm td3 has no option atoms; tqc has it.',
      ),
    )
    expect(refused({ targetNoise: 0.1 })).toThrow(/sac has no option targetNoise; td3, ddpg have it/)
    expect(refused({ algorithm: 'tqc', targetCritics: 2 })).toThrow(
      /sac, td3, ddpg, redq, droq, crossq, sac-n have/,
    )
    expect(refused({ algorithm: 'td4' as never })).toThrow(/algorithm is "td4"; it must be 'sac', 'td3'/)
  })

  test('that do not fit together are an error', () => {
    const refused = (options: SacOptionsInput) => () => parseSacOptions(options)
    expect(refused({ critics: 2, targetCritics: 3 })).toThrow(/only 2 critics/)
    expect(refused({ algorithm: 'tqc', atoms: 4, droppedAtoms: 4 })).toThrow(/below atoms, 4/)
    expect(refused({ batchRenorm: true })).toThrow(/targetNetworks: false/)
    expect(refused({ entropySchedule: 'linear' })).toThrow(/takes an entropyScheduleEnd/)
    expect(refused({ entropySchedule: 'linear', temperature: 1, entropyScheduleEnd: -1 })).toThrow(
      /ends at 0 or above/,
    )
  })

  test('have the published settings of each member, and give way to what is given', () => {
    expect(parseSacOptions({ algorithm: 'td3' })).toMatchObject({
      ...{ policyDelay: 2, targetNoise: 0.2, actorValue: 'first' },
    })
    expect(parseSacOptions({ algorithm: 'ddpg' })).toMatchObject({
      critics: 1,
      policyDelay: 1,
      targetNoise: 0,
    })
    expect(parseSacOptions({ algorithm: 'redq' })).toMatchObject({ critics: 10, targetCritics: 2 })
    expect(parseSacOptions({ algorithm: 'droq' })).toMatchObject({ dropout: 0.01, layerNorm: true })
    expect(parseSacOptions({ algorithm: 'tqc' })).toMatchObject({ critics: 5, atoms: 25, droppedAtoms: 2 })
    expect(parseSacOptions({ algorithm: 'crossq' })).toMatchObject({ batchRenorm: true, beta1: 0.5 })
    expect(parseSacOptions({ algorithm: 'crossq', beta1: 0.9 }).beta1).toBe(0.9)
    expect(parseSacOptions({ algorithm: 'sac-n' })).toMatchObject({ critics: 10, targetCritics: 'all' })
    for (const algorithm of ALGORITHMS) {
      const options = parseSacOptions({ algorithm })
      for (const name of Object.keys(options)) expect(hasOption(algorithm, name), name).toBe(true)
      // What an agent was made with makes another.
      expect(parseSacOptions(options)).toEqual(options)
    }
  })

  test('a schedule takes the steps it lasts, because an agent does not know them', async () => {
    const options = { learningRateSchedule: 'linear' } as const
    await expect(SAC.create(spaces, options)).rejects.toThrow(/set scheduleSteps/)
  })
})

describe('every member', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'family-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const observations = Array.from({ length: 12 }, (_, i) =>
    createRandom(i, 'examples')
      .fillNormal(new Float32Array(3))
      .map(value => 3 * value),
  )

  test.each(small)('%o acts the same in all its exports', async options => {
    const agent = await trained(options)
    const path = join(folder, `${Math.random()}.mjs`)
    writeFileSync(path, policyToModule(agent))
    const module = await import(pathToFileURL(path).href)
    const session = await ort.InferenceSession.create(policyToOnnx(agent))
    const whole = encodeSafetensors(agent.parameters(), policyMetadata(agent))
    const acting = [
      policyFromParameters(agent.parameters(), spaces, agent.network),
      loadPolicy(policyToSafetensors(agent)),
      loadPolicy(whole),
    ]
    const spread = new Set<number>()
    for (const observation of observations) {
      const expected = agent.act(observation, { deterministic: true })
      spread.add(expected[0])
      const { action } = await session.run({ observation: new ort.Tensor('float32', observation, [1, 3]) })
      const actions = [
        ...acting.map(policy => policy.act(observation, { deterministic: true })),
        module.act(observation),
        action.data as Float32Array,
      ]
      for (const found of actions) {
        for (let i = 0; i < 2; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThan(2e-4)
      }
    }
    expect(spread.size).toBe(observations.length)
    // The policy alone is plain layers, whatever it was trained with.
    const names = Object.keys(readPolicy(policyToSafetensors(agent)).parameters())
    expect(names.filter(name => name.startsWith('actor.')).every(name => /kernel|bias/.test(name))).toBe(true)
    await agent.dispose()
  })

  test.each(small)('%o passes on all it has learned', async options => {
    const agent = await trained(options)
    const other = await SAC.create(spaces, agent.options)
    other.loadParameters(agent.parameters())
    expect(other.parameters()).toEqual(agent.parameters())
    const restored = await SAC.create(spaces, agent.options)
    restored.restore(structuredClone(agent.state()))
    for (let i = 0; i < 3; i++) expect(await restored.update()).toEqual(await agent.update())
    expect(restored.parameters()).toEqual(agent.parameters())
  })

  test('a deterministic policy has no spread, and no stochastic form', async () => {
    const agent = await trained({ algorithm: 'td3' })
    const [observation] = observations
    expect(agent.act(observation)).toEqual(agent.act(observation, { deterministic: true }))
    expect(agent.explore(observation)).not.toEqual(agent.act(observation))
    expect(() => policyToOnnx(agent, { stochastic: true })).toThrow(
      /deterministic: it has no stochastic form/,
    )
    const metrics = await agent.update()
    expect(metrics).not.toHaveProperty('temperature')
    expect(metrics).not.toHaveProperty('entropy')
    expect(Object.keys(agent.parameters())).toContain('target.actor.kernel0')
    expect(Object.keys(agent.parameters())).not.toContain('logAlpha')
  })

  test('the first layer after a hidden layer of width 1 starts as its fan-in says', async () => {
    const agent = await SAC.create(spaces, { hiddenSizes: [1, 50] })
    const { 'actor.kernel1': kernel, 'actor.bias1': bias } = agent.parameters()
    expect(kernel.shape).toEqual([1, 50])
    // Uniform within 1, not within 1 / sqrt(3) as the layer before.
    for (const { data } of [kernel, bias]) expect(Math.max(...data.map(Math.abs))).toBeGreaterThan(0.9)
  })
})
