import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { environmentIds, makeEnv } from '../src/envs/registry.ts'
import { OptionError } from '../src/options.ts'
import { policyFromParameters } from '../src/policy/policy.ts'
import { createAverages } from '../src/run/averages.ts'
import { loadRun } from '../src/run/load-run.ts'
import { metricsWriter } from '../src/run/metrics-writer.ts'
import {
  createRunDirectory,
  saveAgent,
  writeFileAtomically,
  writeRunConfig,
} from '../src/run/run-directory.ts'
import { flattenSettings, parseSettings } from '../src/run/settings.ts'
import { SAC } from '../src/sac/agent.ts'
import { parseSacOptions } from '../src/sac/options.ts'
import { presetFor } from '../src/training/presets.ts'

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
    [{ environmentOptions: [] }, 'Option environmentOptions is []; it must be a table of names and values.'],
  ])('%o is one clear sentence', (wrong, message) => {
    expect(() => parseSettings({ ...input, ...wrong })).toThrow(new OptionError(message))
  })

  test('every environment that comes with the package has a preset of its own, and a valid one', () => {
    for (const id of environmentIds()) {
      expect(presetFor(id)).not.toEqual(presetFor('none of ours'))
      expect(() => parseSacOptions(presetFor(id).options)).not.toThrow()
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

  test('a file that cannot be written leaves the old one and no remains', () => {
    const path = join(folder, 'file')
    writeFileAtomically(path, 'old')
    expect(() => writeFileAtomically(path, Symbol('not data') as never)).toThrow()
    expect(readFileSync(path, 'utf8')).toBe('old')
    mkdirSync(join(folder, 'taken', 'x'), { recursive: true })
    expect(() => writeFileAtomically(join(folder, 'taken'), 'new')).toThrow()
    expect(readdirSync(folder).sort()).toEqual(['file', 'taken'])
  })

  test('config.json has every option and what made the run', async () => {
    await savedAgent()
    const { run, ...config } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    expect(config).toEqual(flattenSettings(settings))
    expect(run).toMatchObject({ engine: 'some engine', node: process.version, version: '0.1.0' })
  })
})

describe('a loaded run', () => {
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

  test('is missed where it is not', async () => {
    expect(() => loadRun(join(folder, 'nowhere'))).toThrow(
      /no complete run in .*nowhere: it has no config.json/,
    )
    await savedAgent()
    rmSync(join(folder, 'parameters.safetensors'))
    expect(() => loadRun(folder)).toThrow(/it has no parameters.safetensors/)
  })
})

describe('metrics', () => {
  const step = (number: number) =>
    ({ type: 'step', step: number, environment: 0, reward: 0, terminated: false, truncated: false }) as const
  const update = (number: number, criticLoss: number, entropy?: number) => {
    const rest = { q1: 0, q2: 0, target: 0, criticsGradientNorm: 0, temperature: 1 }
    const metrics = { criticLoss, ...rest, ...(entropy !== undefined && { entropy }) }
    return { type: 'update', step: number, update: number, metrics } as const
  }
  const result = { mean: 1, standardDeviation: 0, returns: [1], lengths: [9] }
  const evaluation = { type: 'evaluation' as const, ...result }

  test('are one JSON object a line: start, episodes with means of their updates, evaluations, end', () => {
    const writer = metricsWriter(folder)
    const ended = {
      environment: 0,
      episode: 1,
      return: -3,
      length: 1,
      terminated: true,
      truncated: false,
    } as const
    for (const event of [step(1), update(1, 2, 5), update(2, 4)]) writer.write(event)
    writer.write({ type: 'episode', step: 1, ...ended })
    writer.write(step(2))
    writer.write({ type: 'episode', step: 2, ...ended, episode: 2 })
    writer.write({ ...evaluation, step: 2 })
    writer.end('error', 'the reason')
    const text = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    const lines = text.trimEnd().split('\n')
    const [start, first, second, evaluated, end] = lines.map(line => JSON.parse(line))
    expect(start.type).toBe('start')
    expect(first).toMatchObject({ type: 'episode', step: 1, return: -3, length: 1, updates: 2 })
    // The entropy was reported by one of the two updates only.
    expect(first).toMatchObject({ criticLoss: 3, entropy: 5, temperature: 1 })
    expect(first.stepsPerSecond).toBeGreaterThan(0)
    expect(second).toMatchObject({ type: 'episode', episode: 2, updates: 2 })
    expect(second).not.toHaveProperty('criticLoss')
    expect(evaluated).toEqual({ ...evaluation, step: 2 })
    expect(end).toMatchObject({ type: 'end', step: 2, updates: 2, reason: 'error', message: 'the reason' })
  })

  test('speeds leave the time of evaluations out', () => {
    let time = 0
    const averages = createAverages(() => time)
    for (let i = 1; i <= 10; i++) {
      time += 100
      averages.observe(step(i))
    }
    time += 60_000
    averages.observe({ ...evaluation, step: 10 })
    time += 1000
    averages.observe(step(11))
    expect(averages.take()).toEqual({ seconds: 2, stepsPerSecond: 5.5, updatesPerSecond: 0, means: {} })
    time += 500
    expect(averages.take()).toMatchObject({ seconds: 0.5, stepsPerSecond: 0 })
  })
})
