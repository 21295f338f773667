import * as ort from 'onnxruntime-web'
import { describe, expect, test } from 'vitest'
import type { NamedTensors } from '../../src/encoding/safetensors.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/encoding/safetensors.ts'
import type { Vector } from '../../src/env/env.ts'
import { type Box, box } from '../../src/env/spaces.ts'
import { policyToModule } from '../../src/policy/module.ts'
import { policyToOnnx } from '../../src/policy/onnx.ts'
import { policyFromParameters } from '../../src/policy/policy.ts'
import { loadPolicy, policyMetadata, policyToSafetensors } from '../../src/policy/policy-file.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'

const observationSpace = box({ low: -Infinity, high: Infinity, shape: [3] })
const agentFor = (actionSpace: Box, more = {}) =>
  SAC.create({ observationSpace, actionSpace }, { hiddenSizes: [16, 16], batchSize: 4, seed: 1, ...more })

/** Everything that acts as an agent does: from an observation to the deterministic action. */
async function allForms(agent: SAC): Promise<Record<string, (observation: Vector) => Promise<Float32Array>>> {
  const module = `data:text/javascript,${encodeURIComponent(policyToModule(agent))}`
  const { act } = (await import(module)) as { act(observation: Vector): Float32Array }
  const loaded = loadPolicy(policyToSafetensors(agent))
  const session = await ort.InferenceSession.create(policyToOnnx(agent, { stochastic: true }))
  return {
    agent: async observation => agent.act(observation, { deterministic: true }),
    module: async observation => act(observation),
    loaded: async observation => loaded.act(observation, { deterministic: true }),
    async onnx(observation) {
      const feeds = {
        observation: new ort.Tensor('float32', Float32Array.from(observation), [1, observation.length]),
        noise: new ort.Tensor('float32', new Float32Array(agent.actionSpace.size), [
          1,
          agent.actionSpace.size,
        ]),
      }
      const { action, sampled_action } = await session.run(feeds)
      expect(sampled_action.data).toEqual(action.data)
      return action.data as Float32Array
    },
  }
}

test('every form of a policy stays within the bounds, and reaches them', async () => {
  const random = createRandom(1, 'bounds')
  const drawn = Array.from({ length: 60 }, () => {
    const [a, b] = [0, 1].map(() => Math.fround(random.normal() * 10 ** random.uniform(-6, 6)))
    return [Math.min(a, b), Math.max(a, b)]
  })
  const bounds = [
    [-0.1, 0.9],
    [100, 100.1],
    [1e-8, 1],
    [1e-10, 1e10],
    [-3e38, 3e38],
    [1, 1.0000001],
    ...drawn,
  ]
  const actionSpace = box({ low: bounds.map(([low]) => low), high: bounds.map(([, high]) => high) })
  const agent = await agentFor(actionSpace)
  const parameters = agent.parameters()
  parameters['actor.kernel2'].data.fill(0)
  for (const mu of [-30, -9, -7.5, -0.3, 0.3, 7.5, 9, 30]) {
    parameters['actor.bias2'].data.fill(mu)
    agent.loadParameters(parameters)
    for (const [form, act] of Object.entries(await allForms(agent))) {
      const action = await act([0, 0, 0])
      const past = bounds.filter(
        (_, i) => !(action[i] >= actionSpace.low[i] && action[i] <= actionSpace.high[i]),
      )
      expect([form, mu, past]).toEqual([form, mu, []])
      if (mu === 30 && form !== 'onnx') expect(action).toEqual(actionSpace.high)
      if (mu === -30 && form !== 'onnx') expect(action).toEqual(actionSpace.low)
    }
  }
})

describe('observations that overflow float32 inside the network', () => {
  const kinds: SacOptionsInput[] = [
    { activation: 'relu' },
    { activation: 'tanh' },
    { normalizeObservations: true },
    { algorithm: 'crossq', criticHiddenSizes: 'same' },
  ]
  test.each(kinds)('%o: the same action from every form', async kind => {
    const agent = await agentFor(box({ low: [-2, 0], high: [2, 10] }), { ...kind, hiddenSizes: [64, 64] })
    const forms = Object.entries(await allForms(agent))
    for (const far of [
      [3e38, -3e38, 3e38],
      [-3.4e38, 3.4e38, 0],
      [0, 0, 1e30],
      [1e25, 3e38, -1e25],
      [3, -2, 1],
    ]) {
      const [[, first]] = forms
      const expected = await first(far)
      for (const [form, act] of forms) {
        const action = await act(far)
        const differences = Array.from(action, (value, i) => Math.abs(value - expected[i]))
        expect([form, far, Math.max(...differences) < 1e-4]).toEqual([form, far, true])
      }
    }
  })

  test('weights so large that even float64 overflows: an error, and no NaN', async () => {
    const hiddenSizes = new Array(9).fill(2)
    const agent = await agentFor(box({ low: -1, high: 1 }), { hiddenSizes })
    const parameters = agent.parameters()
    // Two hidden units of infinite sums, and an output that subtracts one from the other.
    for (let layer = 0; layer < 9; layer++) parameters[`actor.kernel${layer}`].data.fill(3e38)
    parameters['actor.kernel9'].data.set([3e38, 3e38, -3e38, -3e38])
    agent.loadParameters(parameters)
    const { agent: act, module, loaded } = await allForms(agent)
    for (const form of [act, module, loaded]) await expect(form([1, 1, 1])).rejects.toThrow(RangeError)
  })
})

