import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { readPickle } from '../../src/import/pickle.ts'
import { readStateDict } from '../../src/import/pytorch.ts'
import { importStableBaselines3 } from '../../src/import/stable-baselines3.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { expectSameAgent } from './stable-baselines3.ts'

const folder = join(import.meta.dirname, 'stable-baselines3')
const bytes = new Uint8Array(readFileSync(join(folder, 'pendulum.zip')))
const computed = JSON.parse(readFileSync(join(folder, 'pendulum.json'), 'utf8'))

/** The same archive with some files changed; null takes one out. */
function archive(changes: Record<string, Uint8Array | null>): Uint8Array {
  const files = Object.entries({ ...unzipSync(bytes), ...changes })
  return zipSync(Object.fromEntries(files.filter((file): file is [string, Uint8Array] => file[1] !== null)), {
    level: 0,
  })
}

/** The same archive with other settings. */
function withData(changes: object): Uint8Array {
  const data = JSON.parse(strFromU8(unzipSync(bytes).data))
  return archive({ data: strToU8(JSON.stringify({ ...data, ...changes })) })
}

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

  test('with a fixed temperature, or settings that are not legible', () => {
    const variables = unzipSync(unzipSync(bytes)['pytorch_variables.pth'])
    const pickle = strFromU8(variables['archive/data.pkl'], true)
    const name = (text: string) => `${String.fromCharCode(text.length, 0, 0, 0)}${text}`
    const fixed = pickle.replace(name('log_ent_coef'), name('ent_coef_tensor'))
    const half = new Uint8Array(Float32Array.of(0.5).buffer)
    const changed = zipSync({
      ...variables,
      'archive/data.pkl': strToU8(fixed, true),
      'archive/data/0': half,
    })
    expect(importStableBaselines3(archive({ 'pytorch_variables.pth': changed })).parameters.logAlpha).toEqual(
      {
        shape: [1],
        data: Float32Array.of(Math.log(0.5)),
      },
    )
    const { notes, options, actionLow } = importStableBaselines3(
      withData({
        learning_rate: { ':type:': "<class 'function'>" },
        gradient_steps: 8,
        action_space: { low: '[-1. ...' },
      }),
    )
    expect(notes).toEqual([
      expect.stringContaining('schedule'),
      expect.stringContaining('gradient_steps is 8'),
    ])
    expect(options).not.toHaveProperty('criticLearningRate')
    expect(actionLow).toBeUndefined()
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
      'a third critic',
      () => withTensor('critic.qf2.0.weight'),
      /has critic.qf2.0.weight: it belongs to no layer/,
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
      /hidden layers of critic.qf0 are \[8,6\], those of the actor \[8\]|do not fit/,
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

  test('damaged anywhere, it is refused or read, soon', () => {
    const random = createRandom(0, 'damage')
    const started = performance.now()
    let refused = 0
    for (let round = 0; round < 1500; round++) {
      const damaged = bytes.slice()
      // Half of them at the end, where the archive says what it holds.
      const place = round % 2 ? random.integer(bytes.length) : bytes.length - 1 - random.integer(400)
      damaged[place] = random.integer(256)
      try {
        importStableBaselines3(damaged)
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(200)
    expect(performance.now() - started).toBeLessThan(30_000)
  })
})

describe('a pickle', () => {
  const read = (text: string) =>
    readPickle(strToU8(text, true), 'it', {
      globals: { 'collections OrderedDict': () => new Map() },
      persistent: key => ({ key }),
    })

  test('of plain values is read', () => {
    expect(read('\x80\x02(K\x01M\x02\x01J\xff\xff\xff\xff\x88\x89NG?\xe0\0\0\0\0\0\0t.')).toEqual([
      1,
      258,
      -1,
      true,
      false,
      null,
      0.5,
    ])
    expect(read('\x80\x02}q\x00(X\x01\0\0\0a]q\x01(K\x01K\x02eX\x01\0\0\0b)u.')).toEqual(
      new Map<string, unknown>([
        ['a', [1, 2]],
        ['b', []],
      ]),
    )
    expect(read('\x80\x02ccollections\nOrderedDict\n)R}X\x01\0\0\0aK\x01sb.')).toEqual(new Map())
    expect(read('\x80\x02X\x01\0\0\0kQ.')).toEqual({ key: 'k' })
  })

  test.each([
    ['a call of the system', '\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.', /refers to 'posix.system'/],
    ['a name of JavaScript', '\x80\x02cconstructor\n\n)R.', /refers to 'constructor.'/],
    ['an object', '\x80\x02ccollections\nOrderedDict\n)\x81.', /opcode 0x81/],
    ['another protocol', '\x80\x04N.', /protocol 2/],
    ['a call of a number', '\x80\x02K\x01)R.', /no function/],
    ['an empty stack', '\x80\x02.', /stack is empty/],
    ['an end too early', '\x80\x02X\xff\0\0\0a', /ends too early/],
    ['a line without end', '\x80\x02ccollections', /ends too early/],
    ['a memory of nothing', '\x80\x02h\x05.', /never stored/],
    ['an unmarked tuple', '\x80\x02K\x01t.', /no beginning/],
    ['an item without list', '\x80\x02}K\x01a.', /no list/],
  ])('%s is refused', (_, text, message) => {
    expect(() => read(text)).toThrow(ModelFileError)
    expect(() => read(text)).toThrow(message)
  })
})

describe('tensors of PyTorch', () => {
  /** A file of one tensor x: its storage of float32, and what the pickle says of it. */
  function file(
    numbers: number[],
    [first, shape, strides]: [number, number[], number[]],
    count = numbers.length,
  ) {
    const ints = (values: number[]) => `(${values.map(value => `K${String.fromCharCode(value)}`).join('')}t`
    const key = `(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK${String.fromCharCode(count)}tQ`
    const tensor = `ctorch._utils\n_rebuild_tensor_v2\n(${key}K${String.fromCharCode(first)}${ints(shape)}${ints(strides)}\x89NtR`
    return zipSync({
      'a/data.pkl': strToU8(`\x80\x02}X\x01\0\0\0x${tensor}s.`, true),
      'a/data/0': new Uint8Array(Float32Array.from(numbers).buffer),
    })
  }

  test('are copied from where their strides say', () => {
    const numbers = [0, 1, 2, 3, 4, 5, 6]
    const read = (...place: Parameters<typeof file>[1]) => readStateDict(file(numbers, place), 'it').x
    expect(read(1, [2, 3], [3, 1])).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) })
    expect(read(1, [3, 2], [1, 3])).toEqual({ shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) })
    expect(read(6, [], [])).toEqual({ shape: [], data: Float32Array.of(6) })
  })

  test.each([
    ['beyond its numbers', [2, [2, 3], [3, 1]], 7],
    ['larger than its numbers', [0, [200, 200], [0, 0]], 7],
    ['with more numbers than there are', [0, [1], [1]], 8],
    ['with a stride too few', [0, [1, 1], [1]], 7],
  ] as [string, Parameters<typeof file>[1], number][])('one %s is refused', (_, place, count) => {
    expect(() => readStateDict(file([0, 1, 2, 3, 4, 5, 6], place, count), 'it')).toThrow(
      /it is damaged: .*do not fit/,
    )
  })

  test('from long ago, and tables of something else, are refused', () => {
    expect(() => readStateDict(zipSync({ x: strToU8('x') }), 'it')).toThrow(/no data.pkl/)
    const pickle = (text: string) => zipSync({ 'a/data.pkl': strToU8(text, true) })
    expect(() => readStateDict(pickle('\x80\x02N.'), 'it')).toThrow(/table of tensors/)
    expect(() => readStateDict(pickle('\x80\x02}X\x01\0\0\0xK\x01s.'), 'it')).toThrow(/x is none/)
    const big = zipSync({ 'a/data.pkl': strToU8('\x80\x02}.', true), 'a/byteorder': strToU8('big') })
    expect(() => readStateDict(big, 'it')).toThrow(/big-endian/)
  })
})
