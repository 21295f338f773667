/** Agents of TD3, DDPG and TQC, as Stable-Baselines3 and sb3-contrib saved them. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { readStateDict } from '../../src/import/pytorch.ts'
import { importStableBaselines3 } from '../../src/import/stable-baselines3.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { type ComputedByFamily, expectSameFamilyAgent, fixture, stateDictFile } from './stable-baselines3.ts'

const MEMBERS = ['td3', 'ddpg', 'tqc'] as const

/** The archive of an agent with other settings, and without some tensors. */
function changed(name: string, settings: object, without?: string): Uint8Array {
  const files = unzipSync(fixture(`${name}.zip`))
  const data = { ...JSON.parse(strFromU8(files.data)), ...settings }
  const tensors = Object.entries(readStateDict(files['policy.pth'], 'policy.pth')).filter(
    ([tensor]) => without === undefined || !tensor.startsWith(without),
  )
  return zipSync({
    ...files,
    data: strToU8(JSON.stringify(data)),
    'policy.pth': stateDictFile(Object.fromEntries(tensors)),
  })
}
const imported = (name: string, settings: object, without?: string) =>
  importStableBaselines3(changed(name, settings, without))

test.each(MEMBERS)('%s computes the same here, and learns the same from there', async name => {
  const computed: ComputedByFamily = JSON.parse(strFromU8(fixture(`${name}.json`)))
  await expectSameFamilyAgent(importStableBaselines3(fixture(`${name}.zip`)), computed)
})

describe('settings', () => {
  const common = {
    seed: 1,
    gamma: 0.99,
    tau: 0.005,
    batchSize: 16,
    bufferSize: 300,
    learningStarts: 50,
    actorLearningRate: 2e-3,
    criticLearningRate: 2e-3,
    hiddenSizes: [8, 6],
  }
  test('of TD3', () => {
    const { options, notes, steps, updates } = importStableBaselines3(fixture('td3.zip'))
    expect(options).toEqual({
      ...common,
      algorithm: 'td3',
      hiddenSizes: [8],
      criticHiddenSizes: [7, 6],
      critics: 2,
      activation: 'tanh',
      policyDelay: 3,
      targetUpdateInterval: 3,
      targetNoise: 0,
      targetNoiseClip: 0.5,
      explorationNoiseKind: 'gaussian',
      explorationNoise: 0.3,
    })
    expect([notes, steps, updates]).toEqual([[], 210, 160])
  })

  test('of DDPG, whose noise is here in steps', () => {
    const { options, notes } = importStableBaselines3(fixture('ddpg.zip'))
    expect(options).toEqual({
      ...common,
      algorithm: 'ddpg',
      criticHiddenSizes: 'same',
      critics: 1,
      activation: 'relu',
      explorationNoiseKind: 'ornstein-uhlenbeck',
      explorationNoise: 0.25,
      explorationNoiseTheta: 0.05,
    })
    expect(notes).toEqual([])
    expect(parseSacOptions(options)).toMatchObject({
      policyDelay: 1,
      targetUpdateInterval: 1,
      targetNoise: 0,
    })
  })

  test('of TQC', () => {
    const { options, notes } = importStableBaselines3(fixture('tqc.zip'))
    expect(options).toEqual({
      ...common,
      algorithm: 'tqc',
      criticHiddenSizes: 'same',
      critics: 3,
      atoms: 5,
      droppedAtoms: 1,
      activation: 'relu',
      temperature: 'auto',
      targetEntropy: -1,
      targetUpdateInterval: 1,
      temperatureLearningRate: 2e-3,
      updatesPerStep: 2,
    })
    expect(notes).toEqual([])
  })

  test.each([
    ['td3', { policy_delay: 1, target_noise_clip: 0 }, { algorithm: 'ddpg', critics: 2 }],
    [
      'td3',
      { policy_delay: 1, target_policy_noise: 0.1 },
      { algorithm: 'td3', policyDelay: 1, targetNoise: 0.1 },
    ],
    ['td3', { policy_class: undefined }, { algorithm: 'td3' }],
    ['tqc', { policy_class: undefined }, { algorithm: 'tqc' }],
    ['td3', { action_noise: null }, { explorationNoise: 0 }],
    ['td3', { n_steps: 3 }, { nStep: 3 }],
    ['tqc', { n_steps: 5 }, { nStep: 5 }],
    ['tqc', { top_quantiles_to_drop_per_net: 0 }, { droppedAtoms: 0 }],
  ])('of %s with %j are %j', (name, settings, options) => {
    const { options: taken, notes } = imported(name, settings)
    expect(taken).toMatchObject(options)
    expect(notes).toEqual([])
    expect(() => parseSacOptions(taken)).not.toThrow()
  })

  test.each([
    ['tqc', { top_quantiles_to_drop_per_net: 5 }, /top_quantiles_to_drop_per_net is 5, .* default 2/],
    ['tqc', { top_quantiles_to_drop_per_net: -1 }, /top_quantiles_to_drop_per_net is -1/],
    ['td3', { policy_delay: 0 }, /policy_delay is 0, .* default 2 \(policyDelay, targetUpdateInterval\)/],
    ['td3', { target_policy_noise: -1 }, /target_policy_noise is -1, .* default 0.2/],
    ['td3', { n_steps: 1e9 }, /n_steps is 1000000000, .* default 1 \(nStep\)/],
    [
      'ddpg',
      { action_noise: { ':type:': "<class '__main__.Noise'>" } },
      /action_noise is __main__.Noise, .* default 0.1/,
    ],
    ['td3', { learning_rate: { ':type:': "<class 'function'>" } }, /learning_rate is a schedule/],
    ['td3', { target_entropy: -1 }, /not known here .*: target_entropy -1/],
  ])('of %s with %j are noted', (name, settings, note) => {
    const { options, notes } = imported(name, settings)
    expect(notes).toEqual([expect.stringMatching(note)])
    expect(() => parseSacOptions(options)).not.toThrow()
  })
})

