import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DecodedTensors, decodeSafetensors, encodeSafetensors } from '../../src/encoding/safetensors.ts'
import { environmentIds, makeEnv } from '../../src/envs/registry.ts'
import { OptionError } from '../../src/options.ts'
import { policyFromParameters } from '../../src/policy/policy.ts'
import { loadRun, loadRunPolicy } from '../../src/run/load-run.ts'
import { createRunDirectory, saveAgent, writeRunConfig } from '../../src/run/run-directory.ts'
import { flattenSettings, parseSettings } from '../../src/run/settings.ts'
import { SAC } from '../../src/sac/agent.ts'
import { ALGORITHMS } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { presetFor } from '../../src/training/presets.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const input = { environment: 'Pendulum-v1', steps: 100, seed: 7, hiddenSizes: [5, 4], activation: 'tanh' }
const settings = parseSettings(input)

async function savedAgent(): Promise<SAC> {
  const agent = await SAC.create(await makeEnv('Pendulum-v1'), settings.options)
  writeRunConfig(folder, settings, 'some engine')
  saveAgent(folder, agent)
  return agent
}

describe('settings', () => {
  test('come back from their flat form as they were', () => {
    expect(parseSettings(flattenSettings(settings))).toEqual(settings)
    expect(settings.evaluationEpisodes).toBe(10)
    expect(settings.options.gamma).toBe(0.99)
  })

  test.each([
    [{ btachSize: 3 }, 'There is no option btachSize; did you mean batchSize?'],
    [{ evaluateEvry: 3 }, 'There is no option evaluateEvry; did you mean evaluateEvery?'],
    [{ steps: 0.5 }, 'Option steps is 0.5; it must be a whole number of at least 1.'],
    [{ batchSize: 'many' }, 'Option batchSize is "many"; it must be a whole number of at least 1.'],
    [
      { environment: undefined },
      "Option environment is missing; it must be an id such as 'Pendulum-v1', a file such as './my-env.ts', " +
        "or 'gymnasium:' and an id of Gymnasium.",
    ],
    [
      { environmentOptions: [] },
      'Option environmentOptions is []; it must be a table of names and values, nested at most 50 deep.',
    ],
  ])('%o is one clear sentence', (wrong, message) => {
    expect(() => parseSettings({ ...input, ...wrong })).toThrow(new OptionError(message))
  })

  test('every environment that comes with the package has a preset of its own, and a valid one', () => {
    for (const id of environmentIds()) {
      expect(presetFor(id)).not.toEqual(presetFor('none of ours'))
      for (const algorithm of ALGORITHMS) {
        expect(() => parseSacOptions({ algorithm, ...presetFor(id, algorithm).options })).not.toThrow()
      }
    }
  })
})

describe('run directory', () => {
  test('no run overwrites another', () => {
    const names = [1, 2, 3].map(() => createRunDirectory(settings, { folder: join(folder, 'runs') }))
    const base = join(folder, 'runs', 'Pendulum-v1-seed7')
    expect(names).toEqual([base, `${base}-2`, `${base}-3`])
  })

  test('a chosen directory must be new or empty', () => {
    const out = join(folder, 'a', 'b')
    expect(createRunDirectory(settings, { out })).toBe(out)
    expect(createRunDirectory(settings, { out })).toBe(out)
    writeFileSync(join(out, 'precious'), '')
    expect(() => createRunDirectory(settings, { out })).toThrow(/not empty/)
    expect(() => createRunDirectory(settings, { out: join(out, 'precious') })).toThrow(/is a file/)
    expect(readdirSync(out)).toEqual(['precious'])
  })

  test('an environment id never leads out of the folder', () => {
    const odd = { ...settings, environment: 'gymnasium:../../My Env/v1' }
    const path = createRunDirectory(odd, { folder })
    expect(readdirSync(folder)).toHaveLength(1)
    expect(path.startsWith(join(folder, 'gymnasium-..-..-My-Env-v1'))).toBe(true)
  })

  test('config.json has every option and what made the run', async () => {
    await savedAgent()
    const { run, ...config } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    expect(config).toEqual(flattenSettings(settings))
    expect(run).toMatchObject({ engine: 'some engine', node: process.version, version: '0.1.0' })
  })
})

