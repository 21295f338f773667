import { strFromU8 } from 'fflate'
import { describe, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { ModelFileError } from '../../src/import/model-file-error.ts'
import { importStableBaselines3 } from '../../src/import/stable-baselines3.ts'
import { readVecNormalize } from '../../src/import/vec-normalize.ts'
import { meanParameters, normalizerIn } from '../../src/policy/normalizer.ts'
import { SAC } from '../../src/sac/agent.ts'
import { bytes, computed, fixture, pickle } from './stable-baselines3.ts'

/** What NumPy printed of the statistics in the fixtures. */
const statistics = {
  mean: [0.23295603687493227, -0.12759474240408356, 0.6514811534226516],
  variance: [0.42425960903230275, 0.5051924460950742, 18.50530513979503],
  count: 101,
  returns: 3604.7208597444333,
}
const saved = fixture('vec_normalize.pkl')

const double = (value: number) => {
  const data = new DataView(new ArrayBuffer(8))
  data.setFloat64(0, value)
  return strFromU8(new Uint8Array(data.buffer), true)
}

/** The fixture with attributes of other values, as pickled. */
function withAttributes(changes: Record<string, [from: string, to: string]>): Uint8Array {
  let text = strFromU8(saved, true)
  for (const [name, [from, to]] of Object.entries(changes)) {
    const [before, after] = [from, to].map(value => `${name}\x94${value}`)
    if (!text.includes(before)) throw new Error(`there is no ${name} as expected`)
    text = text.replace(before, () => after)
  }
  return pickle(text)
}

describe('the statistics of VecNormalize', () => {
  test.each(['vec_normalize.pkl', 'vec_normalize_protocol2.pkl', 'vec_normalize_protocol5.pkl'])(
    'in %s are read',
    name => {
      const { options, parameters, notes } = readVecNormalize(fixture(name), 3)
      expect(parameters).toEqual({
        ...meanParameters(statistics.mean),
        'normalizer.variance': { shape: [3], data: Float32Array.from(statistics.variance) },
        'normalizer.count': { shape: [1], data: Float32Array.of(statistics.count) },
      })
      expect(options).toEqual({
        normalizeObservations: true,
        rewardScale: 1 / Math.sqrt(statistics.returns + 1e-8),
      })
      expect(notes).toEqual([
        expect.stringMatching(/divided rewards .* clipped them to 10; rewardScale is 0\.01665/),
      ])
    },
  )

  test('keep means that are large beside the deviations', () => {
    const mean = strFromU8(new Uint8Array(Float64Array.from(statistics.mean).buffer), true)
    const large = [1_000_000.1, -123_456.789, 0.6514811534226516]
    const changed = strFromU8(saved, true).replace(mean, () =>
      strFromU8(new Uint8Array(Float64Array.from(large).buffer), true),
    )
    const { parameters } = readVecNormalize(pickle(changed), 3)
    for (const [i, value] of normalizerIn(parameters, 3)!.mean.entries())
      expect(value).toBeCloseTo(large[i], 8)
  })

  test("in NumPy 2's names, too", () => {
    const renamed = strFromU8(saved, true).replace('\x15numpy.core.multiarray', '\x16numpy._core.multiarray')
    expect(renamed).toContain('numpy._core')
    expect(readVecNormalize(pickle(renamed), 3)).toEqual(readVecNormalize(saved, 3))
  })

  test('are what the agent acts with', async () => {
    const agentOf = async (vecNormalize?: Uint8Array) => {
      const { options, parameters } = importStableBaselines3(bytes, { vecNormalize })
      const agent = await SAC.create(await makeEnv('Pendulum-v1'), { ...options, engine: 'wasm' })
      agent.loadParameters(parameters)
      return agent
    }
    const [plain, normalizing] = [await agentOf(), await agentOf(saved)]
    for (const observation of computed.observations) {
      const seen = observation.map((value, i) => {
        const deviations = (value - statistics.mean[i]) / Math.sqrt(statistics.variance[i] + 1e-8)
        return Math.min(Math.max(deviations, -10), 10)
      })
      const [expected] = plain.act(seen, { deterministic: true })
      const [action] = normalizing.act(observation, { deterministic: true })
      expect(Math.abs(action - expected)).toBeLessThan(1e-5)
    }
  })

  test('with other settings are noted where they differ', () => {
    const notesOf = (changes: Record<string, [string, string]>) =>
      readVecNormalize(withAttributes(changes), 3).notes
    expect(notesOf({ clip_obs: [`G${double(10)}`, `G${double(5)}`] })[0]).toContain('clip_obs is 5;')
    expect(notesOf({ training: ['\x88', '\x89'] })[1]).toContain('were frozen (training)')
    const unscaled = readVecNormalize(withAttributes({ norm_reward: ['\x88', '\x89'] }), 3)
    expect(unscaled).toMatchObject({ options: { normalizeObservations: true }, notes: [] })
    expect(unscaled.options).not.toHaveProperty('rewardScale')
    const unnormalized = readVecNormalize(withAttributes({ norm_obs: ['\x88', '\x89'] }), 3)
    expect(unnormalized.parameters).toEqual({})
    expect(unnormalized.options).not.toHaveProperty('normalizeObservations')
    expect(unnormalized.notes[0]).toContain('left observations as they are')
  })

  test('with another epsilon divide by the same deviations', () => {
    const changed = withAttributes({ epsilon: [`G${double(1e-8)}`, `G${double(0.01)}`] })
    const { parameters, notes } = readVecNormalize(changed, 3)
    const variances = statistics.variance.map(value => Math.fround(value + 0.01 - 1e-8))
    expect([...parameters['normalizer.variance'].data]).toEqual(variances)
    expect(notes[0]).toContain('epsilon is 0.01')
  })

  test.each([
    ['of other observations', () => readVecNormalize(saved, 4), /3 observations, but the agent takes 4/],
    ['of something else', () => readVecNormalize(pickle('\x80\x02}.'), 3), /does not hold a VecNormalize/],
    ['cut off', () => readVecNormalize(saved.subarray(0, 900), 3), /ends too early/],
    [
      'of a class of the user',
      () => readVecNormalize(pickle('\x80\x02cmine\nVecNormalize\n)\x81.'), 3),
      /refers to 'mine.VecNormalize'/,
    ],
    [
      'with a call of the system in it',
      () => readVecNormalize(pickle('\x80\x02cposix\nsystem\nX\x04\0\0\0true\x85R.'), 3),
      /refers to 'posix.system'/,
    ],
    [
      'with eval in it',
      () => readVecNormalize(pickle('\x80\x02cbuiltins\neval\nX\x01\0\0\x001\x85R.'), 3),
      /refers to 'builtins.eval'/,
    ],
    [
      'that are no numbers',
      () => readVecNormalize(withAttributes({ clip_obs: [`G${double(10)}`, `G${double(NaN)}`] }), 3),
      /clip_obs of VecNormalize is not a number/,
    ],
    [
      'with a mean that is not finite',
      () => {
        const mean = new Uint8Array(Float64Array.from(statistics.mean).buffer)
        const text = strFromU8(saved, true)
        const wrong = new Uint8Array(Float64Array.of(NaN, 0, 0).buffer)
        return readVecNormalize(pickle(text.replace(strFromU8(mean, true), () => strFromU8(wrong, true))), 3)
      },
      /mean NaN .* of observation 0/,
    ],
    [
      'with a variance below zero',
      () => readVecNormalize(withAttributes({ epsilon: [`G${double(1e-8)}`, `G${double(-1)}`] }), 3),
      /variance -0.57.* of observation 0/,
    ],
  ])('%s are refused', (_, read, message) => {
    expect(read).toThrow(ModelFileError)
    expect(read).toThrow(message)
  })
})