test.each([
  ['td3', {}, 'actor_target', /there is no actor_target.mu.0.weight/],
  ['td3', {}, 'critic_target.qf1', /there is no critic_target.qf1.0.weight/],
  ['td3', {}, 'critic.qf1', /has critic_target.qf1.0.weight: it belongs to no layer/],
  ['ddpg', {}, 'actor.mu.2', /made for 8 actions, but its space has 1/],
  [
    'tqc',
    { policy_class: { __module__: 'stable_baselines3.sac.policies' } },
    undefined,
    /5 outputs each \(TQC\)/,
  ],
  [
    'tqc',
    { policy_class: { __module__: 'sb3_contrib.crossq.policies' } },
    undefined,
    /sb3_contrib.crossq.policies, not/,
  ],
  [
    'tqc',
    { policy_class: { __module__: 'stable_baselines3.td3.policies' } },
    undefined,
    /no actor.mu.0.weight/,
  ],
  [
    'td3',
    { policy_class: { __module__: 'stable_baselines3.sac.policies' } },
    undefined,
    /no actor.latent_pi.0/,
  ],
  ['tqc', { use_sde: true }, undefined, /gSDE/],
] as const)('%s with %j and without %s is refused', (name, settings, without, message) => {
  expect(() => imported(name, settings, without)).toThrow(ModelFileError)
  expect(() => imported(name, settings, without)).toThrow(message)
})

test('SBX, whose networks are pickled programs, is refused with that reason', () => {
  const files = unzipSync(changed('td3', { policy_class: { __module__: 'sbx.td3.policies' } }))
  delete files['policy.pth']
  expect(() => importStableBaselines3(zipSync(files))).toThrow(/is of SBX, .* Flax and JAX/)
})
