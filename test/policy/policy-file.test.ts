import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { encodeSafetensors, SafetensorsError } from '../../src/encoding/safetensors.ts'
import { loadPolicy, policyMetadata, policyToSafetensors, readPolicy } from '../../src/policy/policy-file.ts'
import { packageVersion } from '../../src/version.ts'
import { agentPolicy, distance, examples, normalizingPolicy, policies, referenceAction } from './policies.ts'

const root = join(import.meta.dirname, '../..')

describe("a policy's file", () => {
  test.each(policies)('holds all that acting takes: %s', async (_, make) => {
    const source = await make()
    const policy = loadPolicy(policyToSafetensors(source))
    expect(policy.environment).toBe('Example-v0')
    expect(policy.network).toEqual({
      hiddenSizes: [32, 16],
      activation: source.network.activation,
      head: source.network.head,
    })
    expect(policy.actionSpace).toEqual(source.actionSpace)
    expect(policy.observationSpace).toEqual(source.observationSpace)
    for (const { observation } of examples(20)) {
      const action = policy.act(observation, { deterministic: true })
      expect(distance(action, referenceAction(source, observation))).toBeLessThan(1e-5)
    }
  })

  test('may have critics as well, and without the metadata of a policy says so', async () => {
    const agent = await agentPolicy('relu')
    const [{ observation }] = examples(1)
    const whole = encodeSafetensors(agent.parameters(), { ...policyMetadata(agent), steps: '5' })
    const alone = policyToSafetensors(agent)
    expect(alone.length).toBeLessThan(whole.length / 4)
    const action = (bytes: Uint8Array) => loadPolicy(bytes).act(observation, { deterministic: true })
    expect(action(whole)).toEqual(action(alone))
    expect(() => loadPolicy(encodeSafetensors(agent.parameters(), { steps: '5' }))).toThrow(
      /does not say what policy it holds: its activation is missing/,
    )
  })

  test('samples by seed', async () => {
    const bytes = policyToSafetensors(await normalizingPolicy('relu'))
    const [{ observation }] = examples(1)
    const sample = (seed?: number) => loadPolicy(bytes, { seed }).act(observation)
    expect(sample(1)).toEqual(sample(1))
    expect(sample(1)).not.toEqual(sample(2))
    expect(sample()).toEqual(sample(0))
  })

  test('is refused if damaged, or if it does not fit together', async () => {
    const agent = await agentPolicy('relu')
    const bytes = policyToSafetensors(agent)
    expect(() => loadPolicy(bytes.subarray(0, -1))).toThrow(SafetensorsError)
    const metadata = policyMetadata(agent)
    const file = (tensors: object, texts: object) =>
      encodeSafetensors({ ...agent.parameters(), ...tensors }, { ...metadata, ...texts })
    const vector = { shape: [1], data: Float32Array.of(1) }
    expect(() => loadPolicy(file({}, { activation: 'gelu' }))).toThrow(/activation is gelu/)
    expect(() => loadPolicy(file({}, { actionLow: '-1 x 2' }))).toThrow(/actionLow is -1 x 2/)
    expect(() => loadPolicy(file({}, { actionLow: '-1', actionHigh: '1' }))).toThrow(/bias2 is|kernel2 is/)
    expect(() => loadPolicy(file({ 'actor.kernel9': vector }, {}))).toThrow(/kernel9 belongs to no layer/)
    expect(() => loadPolicy(file({ 'normalizer.mean': vector }, {}))).toThrow(/normalizer.mean is \[1\]/)
    expect(() => readPolicy(encodeSafetensors({}, metadata)).parameters()).not.toThrow()
    expect(() => loadPolicy(encodeSafetensors({}, metadata))).toThrow(/actor.kernel0 is missing/)
  })

  test('names the version of this package', async () => {
    expect(packageVersion).toBe(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version)
    expect(policyMetadata(await agentPolicy('relu')).version).toBe(packageVersion)
  })
})

test('soft-actor-critic/policy is small and needs nothing else', async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'src/policy/index.ts')],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
  })
  const modules = Object.keys(metafile.inputs)
  expect(modules.filter(path => !/^src\/(policy|encoding|env)\/|^src\/[\w-]+\.ts$/.test(path))).toEqual([])
  expect(outputFiles[0].contents.length).toBeLessThan(18_000)
})
