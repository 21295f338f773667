import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { type ImportedAgent, importStableBaselines3 } from '../../src/import/stable-baselines3.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { archive, bytes, computed, expectSameAgent, withData } from './stable-baselines3.ts'

/** The tensors of the agent under other names. */
function renamed(from: string, to: string): Uint8Array {
  if (from.length !== to.length) throw new Error('names of the same length, for pickles have lengths')
  const policy = unzipSync(unzipSync(bytes)['policy.pth'])
  const pickle = policy['archive/data.pkl']
  // Latin-1, so that every byte is a character.
  const text = strFromU8(pickle, true).replaceAll(from, to)
  return archive({
    'policy.pth': zipSync({ ...policy, 'archive/data.pkl': strToU8(text, true) }, { level: 0 }),
  })
}

/** A pickled tensor of one number, from a storage of 24. */
const SMALL_TENSOR =
  'ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x18tQ' +
  'K\0(K\x01t(K\x01t\x89NtR'

/** The same archive with one tensor more. */
function withTensor(name: string): Uint8Array {
  const policy = unzipSync(unzipSync(bytes)['policy.pth'])
  const text = strFromU8(policy['archive/data.pkl'], true)
  const key = `X${String.fromCharCode(name.length, 0, 0, 0)}${name}`
  const pickle = text.replace('Rq\x01(', begin => begin + key + SMALL_TENSOR)
  return archive({ 'policy.pth': zipSync({ ...policy, 'archive/data.pkl': strToU8(pickle, true) }) })
}

describe('an agent of Stable-Baselines3', () => {
  test('is taken over: what it computes, and its settings', async () => {
    const imported = importStableBaselines3(bytes)
    await expectSameAgent(imported, computed)
    expect(imported).toMatchObject({
      source: 'Stable-Baselines3 2.4.1',
      observationSize: 3,
      actionSize: 1,
      actionLow: [-2],
      actionHigh: [2],
      steps: 300,
      updates: 250,
      notes: [],
    })
    expect(imported.options).toEqual({
      algorithm: 'sac',
      critics: 2,
      criticHiddenSizes: 'same',
      seed: 1,
      gamma: 0.98,
      tau: 0.005,
      temperature: 'auto',
      targetEntropy: -1,
      hiddenSizes: [8, 6],
      activation: 'tanh',
      batchSize: 16,
      bufferSize: 1_000_000,
      learningStarts: 50,
      targetUpdateInterval: 1,
      actorLearningRate: 3e-4,
      criticLearningRate: 3e-4,
      temperatureLearningRate: 3e-4,
    })
  })

  test('learns on', async () => {
    const { options, parameters } = importStableBaselines3(bytes)
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, { ...options, engine: 'wasm' })
    agent.loadParameters(parameters)
    const { observation } = await env.reset({ seed: 1 })
    const { observation: nextObservation } = await env.step(Float32Array.of(1))
    agent.observe({ observation, action: [1], reward: -1, nextObservation, terminated: false })
    expect((await agent.update()).criticLoss).toBeGreaterThan(0)
    expect(agent.parameters()).not.toEqual(parameters)
  })

  test.each([
    ['no policy', () => archive({ 'policy.pth': null }), /there is no policy.pth/],
    ['no temperature', () => archive({ 'pytorch_variables.pth': null }), /there is no pytorch_variables.pth/],
    ['settings that are no JSON', () => archive({ data: strToU8('{') }), /data is not JSON/],
    ['state-dependent exploration', () => withData({ use_sde: true }), /gSDE/],
    [
      'another activation',
      () => withData({ policy_kwargs: { activation_fn: "<class 'torch.nn.modules.activation.ELU'>" } }),
      /activation_fn is ELU; here it is ReLU or Tanh/,
    ],
    [
      'another algorithm',
      () => renamed('actor.latent_pi', 'actor.latent_qi'),
      /there is no actor.latent_pi.0.weight/,
    ],
    [
      'a third critic that is not whole',
      () => withTensor('critic.qf2.0.weight'),
      /there is no critic.qf2.0.bias/,
    ],
    [
      'a layer of another name',
      () => withTensor('actor.value.0.weight'),
      /has actor.value.0.weight: it belongs to no layer/,
    ],
    [
      'a network that sees',
      () => withTensor('actor.features_extractor.cnn.0.weight'),
      /has actor.features_extractor.cnn.0.weight: a features extractor has no place here/,
    ],
    [
      'a target that is missing',
      () => renamed('critic_target.qf1', 'critic_target.qf2'),
      /there is no critic_target.qf1.0.weight/,
    ],
    [
      'a layer that normalises',
      () => renamed('actor.latent_pi.2', 'actor.latent_pi.3'),
      /do not fit together: actor.mu and actor.log_std takes 6 inputs, but is given 8/,
    ],
    [
      'weights that are no numbers',
      () => {
        const policy = unzipSync(unzipSync(bytes)['policy.pth'])
        const broken = {
          ...policy,
          'archive/data/1': new Uint8Array(Float32Array.of(0, NaN, 0, 0, 0, 0, 0, 0).buffer),
        }
        return archive({ 'policy.pth': zipSync(broken) })
      },
      /actor.bias0 holds NaN/,
    ],
  ])('%s is refused', (_, make, message) => {
    expect(() => importStableBaselines3(make())).toThrow(ModelFileError)
    expect(() => importStableBaselines3(make())).toThrow(message)
  })

  test('cut off anywhere, it is refused', () => {
    for (let length = 0; length < bytes.length; length += 61) {
      expect(() => importStableBaselines3(bytes.subarray(0, length)), String(length)).toThrow(ModelFileError)
    }
  })

  test('damaged anywhere, it is refused or read as it was, soon', () => {
    const random = createRandom(0, 'damage')
    const started = performance.now()
    const whole = importStableBaselines3(bytes)
    let refused = 0
    for (let round = 0; round < 500; round++) {
      const damaged = bytes.slice()
      // Half of them at the end, where the archive says what it holds.
      const place = round % 2 ? random.integer(bytes.length) : bytes.length - 1 - random.integer(400)
      damaged[place] = random.integer(256)
      let imported: ImportedAgent
      try {
        imported = importStableBaselines3(damaged)
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError)
        refused++
        continue
      }
      // Times and permissions of the archive's files, which decide nothing.
      expect(imported).toEqual({ ...whole, source: expect.stringContaining('Stable-Baselines3') })
    }
    expect(refused).toBeGreaterThan(300)
    expect(performance.now() - started).toBeLessThan(30_000)
  })
})
