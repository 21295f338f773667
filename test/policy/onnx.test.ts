import * as ort from 'onnxruntime-web'
import { describe, expect, test } from 'vitest'
import { policyToOnnx } from '../../src/policy/onnx.ts'
import { agentPolicy, distance, examples, policies, referenceAction } from './policies.ts'

ort.env.wasm.numThreads = 1

/** Rows one after another. */
const join = (rows: Float32Array[]) => Float32Array.from(rows.flatMap(row => [...row]))

describe('ONNX Runtime', () => {
  test.each(policies)('runs an exported %s policy to the same actions, for any batch', async (_, make) => {
    const policy = await make()
    const deterministic = await ort.InferenceSession.create(policyToOnnx(policy))
    const stochastic = await ort.InferenceSession.create(policyToOnnx(policy, { stochastic: true }))
    expect(deterministic.inputNames).toEqual(['observation'])
    expect(deterministic.outputNames).toEqual(['action'])
    for (const rows of [1, 20]) {
      const batch = examples(rows)
      const tensor = (values: Float32Array) => new ort.Tensor('float32', values, [rows, values.length / rows])
      const observation = tensor(join(batch.map(row => row.observation)))
      const noise = tensor(join(batch.map(row => row.noise)))
      const { action } = await deterministic.run({ observation })
      const sampled = await stochastic.run({ observation, noise })
      expect(action.dims).toEqual([rows, 3])
      expect(sampled.sampled_action.dims).toEqual([rows, 3])
      for (const [i, { observation, noise }] of batch.entries()) {
        const rowOf = ({ data }: { data: unknown }) => (data as Float32Array).subarray(3 * i, 3 * i + 3)
        const expected = referenceAction(policy, observation)
        expect(distance(rowOf(action), expected)).toBeLessThan(1e-5)
        expect(distance(rowOf(sampled.action), expected)).toBeLessThan(1e-5)
        const sample = referenceAction(policy, observation, noise)
        expect(distance(rowOf(sampled.sampled_action), sample)).toBeLessThan(1e-5)
      }
    }
  })
})

test('an exported policy acts as the agent does', async () => {
  const agent = await agentPolicy('relu')
  for (const { observation } of examples(20)) {
    const action = agent.act(observation, { deterministic: true })
    expect(distance(action, referenceAction(agent, observation))).toBeLessThan(1e-4)
  }
})
