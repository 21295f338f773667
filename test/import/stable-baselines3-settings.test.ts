/** Each setting of Stable-Baselines3 is taken over, or refused, or noted; networks and spaces have to fit. */
import { strFromU8, unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import type { NamedTensors } from '../../src/encoding/safetensors.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { importStableBaselines3 } from '../../src/import/stable-baselines3.ts'
import type { Table } from '../../src/import/stable-baselines3-data.ts'
import { settingsIn } from '../../src/import/stable-baselines3-settings.ts'
import { spaceSizesIn } from '../../src/import/stable-baselines3-spaces.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { archive, bytes, fixture, policyTensors, stateDictFile, withData } from './stable-baselines3.ts'

/** Base64 of pickles that Stable-Baselines3 2.4.1 put beside what JSON cannot say. */
const PICKLES = {
  everyFourSteps:
    'gASVeAAAAAAAAACMJXN0YWJsZV9iYXNlbGluZXMzLmNvbW1vbi50eXBlX2FsaWFzZXOUjAlUcmFpbkZyZXGUk5RLBIwIYnVpbHRpbnOUjAdnZXRhdHRylJOUaACMElRyYWluRnJlcXVlbmN5VW5pdJSTlIwEU1RFUJSGlFKUhpSBlC4=',
  everyEpisode:
    'gASVewAAAAAAAACMJXN0YWJsZV9iYXNlbGluZXMzLmNvbW1vbi50eXBlX2FsaWFzZXOUjAlUcmFpbkZyZXGUk5RLAYwIYnVpbHRpbnOUjAdnZXRhdHRylJOUaACMElRyYWluRnJlcXVlbmN5VW5pdJSTlIwHRVBJU09ERZSGlFKUhpSBlC4=',
  float32:
    'gASVZQAAAAAAAACMFW51bXB5LmNvcmUubXVsdGlhcnJheZSMBnNjYWxhcpSTlIwFbnVtcHmUjAVkdHlwZZSTlIwCZjSUiYiHlFKUKEsDjAE8lE5OTkr/////Sv////9LAHSUYkMEAADAv5SGlFKULg==',
  replayBuffer: 'gASVNQAAAAAAAACMIHN0YWJsZV9iYXNlbGluZXMzLmNvbW1vbi5idWZmZXJzlIwMUmVwbGF5QnVmZmVylJOULg==',
  actionBox:
    'gASVpQEAAAAAAACMFGd5bW5hc2l1bS5zcGFjZXMuYm94lIwDQm94lJOUKYGUfZQojAVkdHlwZZSMBW51bXB5lGgFk5SMAmY0lImIh5RSlChLA4wBPJROTk5K/////0r/////SwB0lGKMBl9zaGFwZZRLAYWUjANsb3eUjBVudW1weS5jb3JlLm11bHRpYXJyYXmUjAxfcmVjb25zdHJ1Y3SUk5RoBowHbmRhcnJheZSTlEsAhZRDAWKUh5RSlChLAUsBhZRoColDBAAAAMCUdJRijA1ib3VuZGVkX2JlbG93lGgSaBRLAIWUaBaHlFKUKEsBSwGFlGgHjAJiMZSJiIeUUpQoSwOMAXyUTk5OSv////9K/////0sAdJRiiUMBAZR0lGKMBGhpZ2iUaBJoFEsAhZRoFoeUUpQoSwFLAYWUaAqJQwQAAABAlHSUYowNYm91bmRlZF9hYm92ZZRoEmgUSwCFlGgWh5RSlChLAUsBhZRoI4loJnSUYowIbG93X3JlcHKUjAQtMi4wlIwJaGlnaF9yZXBylIwDMi4wlIwKX25wX3JhbmRvbZROdWIu',
}

const imported = (changes: object) => importStableBaselines3(withData(changes))
const trainFreq = (pickled: string) => ({
  ':type:': "<class 'stable_baselines3.common.type_aliases.TrainFreq'>",
  ':serialized:': pickled,
})

describe('taken over', () => {
  test.each([
    [
      'an update every four steps',
      { train_freq: trainFreq(PICKLES.everyFourSteps) },
      0.25,
      /after every 4 steps, 1 at/,
    ],
    [
      'as many as steps',
      { train_freq: trainFreq(PICKLES.everyFourSteps), gradient_steps: -1 },
      1,
      /4 at once/,
    ],
    ['eight a step', { gradient_steps: 8 }, 8, undefined],
    ['none', { gradient_steps: 0 }, 0, undefined],
    ['more than anyone makes', { gradient_steps: 1e12 }, 1, /train_freq .* do not give/],
    [
      'steps as a number, of before',
      { train_freq: 64, gradient_steps: 64 },
      1,
      /after every 64 steps, 64 at once/,
    ],
    ['four environments', { n_envs: 4 }, 0.25, /n_envs is 4/],
    ['four environments, one each', { n_envs: 4, gradient_steps: -1 }, 1, /n_envs is 4/],
    // 250 updates in 300 steps, of which 50 are before learning starts.
    [
      'episodes',
      { train_freq: trainFreq(PICKLES.everyEpisode), gradient_steps: 100 },
      1,
      /as in its training so far/,
    ],
    [
      'what is not legible',
      { train_freq: trainFreq('gARLAS4='), num_timesteps: 550 },
      0.5,
      /train_freq .* do not give/,
    ],
    ['what is not legible, of a new one', { train_freq: 'often', _n_updates: 0 }, 1, /is the default 1/],
  ])('updates per step: %s', (_, changes, expected, note) => {
    const { options, notes } = imported(changes)
    expect(options.updatesPerStep ?? 1).toBe(expected)
    if (note) expect(notes.join('\n')).toMatch(note)
    else expect(notes).toEqual([])
  })

  test('numbers of NumPy, bounds that are printed in part, a temperature that is fixed', () => {
    const target_entropy = { ':type:': "<class 'numpy.float32'>", ':serialized:': PICKLES.float32 }
    const action_space = { low: '[-1. ...', high: '...', ':serialized:': PICKLES.actionBox }
    const { options, notes, actionLow, actionHigh } = imported({ target_entropy, action_space })
    expect(options.targetEntropy).toBe(-1.5)
    expect([actionLow, actionHigh, notes]).toEqual([[-2], [2], []])
  })

  test.each([
    [0.5, 0.5],
    [Math.fround(0.2), 0.2],
    [0, 0],
  ])('a temperature fixed at %d', async (tensor, expected) => {
    const ent_coef_tensor = { shape: [1], data: Float32Array.of(tensor) }
    const changed = archive({
      ...unzipSync(withData({ ent_coef: expected })),
      'pytorch_variables.pth': stateDictFile({ ent_coef_tensor }),
    })
    const { options, parameters } = importStableBaselines3(changed)
    expect(options.temperature).toBe(expected)
    expect(parameters.logAlpha.data).toEqual(Float32Array.of(Math.log(Math.fround(tensor))))
    const agent = await SAC.create(await makeEnv('Pendulum-v1'), { ...options, engine: 'wasm' })
    agent.loadParameters(parameters)
    expect(agent.parameters().logAlpha).toEqual(parameters.logAlpha)
  })
})

test('returns of several steps are taken over', () => {
  expect(imported({ n_steps: 3 })).toMatchObject({ options: { nStep: 3 }, notes: [] })
})

describe('constants of optimisers that are options here', () => {
  const adamw = "<class 'torch.optim.adamw.AdamW'>"
  test.each([
    [{ optimizer_kwargs: { betas: [0.5, 0.999], eps: 1e-8 } }, { beta1: 0.5 }],
    [{ optimizer_class: adamw }, { actorWeightDecay: 0.01, criticWeightDecay: 0.01 }],
    [
      { optimizer_class: adamw, optimizer_kwargs: { weight_decay: 0.1 } },
      { actorWeightDecay: 0.1, criticWeightDecay: 0.1 },
    ],
  ])('%j', (policy_kwargs, options) => {
    const { options: taken, notes } = imported({ policy_kwargs })
    expect(taken).toMatchObject(options)
    expect(notes).toEqual([])
  })
})

describe('noted', () => {
  test.each([
    [
      'a schedule',
      { learning_rate: { ':type:': "<class 'function'>" } },
      /learning_rate is a schedule \(function\)/,
    ],
    ['a learning rate of zero', { learning_rate: 0 }, /learning_rate is 0, .* it is the default 0.0003/],
    [
      'a batch of all memory',
      { batch_size: 1e8 },
      /batch_size is 100000000, .* it is the default 256 \(batchSize\)/,
    ],
    [
      'a buffer beyond all memory',
      { buffer_size: 1e12 },
      /buffer_size is 1000000000000, .* it is the default 1000000/,
    ],
    ['a seed out of range', { seed: -1 }, /seed is -1, .* it is the default 0 \(seed\)/],
    [
      'returns of ever so many steps',
      { n_steps: 1e6 },
      /n_steps is 1000000, .* it is the default 1 \(nStep\)/,
    ],
    ['returns of half a step', { n_steps: 0.5 }, /n_steps is 0.5, .* it is the default 1 \(nStep\)/],
    [
      'a buffer of several steps of its own',
      { replay_buffer_kwargs: { n_steps: 3 } },
      /replay_buffer_kwargs .*: n_steps 3/,
    ],
    [
      'noise on actions',
      {
        action_noise: {
          ':type:': "<class 'stable_baselines3.common.noise.NormalActionNoise'>",
          _sigma: '[0.1]',
        },
      },
      /action_noise is stable_baselines3.common.noise.NormalActionNoise/,
    ],
    [
      'another optimiser',
      { policy_kwargs: { optimizer_class: "<class 'torch.optim.sgd.SGD'>" } },
      /optimizer_class is torch.optim.sgd.SGD/,
    ],
    [
      'constants of Adam',
      { policy_kwargs: { optimizer_kwargs: { weight_decay: 0.01, betas: [0.5, 0.9] } } },
      /optimizer_kwargs .*: weight_decay 0.01, betas \[0.5,0.9\]/,
    ],
    ['an argument of the policy', { policy_kwargs: { dropout: 0.1 } }, /policy_kwargs .*: dropout 0.1/],
    ['a setting of another version', { beta_schedule: 'linear' }, /not known here .*: beta_schedule linear/],
    ['a target interval', { target_update_interval: 2 }, /target_update_interval is 2/],
    [
      'another buffer',
      { replay_buffer_class: { __module__: '__main__' } },
      /replay_buffer_class is a class of __main__/,
    ],
    [
      'time limits that end episodes',
      { replay_buffer_kwargs: { handle_timeout_termination: false } },
      /replay_buffer_kwargs .*: handle_timeout_termination false/,
    ],
    [
      'bounds that are not legible',
      { action_space: { low: '[-1. ...' } },
      /bounds of actions are not legible/,
    ],
  ])('%s', (_, changes, note) => {
    const { notes } = imported({ policy_kwargs: {}, ...changes })
    expect(notes).toEqual([expect.stringMatching(note)])
  })

  test('nothing, for what is as here', () => {
    const { notes } = imported({
      policy_class: { ':type:': "<class 'abc.ABCMeta'>", __module__: 'stable_baselines3.sac.policies' },
      policy_kwargs: {
        net_arch: [8, 6],
        optimizer_class: "<class 'torch.optim.adam.Adam'>",
        optimizer_kwargs: {},
        features_extractor_class: "<class 'stable_baselines3.common.torch_layers.FlattenExtractor'>",
        n_critics: 2,
      },
      replay_buffer_class: { ':serialized:': PICKLES.replayBuffer },
      replay_buffer_kwargs: { handle_timeout_termination: true },
      action_noise: null,
      n_steps: 1,
    })
    expect(notes).toEqual([])
  })
})

describe('refused', () => {
  const space = (kind: string, more: object = {}) => ({
    ':type:': `<class 'gymnasium.spaces.${kind.toLowerCase()}.${kind}'>`,
    ...more,
  })
  test.each([
    [
      'a dictionary of observations',
      { observation_space: space('Dict') },
      /parts of the agent's observation space, a Dict, are not legible/,
    ],
    ['a discrete observation', { observation_space: space('Discrete', { n: '3' }) }, /is Discrete .*one-hot/],
    ['several discrete ones', { observation_space: space('MultiDiscrete') }, /is MultiDiscrete .*one-hot/],
    ['bits', { observation_space: space('MultiBinary') }, /is MultiBinary/],
    [
      'a space of the user',
      { observation_space: { ':type:': "<class '__main__.Box'>" } },
      /\(__main__.Box\), not Box/,
    ],
    ['discrete actions', { action_space: space('Discrete') }, /action space is Discrete/],
    [
      'images',
      { observation_space: space('Box', { dtype: 'uint8', _shape: [1, 1, 3] }) },
      /images .*divides by 255/,
    ],
    [
      'more observations',
      { observation_space: space('Box', { _shape: [2, 2] }) },
      /3 observations, but its space has 4/,
    ],
    ['more actions', { action_space: space('Box', { _shape: [2] }) }, /1 actions, but its space has 2/],
    ['a policy of the user', { policy_class: { __module__: '__main__' } }, /policy is a class of __main__/],
    [
      'a features extractor without parameters',
      { policy_kwargs: { features_extractor_class: "<class '__main__.Scaled'>" } },
      /features_extractor_class is __main__.Scaled/,
    ],
    ['gSDE among the arguments', { policy_kwargs: { use_sde: true } }, /gSDE/],
    [
      'an own ReLU',
      { policy_kwargs: { activation_fn: "<class '__main__.ReLU'>" } },
      /activation_fn is __main__.ReLU;/,
    ],
    [
      'a partial activation',
      {
        policy_kwargs: {
          activation_fn: "functools.partial(<class 'torch.nn.modules.activation.LeakyReLU'>, 0.2)",
        },
      },
      /activation_fn is functools.partial\(LeakyReLU, 0.2\);/,
    ],
    ['a ReLU that is called', { policy_kwargs: { activation_fn: 'ReLU()' } }, /activation_fn is ReLU\(\);/],
  ])('%s', (_, changes, message) => {
    expect(() => imported(changes)).toThrow(ModelFileError)
    expect(() => imported(changes)).toThrow(message)
  })

  /** The agent with some tensors of other shapes, all of halves. */
  function withShapes(shapes: Record<string, number[]>): () => unknown {
    const tensors: NamedTensors = policyTensors()
    for (const [name, shape] of Object.entries(shapes)) {
      const size = shape.reduce((product, extent) => product * extent, 1)
      tensors[name] = { shape, data: new Float32Array(size).fill(0.5) }
    }
    return () => importStableBaselines3(archive({ 'policy.pth': stateDictFile(tensors) }))
  }

  // Three observations, one action, hidden layers of 8 and 6.
  test.each([
    [
      'critics of 25 outputs',
      { 'critic.qf0.4.weight': [25, 6], 'critic.qf0.4.bias': [25] },
      /its critics have 25 outputs each \(TQC\)/,
    ],
    [
      'targets of two',
      { 'critic_target.qf1.4.weight': [2, 6], 'critic_target.qf1.4.bias': [2] },
      /target critics have 2/,
    ],
    [
      'critics of five inputs',
      { 'critic.qf1.0.weight': [8, 5] },
      /critic.qf1.0 takes 5 inputs, but is given 4/,
    ],
    [
      'targets of three inputs',
      { 'critic_target.qf0.0.weight': [8, 3] },
      /critic_target.qf0.0 takes 3 inputs/,
    ],
    [
      'an actor of four observations',
      { 'actor.latent_pi.0.weight': [8, 4] },
      /4 observations, but its space has 3/,
    ],
    [
      'a hidden layer of the actor',
      { 'actor.latent_pi.2.weight': [6, 7] },
      /actor.latent_pi.2 takes 7 inputs, but is given 8/,
    ],
    [
      'a hidden layer of a critic',
      { 'critic.qf0.2.weight': [6, 9] },
      /critic.qf0.2 takes 9 inputs, but is given 8/,
    ],
    [
      'a last layer of a critic',
      { 'critic.qf0.4.weight': [1, 8] },
      /critic.qf0.4 takes 8 inputs, but is given 6/,
    ],
    ['means of the wrong inputs', { 'actor.mu.weight': [1, 5] }, /actor.mu and actor.log_std do not fit/],
    [
      'two means and two deviations',
      {
        ...{ 'actor.mu.weight': [2, 6], 'actor.mu.bias': [2] },
        ...{ 'actor.log_std.weight': [2, 6], 'actor.log_std.bias': [2] },
      },
      /2 actions, but its space has 1/,
    ],
    ['a weight without rows', { 'critic.qf0.0.weight': [0, 4], 'critic.qf0.0.bias': [0] }, /no affine layer/],
    ['a weight of three axes', { 'critic.qf0.0.weight': [8, 4, 1] }, /no affine layer/],
  ] as [string, Record<string, number[]>, RegExp][])('%s', (_, shapes, message) => {
    expect(withShapes(shapes)).toThrow(ModelFileError)
    expect(withShapes(shapes)).toThrow(message)
  })

  test('gSDE of other forms, and of another shape', () => {
    const { 'actor.mu.weight': mean, 'actor.mu.bias': bias, ...others } = policyTensors()
    const { 'actor.log_std.weight': _, 'actor.log_std.bias': __, ...tensors } = others
    const features = mean.shape[1]
    const withNoise = (shape: number[], policy: object = {}) => {
      const log_std = { shape, data: new Float32Array(shape[0] * shape[1]).fill(-2) }
      const changed = archive({
        ...unzipSync(withData({ use_sde: true, sde_sample_freq: 4, train_freq: 8, policy_kwargs: policy })),
        'policy.pth': stateDictFile({
          ...tensors,
          'actor.mu.0.weight': mean,
          'actor.mu.0.bias': bias,
          'actor.log_std': log_std,
        }),
      })
      return () => importStableBaselines3(changed)
    }
    const { options, parameters } = withNoise([features, 1], { log_std_init: -2 })()
    expect(options).toMatchObject({
      stateDependentNoise: true,
      stateDependentNoiseSteps: 4,
      stateDependentNoiseStart: -2,
    })
    expect(parameters['actor.logStd'].shape).toEqual([features, 1])
    expect(withNoise([features, 2])).toThrow(`actor.log_std is [${features},2], not [${features},1]`)
    expect(withNoise([features, 1], { use_expln: true })).toThrow('gSDE with use_expln')
    expect(withNoise([features, 1], { clip_mean: 1 })).toThrow('gSDE with clip_mean 1')
  })

  test('gSDE, whose means are in a sequence', () => {
    const mean = policyTensors()['actor.mu.weight']
    const changed = archive({
      ...unzipSync(withData({ use_sde: true })),
      'policy.pth': stateDictFile({ ...policyTensors(), 'actor.mu.0.weight': mean }),
    })
    expect(() => importStableBaselines3(changed)).toThrow(/gSDE/)
  })

  test('a temperature that is tuned to nothing', () => {
    const log_ent_coef = { shape: [1], data: Float32Array.of(-Infinity) }
    const changed = archive({ 'pytorch_variables.pth': stateDictFile({ log_ent_coef }) })
    expect(() => importStableBaselines3(changed)).toThrow(/logAlpha holds -Infinity/)
  })
})

test('an archive of the format before PyTorch 1.6 gives the same agent', () => {
  expect(importStableBaselines3(fixture('legacy.zip'))).toEqual(
    importStableBaselines3(fixture('pendulum.zip')),
  )
})

describe('whatever stands in a setting, the agent is refused or its options are allowed', () => {
  const ODD = [
    null,
    true,
    -1,
    0.5,
    1e300,
    '',
    'text',
    [],
    [[1]],
    {},
    { ':type:': 7 },
    { ':serialized:': 'no' },
  ]
  const settings: Table = JSON.parse(strFromU8(unzipSync(bytes).data))
  const places: [name: string, withValue: (value: unknown) => Table][] = [
    ...Object.keys(settings).map((name): [string, (value: unknown) => Table] => [
      name,
      value => ({ [name]: value }),
    ]),
    ...['policy_kwargs', 'observation_space', 'action_space'].flatMap(table =>
      [
        ':type:',
        '_shape',
        'dtype',
        'low',
        'high',
        'activation_fn',
        'optimizer_class',
        'optimizer_kwargs',
        'use_sde',
      ].map((name): [string, (value: unknown) => Table] => [
        `${table}.${name}`,
        value => ({ [table]: { ...(settings[table] as Table), [name]: value } }),
      ]),
    ),
  ]
  test.each(places)('%s', (_, withValue) => {
    for (const value of ODD) {
      const data = { ...settings, ...withValue(value) }
      const where = JSON.stringify(value)
      let options: SacOptionsInput
      try {
        spaceSizesIn(data)
        options = settingsIn(data, { algorithm: 'sac' }).options
      } catch (error) {
        expect(error, where).toBeInstanceOf(ModelFileError)
        continue
      }
      expect(() => parseSacOptions(options), where).not.toThrow()
      expect(options.updatesPerStep ?? 1, where).toBeGreaterThan(0)
      expect(options.updatesPerStep ?? 1, where).toBeLessThanOrEqual(1000)
    }
  })
})
