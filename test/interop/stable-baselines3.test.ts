import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { box } from '../../src/env/spaces.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { importStableBaselines3 } from '../../src/import/stable-baselines3.ts'
import { SAC } from '../../src/sac/agent.ts'
import { createProbe } from '../../src/sac/probe.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { train } from '../../src/training/train.ts'
import { type Computed, expectSameAgent, expectSameFamilyAgent } from '../import/stable-baselines3.ts'
import { distance } from '../policy/policies.ts'

const python = join(import.meta.dirname, '../../.venv-sb3/bin/python')

let folder: string
beforeAll(() => {
  if (!existsSync(python)) throw new Error(`there is no ${python}: run the tests with npm run test:interop`)
  folder = mkdtempSync(join(tmpdir(), 'sb3-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Trains an agent in Stable-Baselines3: its file, and what it computes. */
function trainInPython(activation: 'ReLU' | 'Tanh', seed: number, ...more: ('normalize' | 'gsde')[]) {
  const path = join(folder, `${activation}.zip`)
  const args = [join(import.meta.dirname, 'sb3_agent.py'), path, activation, String(seed), ...more]
  const computed: Computed = JSON.parse(execFileSync(python, args, { encoding: 'utf8' }))
  return { bytes: new Uint8Array(readFileSync(path)), computed }
}

describe('an agent that Stable-Baselines3 trained', () => {
  test.each([
    ['ReLU', 1],
    ['Tanh', 2],
  ] as const)('with %s computes the same here', async (activation, seed) => {
    const { bytes, computed } = trainInPython(activation, seed)
    const imported = importStableBaselines3(bytes)
    expect(imported.source).toMatch(/^Stable-Baselines3 \d/)
    expect(imported.options.activation).toBe(activation.toLowerCase())
    expect(imported.steps).toBe(300)
    await expectSameAgent(imported, computed)
  })

  test('with gSDE computes the same here, sigma included', async () => {
    const { bytes, computed } = trainInPython('ReLU', 6, 'gsde')
    const { options, parameters, notes } = importStableBaselines3(bytes)
    expect(options).toMatchObject({ stateDependentNoise: true, stateDependentNoiseSteps: 1 })
    expect(notes).toEqual([])
    const agent = await SAC.create(await makeEnv('Pendulum-v1'), { ...options, engine: 'wasm' })
    agent.loadParameters(parameters)
    const probe = await createProbe(agent, computed.observations.length)
    const output = probe.policy(computed.observations.flat())
    for (const [i, observation] of computed.observations.entries()) {
      expect(distance(agent.act(observation, { deterministic: true }), computed.actions[i])).toBeLessThan(
        1e-5,
      )
      const expected = [...computed.mu[i], ...computed.logSigma[i]]
      expect(distance(output.slice(2 * i, 2 * i + 2), expected)).toBeLessThan(1e-5)
    }
    await Promise.all([probe.dispose(), agent.dispose()])
  })

  test('in VecNormalize acts the same here on what the environment shows', async () => {
    const { bytes, computed } = trainInPython('ReLU', 4, 'normalize')
    const vecNormalize = new Uint8Array(readFileSync(join(folder, 'ReLU.pkl')))
    const { options, parameters, notes } = importStableBaselines3(bytes, { vecNormalize })
    const { mean, variance, rewardScale } = computed.statistics!
    expect([...parameters['normalizer.mean'].data]).toEqual(mean.map(Math.fround))
    expect([...parameters['normalizer.variance'].data]).toEqual(variance.map(Math.fround))
    expect(options.rewardScale).toBeCloseTo(rewardScale, 9)
    expect(notes).toEqual([expect.stringContaining('VecNormalize divided rewards')])
    const agent = await SAC.create(await makeEnv('Pendulum-v1'), { ...options, engine: 'wasm' })
    agent.loadParameters(parameters)
    for (const [i, observation] of computed.observations.entries()) {
      expect(distance(agent.act(observation, { deterministic: true }), computed.actions[i])).toBeLessThan(
        1e-4,
      )
    }
  })

  test('goes on learning here', async () => {
    const { bytes } = trainInPython('ReLU', 3)
    const { options, parameters } = importStableBaselines3(bytes)
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, { ...options, engine: 'wasm' })
    agent.loadParameters(parameters)
    const result = async () =>
      (await evaluate(agent, await makeEnv('Pendulum-v1'), { episodes: 20, seed: 1 })).mean
    const before = await result()
    for await (const _ of train(agent, env, { steps: 5000 })) {
      // Whatever happens.
    }
    expect(await result()).toBeGreaterThan(before + 300)
  })
})

test.each(['td3', 'ddpg', 'tqc'])('an agent of %s computes and learns the same here', async name => {
  const path = join(folder, `${name}.zip`)
  const script = join(import.meta.dirname, 'sb3_family.py')
  const computed = JSON.parse(execFileSync(python, [script, path, name, '5'], { encoding: 'utf8' }))
  const imported = importStableBaselines3(new Uint8Array(readFileSync(path)))
  expect(imported.options.algorithm).toBe(name)
  expect(imported.notes).toEqual([])
  await expectSameFamilyAgent(imported, computed)
})

test('an agent that observes a Dict computes the same here, of parts in the order in which they come here', async () => {
  const path = join(folder, 'parts.zip')
  const script = join(import.meta.dirname, 'sb3_parts.py')
  const computed = JSON.parse(execFileSync(python, [script, path], { encoding: 'utf8' }))
  const { options, parameters, observationSize } = importStableBaselines3(new Uint8Array(readFileSync(path)))
  expect(observationSize).toBe(11)
  const spaces = {
    observationSpace: box({ low: -1, high: 1, shape: [11] }),
    actionSpace: box({ low: -1, high: 1 }),
  }
  const agent = await SAC.create(spaces, { ...options, engine: 'wasm' })
  agent.loadParameters(parameters)
  const probe = await createProbe(agent, computed.actions.length)
  // Goals come last, whatever their names.
  const rows: number[][] = computed.observations.map((parts: Record<string, number[]>) =>
    ['choice', 'velocity', 'achieved_goal', 'desired_goal'].flatMap(key => parts[key]),
  )
  const [q1] = probe.values(rows.flat(), computed.actions.flat())
  for (const [i, row] of rows.entries()) {
    expect(distance(agent.act(row, { deterministic: true }), computed.actions[i])).toBeLessThan(1e-5)
    expect(q1[i]).toBeCloseTo(computed.q1[i], 4)
  }
  await Promise.all([probe.dispose(), agent.dispose()])
})

describe('agents of other kinds, as Stable-Baselines3 saves them', () => {
  beforeAll(() => {
    execFileSync(python, [join(import.meta.dirname, 'sb3_variants.py'), folder], { stdio: 'ignore' })
  })
  const read = (name: string) =>
    importStableBaselines3(new Uint8Array(readFileSync(join(folder, `${name}.zip`))))

  test.each([
    ['plain', {}, []],
    ['matrix', {}, []],
    ['bytes', {}, []],
    ['fixed', { temperature: 0.2 }, []],
    ['rounds', { updatesPerStep: 0.5 }, [/updates after every 4 steps, 2 at once/]],
    ['environments', {}, [/n_envs is 4/, /updates after every 4 steps, 4 at once/]],
    ['episodes', {}, [/as many updates as steps/]],
    ['schedule', {}, [/learning_rate is a schedule/]],
    ['noise', {}, [/action_noise is .*NormalActionNoise/]],
    ['adamw', { actorWeightDecay: 0.01, criticWeightDecay: 0.01 }, []],
    ['betas', { beta1: 0.5 }, []],
    ['three-critics', { critics: 3 }, []],
    ['other-hidden-layers', { hiddenSizes: [8], criticHiddenSizes: [6] }, []],
    ['dictionary', {}, []],
    ['hindsight', {}, [/replay_buffer_class is .*HerReplayBuffer/]],
    ['gsde', { stateDependentNoise: true, stateDependentNoiseSteps: 1, stateDependentNoiseStart: -3 }, []],
    ['td3', { algorithm: 'td3', explorationNoise: 0, policyDelay: 2, targetNoise: 0.2 }, []],
    [
      'td3-several',
      { updatesPerStep: 0.5, explorationNoise: 0.2, explorationNoiseKind: 'gaussian' },
      [/n_envs is 2/, /updates after every 2 steps/],
    ],
    ['td3-uneven', {}, [/action_noise is .*NormalActionNoise, .* the default 0.1/]],
    [
      'ddpg',
      {
        algorithm: 'ddpg',
        critics: 1,
        explorationNoise: 0.2 * Math.sqrt(0.01),
        explorationNoiseTheta: 0.0015,
      },
      [],
    ],
    ['tqc', { algorithm: 'tqc', critics: 2, atoms: 25, droppedAtoms: 2, temperature: 0.1 }, []],
    ['tqc-one-quantile', { algorithm: 'tqc', atoms: 1, droppedAtoms: 0 }, []],
  ])('%s is taken over, and what is not is noted', (name, options, notes) => {
    const imported = read(name)
    expect(imported.notes).toEqual(notes.map(note => expect.stringMatching(note)))
    expect({ updatesPerStep: 1, ...imported.options }).toMatchObject({ updatesPerStep: 1, ...options })
  })

  test.each([
    ['images', /divides by 255/],
    ['discrete', /is Discrete .*one-hot/],
    ['multi-discrete', /is MultiDiscrete .*one-hot/],
    ['dictionary-of-pictures', /part "a" of the agent's observations is a picture \[3,36,36\]/],
    ['dictionary-of-choices', /part "b" .* is MultiDiscrete: only Box and Discrete/],
    ['gsde-expln', /gSDE with use_expln/],
    ['gsde-clip', /gSDE with clip_mean 1/],
    ['a2c', /policy is a class of stable_baselines3.common.policies, not MlpPolicy/],
    ['no-hidden-layers', /SAC, TQC, TD3 and DDPG with hidden layers are/],
    ['td3-no-hidden-layers', /actor has no hidden layers/],
    ['silu', /activation_fn is SiLU/],
    ['own-relu', /activation_fn is __main__.ReLU/],
  ])('%s is refused', (name, message) => {
    expect(() => read(name)).toThrow(message)
  })
})
