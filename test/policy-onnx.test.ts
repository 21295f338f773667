import * as native from 'onnxruntime-node'
import * as web from 'onnxruntime-web/wasm'
import { describe, expect, test } from 'vitest'
import { box } from '../src/env/spaces.ts'
import { policyToOnnx } from '../src/policy/onnx.ts'
import { createRandom } from '../src/random.ts'
import { SAC } from '../src/sac/agent.ts'

const spaces = {
  observationSpace: box({ low: -Infinity, high: Infinity, shape: [5] }),
  actionSpace: box({ low: [-2, 0, -1], high: [2, 10, 1] }),
}

web.env.wasm.numThreads = 1

describe.each([
  ['onnxruntime-node', native],
  ['onnxruntime-web', web],
])('%s', (_, ort) => {
  test.each(['relu', 'tanh'] as const)(
    'runs the exported %s policy and acts as the agent does',
    async activation => {
      const agent = await SAC.create(spaces, { hiddenSizes: [32, 16], activation, batchSize: 8 })
      const session = await ort.InferenceSession.create(policyToOnnx(agent))
      for (const rows of [1, 20]) {
        const observation = createRandom(rows, 'test').fillNormal(new Float32Array(rows * 5))
        const { action } = await session.run({
          observation: new ort.Tensor('float32', observation, [rows, 5]),
        })
        expect(action.dims).toEqual([rows, 3])
        for (let row = 0; row < rows; row++) {
          const expected = agent.act(observation.subarray(row * 5, row * 5 + 5), { deterministic: true })
          for (let i = 0; i < 3; i++) {
            expect(Math.abs((action.data[row * 3 + i] as number) - expected[i])).toBeLessThan(1e-5)
          }
        }
      }
    },
  )
})