describe('a loaded run', () => {
  test('that an earlier version trained on ONNX Runtime has the engine of its place', async () => {
    await savedAgent()
    const path = join(folder, 'config.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"engine": "\w+"/, '"engine": "onnx"'))
    expect(loadRun(folder).settings.options.engine).toBe('auto')
  })

  test('acts as the agent did, without an engine', async () => {
    const agent = await savedAgent()
    const { settings: loaded, parameters } = loadRun(folder)
    expect(loaded).toEqual(settings)
    const policy = policyFromParameters(parameters, agent, loaded.options)
    for (const observation of [
      [1, 0, 0],
      [-0.6, 0.8, -7.5],
    ]) {
      const deterministic = { deterministic: true }
      // In float64, where the engine has float32.
      const [expected] = agent.act(observation, deterministic)
      expect(policy.act(observation, deterministic)[0]).toBeCloseTo(expected, 5)
      expect(policy.act(observation)).not.toEqual(policy.act(observation))
    }
    expect(() => policy.act([1, 2])).toThrow('the observation has 2 elements, not 3')
    expect(() => policy.act([1, NaN, 2])).toThrow('observation[1] is NaN, not finite')
  })

  test('gives its parameters to another agent', async () => {
    const agent = await savedAgent()
    const other = await SAC.create(agent, { ...settings.options, seed: 8 })
    other.loadParameters(loadRun(folder).parameters)
    expect(other.parameters()).toEqual(agent.parameters())
  })

  test('must fit its network', async () => {
    const agent = await savedAgent()
    const { parameters } = loadRun(folder)
    const network = { hiddenSizes: [5, 5], activation: 'tanh' as const }
    expect(() => policyFromParameters(parameters, agent, network)).toThrow('actor.kernel1 is [5,4]')
    const deeper = { hiddenSizes: [5, 4, 2], activation: 'tanh' as const }
    expect(() => policyFromParameters(parameters, agent, deeper)).toThrow('actor.kernel3 is missing')
    const extra = { ...parameters, 'actor.kernel3': { shape: [1], data: new Float32Array(1) } }
    expect(() => policyFromParameters(extra, agent, settings.options)).toThrow(
      'actor.kernel3 belongs to no layer',
    )
    expect(() => policyFromParameters({}, agent, network)).toThrow('actor.kernel0 is missing')
  })

  test.each([
    ['config.json', '{"steps": 1', /config.json cannot be used/],
    ['config.json', 'null', /must be a table/],
    ['config.json', '{"environment": "Pendulum-v1", "steps": 1, "gama": 1}', /did you mean gamma/],
    ['parameters.safetensors', 'nonsense', /parameters.safetensors cannot be used/],
  ])('with a damaged %s is refused: %s', async (file, content, message) => {
    await savedAgent()
    writeFileSync(join(folder, file), content)
    expect(() => loadRun(folder)).toThrow(message)
  })

  test.each<[string, (file: DecodedTensors) => void, RegExp]>([
    [
      'a NaN of the actor',
      ({ tensors }) => tensors['actor.bias0'].data.fill(NaN),
      /actor.bias0 is damaged: .* NaN/,
    ],
    [
      'an infinite critic',
      ({ tensors }) => tensors['critic2.kernel1'].data.fill(Infinity),
      /critic2.kernel1 is dam/,
    ],
    [
      'an infinite bound',
      ({ metadata }) => Object.assign(metadata, { actionHigh: 'Infinity' }),
      /-2 to Infinity/,
    ],
    [
      'steps that are none',
      ({ metadata }) => Object.assign(metadata, { steps: 'many' }),
      /learned from many steps/,
    ],
  ])('with %s in its file is refused, and the file is named', async (what, spoil, message) => {
    await savedAgent()
    const path = join(folder, 'parameters.safetensors')
    const file = decodeSafetensors(readFileSync(path))
    spoil(file)
    writeFileSync(path, encodeSafetensors(file.tensors, file.metadata))
    const loads = /actor|bound/.test(what) ? [loadRun, loadRunPolicy] : [loadRun]
    for (const load of loads) {
      expect(() => load(folder)).toThrow(message)
      expect(() => load(folder)).toThrow(`${path} cannot be used: `)
    }
  })

  test('is missed where it is not', async () => {
    expect(() => loadRun(join(folder, 'nowhere'))).toThrow(
      /no complete run in .*nowhere: it has no config.json/,
    )
    await savedAgent()
    rmSync(join(folder, 'parameters.safetensors'))
    expect(() => loadRun(folder)).toThrow(/it has no parameters.safetensors/)
  })
})
