import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { policyToOnnx } from '../../src/policy/onnx.ts'
import { policyMetadata } from '../../src/policy/policy-file.ts'
import { SAC } from '../../src/sac/agent.ts'
import { distance, examples, policies, referenceAction } from '../policy/policies.ts'
import { readPage } from '../processes/pages/page.ts'

const python = join(import.meta.dirname, '../../.venv/bin/python')

interface Answer {
  outputs: Record<string, number[][]>
  metadata: Record<string, string>
  opset: number
  irVersion: number
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What Python's onnx and onnxruntime make of models. */
function inPython(requests: { model: Uint8Array; inputs: Record<string, number[][]> }[]): Answer[] {
  const input = requests.map(({ model, inputs }, i) => {
    const path = join(folder, `${i}.onnx`)
    writeFileSync(path, model)
    return { model: path, inputs }
  })
  const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'onnx_actions.py')], {
    input: JSON.stringify(input),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

test.each(policies)(
  'an exported %s policy passes the checker of onnx, and acts the same in onnxruntime',
  async (_, make) => {
    const policy = await make()
    const rows = examples(50)
    const observation = rows.map(row => [...row.observation])
    const noise = rows.map(row => [...row.noise])
    const [deterministic, stochastic, single] = inPython([
      { model: policyToOnnx(policy), inputs: { observation } },
      { model: policyToOnnx(policy, { stochastic: true }), inputs: { observation, noise } },
      { model: policyToOnnx(policy), inputs: { observation: [observation[0]] } },
    ])
    for (const [i, row] of rows.entries()) {
      const action = referenceAction(policy, row.observation)
      expect(distance(deterministic.outputs.action[i], action)).toBeLessThan(1e-5)
      expect(distance(stochastic.outputs.action[i], action)).toBeLessThan(1e-5)
      const sample = referenceAction(policy, row.observation, row.noise)
      expect(distance(stochastic.outputs.sampled_action[i], sample)).toBeLessThan(1e-5)
    }
    expect(single.outputs.action).toHaveLength(1)
    expect(deterministic).toMatchObject({ opset: 17, irVersion: 8, metadata: policyMetadata(policy) })
    expect(deterministic.metadata).toMatchObject({ environment: 'Example-v0', actionLow: '-2 0 -1' })
  },
)

test('the snippet for Python in docs/export.md runs as it stands', async () => {
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), { hiddenSizes: [8] })
  writeFileSync(join(folder, 'policy.onnx'), policyToOnnx(agent))
  const [code] = readPage('docs/export.md').blocks('python')
  const { stdout, stderr } = spawnSync(python, ['-c', code], { cwd: folder, encoding: 'utf8' })
  const [, action] = /^action \[\[(.*)\]\]$/m.exec(stdout) ?? [stderr, stderr]
  expect(Number(action)).toBeCloseTo(agent.act([1, 0, 0], { deterministic: true })[0], 5)
  expect(stdout).toContain('Pendulum-v1')
})