describe('weights and bounds that are not finite', () => {
  const spaces = box({ low: [-2, 0], high: [2, 10] })
  const bad = [Number.NaN, Infinity, -Infinity]
  const names = [
    'actor.kernel0',
    'actor.bias1',
    'normalizer.mean',
    'normalizer.meanRemainder',
    'normalizer.variance',
  ]

  test.each(names)(
    '%s: refused by loadPolicy, exports and loadParameters, which changes nothing',
    async name => {
      const agent = await agentFor(spaces, { normalizeObservations: true })
      const before = agent.parameters()
      for (const value of bad) {
        const parameters: NamedTensors = agent.parameters()
        parameters[name].data[1] = value
        const source = {
          ...agent,
          observationSpace,
          actionSpace: spaces,
          network: agent.network,
          parameters: () => parameters,
        }
        const message = `Parameter ${name} is damaged: its number 1 is ${value}, not finite`
        expect(() => loadPolicy(encodeSafetensors(parameters, policyMetadata(agent)))).toThrow(message)
        for (const write of [policyToModule, policyToOnnx, policyToSafetensors]) {
          expect(() => write(source)).toThrow(message)
        }
        expect(() => policyFromParameters(parameters, agent, agent.network)).toThrow(message)
        expect(() => agent.loadParameters(parameters)).toThrow(message)
      }
      expect(agent.parameters()).toEqual(before)
    },
  )

  test.each(['critic1.kernel0', 'target.critic2.bias1', 'logAlpha', 'normalizer.count'])(
    '%s: refused by loadParameters',
    async name => {
      const agent = await agentFor(spaces, { normalizeObservations: true })
      for (const value of bad) {
        const parameters = agent.parameters()
        parameters[name].data[0] = value
        expect(() => agent.loadParameters(parameters)).toThrow(`Parameter ${name} is `)
      }
    },
  )

  test('a temperature kept at zero, whose logarithm is -Infinity, is taken where it is kept, too', async () => {
    const [zero, tuned] = await Promise.all([agentFor(spaces, { temperature: 0 }), agentFor(spaces)])
    zero.loadParameters(zero.parameters())
    expect(() => tuned.loadParameters(zero.parameters())).toThrow(
      /logAlpha is -Infinity: a temperature that was kept at 0/,
    )
  })

  test('too few numbers for a shape', async () => {
    const agent = await agentFor(spaces)
    const parameters = {
      ...agent.parameters(),
      'actor.bias0': { shape: [1, 16], data: new Float32Array(15) },
    }
    expect(() => agent.loadParameters(parameters)).toThrow(
      /actor.bias0 has 15 numbers, not the 16 of its shape/,
    )
  })

  test.each([
    ['actionHigh', '2 Infinity'],
    ['actionHigh', '2 NaN'],
    ['actionHigh', '2 1e39'],
    ['actionLow', '-2 10'],
    ['actionLow', '-2  0'],
    ['actionLow', '-2 '],
    ['observationLow', 'NaN 0 0'],
  ])('bounds %s = %s', async (name, text) => {
    const agent = await agentFor(spaces)
    const metadata = { ...policyMetadata(agent), [name]: text }
    expect(() => loadPolicy(encodeSafetensors(agent.parameters(), metadata))).toThrow(RangeError)
  })

  test('batch renorm of which nothing finite can be made', async () => {
    const agent = await agentFor(spaces, { algorithm: 'crossq', criticHiddenSizes: 'same' })
    const parameters = agent.parameters()
    parameters['actor.renormVariance0'].data[2] = -1
    expect(() => policyFromParameters(parameters, agent, agent.network)).toThrow(
      /kernel1 with its batch renorm is dam/,
    )
    const file = (batchRenormEpsilon: string) =>
      encodeSafetensors(agent.parameters(), { ...policyMetadata(agent), batchRenormEpsilon })
    for (const epsilon of ['NaN', 'x', '-1'])
      expect(() => loadPolicy(file(epsilon))).toThrow(/with its batch renorm is damaged/)
    expect(() => loadPolicy(file('0.001'))).not.toThrow()
  })

  test('a bound that was changed in the file, in its header, is found out', async () => {
    const bytes = policyToSafetensors(await agentFor(spaces))
    const text = new TextDecoder('latin1').decode(bytes)
    const changed = Uint8Array.from(text.replace('"actionHigh":"2 10"', '"actionHigh":"3 10"'), c =>
      c.charCodeAt(0),
    )
    expect(changed.filter((byte, i) => byte !== bytes[i]).length).toBe(1)
    expect(() => loadPolicy(changed)).toThrow(/damaged: it does not match its checksum/)
    expect(decodeSafetensors(bytes).metadata.actionHigh).toBe('2 10')
  })
})
