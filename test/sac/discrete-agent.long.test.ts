import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as ort from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDoctor } from '../../src/doctor/doctor.ts'
import { encodeSafetensors } from '../../src/encoding/safetensors.ts'
import { discrete, multiDiscrete } from '../../src/env/discrete.ts'
import type { Env } from '../../src/env/env.ts'
import { type ActionSpace, box, contains } from '../../src/env/spaces.ts'
import { OptionError } from '../../src/options.ts'
import { policyToModule } from '../../src/policy/module.ts'
import { policyToOnnx } from '../../src/policy/onnx.ts'
import { policyFromParameters } from '../../src/policy/policy.ts'
import { loadPolicy, policyMetadata, policyToSafetensors } from '../../src/policy/policy-file.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { ALGORITHMS, type SacOptionsInput } from '../../src/sac/options.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { train } from '../../src/training/train.ts'

const observationSpace = box({ low: -Infinity, high: Infinity, shape: [3] })
const spacesWith = (actionSpace: ActionSpace) => ({ observationSpace, actionSpace })
const actionSpaces: [string, ActionSpace][] = [
  ['discrete(4)', discrete(4)],
  ['discrete(3) from -1', discrete(3, { start: -1 })],
  ['multiDiscrete([3, 2])', multiDiscrete([3, 2], { start: [0, 5] })],
]
const options: SacOptionsInput = {
  hiddenSizes: [12, 7],
  batchSize: 16,
  learningStarts: 30,
  engine: 'wasm',
  seed: 5,
}

async function trained(actionSpace: ActionSpace, more: SacOptionsInput = {}): Promise<SAC> {
  const agent = await SAC.create(spacesWith(actionSpace), { ...options, ...more })
  const random = createRandom(1, 'world')
  let observation = random.fillNormal(new Float32Array(3))
  for (let step = 1; step <= 60; step++) {
    const action = agent.explore(observation)
    expect(contains(actionSpace, action)).toBe(true)
    const nextObservation = random.fillNormal(new Float32Array(3)).map(value => 2 + 3 * value)
    const terminated = step % 9 === 0
    agent.observe({ observation, action, reward: random.normal(), nextObservation, terminated })
    observation = terminated ? random.fillNormal(new Float32Array(3)) : nextObservation
    if (step > 45) await agent.update()
  }
  return agent
}

/** Signs of an observation name the right choice: 1 point for it, 0 for any other. */
function naming(actionSpace: ActionSpace, right: (observation: Float32Array) => number[]): Env {
  const random = createRandom(3, 'naming')
  let observation: Float32Array = new Float32Array(3)
  let length = 0
  const next = () => {
    observation = random.fillUniform(new Float32Array(3), -1, 1)
    return observation
  }
  return {
    ...spacesWith(actionSpace),
    reset() {
      length = 0
      return { observation: next() }
    },
    step(action) {
      const reward = Number(right(observation).every((value, i) => action[i] === value))
      return { observation: next(), reward, terminated: false, truncated: ++length === 10 }
    },
  }
}

describe.each(actionSpaces)('%s', (_, actionSpace) => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'discrete-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('the likeliest action, and the one on which a number falls, are the same in all exports', async () => {
    const agent = await trained(actionSpace, { normalizeObservations: true })
    const path = join(folder, 'policy.mjs')
    writeFileSync(path, policyToModule(agent))
    const module = await import(pathToFileURL(path).href)
    const session = await ort.InferenceSession.create(policyToOnnx(agent, { stochastic: true }))
    const whole = encodeSafetensors(agent.parameters(), policyMetadata(agent))
    /** A stream whose uniform number is given. */
    const fixed = (u: number) => ({ ...createRandom(0, 'x'), uniform: () => u })
    const loaded = [loadPolicy(policyToSafetensors(agent)), loadPolicy(whole)]
    expect(loaded[0].actionSpace).toEqual(actionSpace)
    const seen = new Set<string>()
    const random = createRandom(8, 'examples')
    for (let i = 0; i < 60; i++) {
      const observation = random.fillNormal(new Float32Array(3)).map(value => 5 * value)
      const u = random.uniform()
      const { action, sampled_action } = await session.run({
        observation: new ort.Tensor('float32', observation, [1, 3]),
        noise: new ort.Tensor('float32', Float32Array.of(u), [1, 1]),
      })
      const expected = [...agent.act(observation, { deterministic: true })]
      for (const policy of loaded)
        expect([...policy.act(observation, { deterministic: true })]).toEqual(expected)
      expect([...module.act(observation)]).toEqual(expected)
      expect([...(action.data as Float32Array)]).toEqual(expected)
      expect(action.dims).toEqual([1, actionSpace.size])

      const policy = policyFromParameters(agent.parameters(), agent, agent.network, fixed(Math.fround(u)))
      const sample = [...policy.act(observation)]
      expect([...module.act(observation, [u])]).toEqual(sample)
      expect([...(sampled_action.data as Float32Array)]).toEqual(sample)
      seen.add(String(sample))
    }
    expect(seen.size).toBeGreaterThan(2)
    expect(() => module.act([0, 0, 0], [1])).toThrow(/noise\[0\] is 1, not in \[0, 1\)/)
    expect(() => module.act([0, 0, Number.NaN])).toThrow(/observation\[2\] is NaN/)
    expect(() => module.act([3e38, -3e38, 3e38])).not.toThrow()
    await agent.dispose()
  })

  test('samples are as frequent as their probabilities', async () => {
    const agent = await trained(actionSpace)
    const observation = [0.5, -1, 2]
    const { inputs, outputs } = agent.learner.program
    inputs.actingObservation.set(observation)
    agent.act(observation)
    const weights = [...outputs.actorOutput].map(Math.exp)
    const total = weights.reduce((a, b) => a + b, 0)
    const counts = new Map<string, number>()
    for (let i = 0; i < 4000; i++) {
      const action = String(agent.act(observation))
      counts.set(action, (counts.get(action) ?? 0) + 1)
    }
    const frequencies = [...counts.values()].map(count => count / 4000).sort()
    const expected = weights.map(weight => weight / total).sort()
    expect(frequencies.length).toBe(expected.length)
    frequencies.forEach((frequency, i) => {
      expect(Math.abs(frequency - expected[i])).toBeLessThan(0.03)
    })
    await agent.dispose()
  })

  test('resumes to the last bit, and passes on its parameters', async () => {
    const agent = await trained(actionSpace, { envs: 1, nStep: 3, layerNorm: true, randomActionRepeat: 4 })
    const restored = await SAC.create(agent, agent.options)
    restored.restore(structuredClone(agent.state()))
    for (let i = 0; i < 3; i++) {
      expect(await restored.update()).toEqual(await agent.update())
      expect(restored.explore([1, 0, i])).toEqual(agent.explore([1, 0, i]))
    }
    const other = await SAC.create(agent, agent.options)
    other.loadParameters(agent.parameters())
    expect(other.act([1, 2, 3], { deterministic: true })).toEqual(
      agent.act([1, 2, 3], { deterministic: true }),
    )
  })

  test('reports entropy and values of the actions taken, and no spread of numbers', async () => {
    const agent = await trained(actionSpace)
    const metrics = await agent.update()
    const n = 'n' in actionSpace ? actionSpace.n : 0
    expect(metrics.entropy).toBeGreaterThan(0)
    expect(metrics.entropy).toBeLessThanOrEqual(Math.log(n) + 1e-6)
    expect(metrics).not.toHaveProperty('actionSaturation')
    const { inputs, outputs } = agent.learner.program
    const taken = [...inputs.action].map((action, row) => outputs.q1[row * n + action])
    expect(metrics.q1).toBeCloseTo(taken.reduce((a, b) => a + b, 0) / taken.length, 6)
    expect(agent.targetEntropy).toBeCloseTo(0.98 * Math.log(n), 12)
    expect(createDoctor(agent)).toBeTypeOf('function')
  })
})

test('random actions before learning are of the space, each as likely', async () => {
  const agent = await SAC.create(spacesWith(discrete(3, { start: 4 })), { ...options, learningStarts: 1e6 })
  const counts = [0, 0, 0]
  for (let i = 0; i < 3000; i++) counts[agent.explore([0, 0, 0])[0] - 4]++
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120)
})

test('an action that the space does not have is refused, and nothing stored', async () => {
  const agent = await SAC.create(spacesWith(discrete(3)), options)
  const observation = [0, 0, 0]
  const step = { observation, reward: 0, nextObservation: observation, terminated: false }
  expect(() => agent.observe({ ...step, action: [3] })).toThrow(
    /action\[0\] is 3: it must be a whole number from 0 to 2/,
  )
  expect(() => agent.observe({ ...step, action: [0.5] })).toThrow(/action\[0\] is 0.5/)
  expect(() => agent.observe({ ...step, action: [1, 1] })).toThrow(/action has 2 elements, not 1/)
  expect(agent.replay.size).toBe(0)
})

describe('options', () => {
  const create = (more: SacOptionsInput) => SAC.create(spacesWith(discrete(3)), { ...options, ...more })

  test.each(ALGORITHMS.filter(name => name !== 'sac'))(
    '%s has no form for discrete actions',
    async algorithm => {
      await expect(SAC.create(spacesWith(discrete(3)), { algorithm })).rejects.toThrow(
        new OptionError(
          `Option algorithm is "${algorithm}", which has no form for discrete actions; sac has one.`,
        ),
      )
    },
  )

  test.each([
    [
      { targetEntropy: -1 },
      /targetEntropy is -1; a choice among 3 actions has an entropy from 0 to log 3 = 1.099/,
    ],
    [{ targetEntropy: 1.2 }, /targetEntropy is 1.2/],
    [
      { entropySchedule: 'linear', entropyScheduleEnd: -1, scheduleSteps: 100 } as const,
      /entropyScheduleEnd is -1; a choice/,
    ],
  ])('%o aims beyond what a choice can have', async (more, message) => {
    await expect(create(more)).rejects.toThrow(message)
  })

  test.each<SacOptionsInput>([
    { targetEntropy: 1 },
    { temperature: 0.2 },
    { temperature: 0 },
    { critics: 4, targetCritics: 2, actorValue: 'mean' },
    { critics: 1, actorValue: 'first' },
    { dropout: 0.1, layerNorm: true },
    { batchRenorm: true, targetNetworks: false, batchRenormWarmup: 3 },
    { nStep: 5, maxGradientNorm: 1, criticWeightDecay: 0.1, weightDecayOn: 'kernels' },
    { policyDelay: 2, targetUpdateInterval: 3 },
    { entropySchedule: 'cosine', entropyScheduleEnd: 0.1, scheduleSteps: 100 },
    { engine: 'wasm-fast' },
  ])('%o works', async more => {
    const agent = await trained(discrete(5), more)
    const metrics = await agent.update()
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true)
    await agent.dispose()
  })
})

test('a target entropy that a choice cannot have is refused while it learns as well', async () => {
  const agent = await SAC.create(spacesWith(discrete(3)), options)
  expect(() => agent.change({ targetEntropy: 2 })).toThrow(/targetEntropy is 2; a choice among 3 actions/)
  expect(agent.targetEntropy).toBeCloseTo(0.98 * Math.log(3), 12)
  agent.change({ targetEntropy: 0.5 })
  expect(agent.targetEntropy).toBe(0.5)
})

test('a policy whose head does not fit the action space is refused', async () => {
  const agent = await trained(discrete(4))
  const { hiddenSizes, activation } = agent.network
  expect(() =>
    policyFromParameters(agent.parameters(), agent, { hiddenSizes, activation, head: 'gaussian' }),
  ).toThrow(/head is gaussian, which does not give discrete actions/)
  const other = spacesWith(box({ low: -1, high: 1, shape: [4] }))
  expect(() => policyFromParameters(agent.parameters(), other, agent.network)).toThrow(
    /head is categorical, which does not give continuous actions/,
  )
  // Without one it is what the space needs.
  expect(
    policyFromParameters(agent.parameters(), agent, { hiddenSizes, activation }).act([0, 0, 0]),
  ).toHaveLength(1)
})

describe('it learns', () => {
  test.each<[string, ActionSpace, (o: Float32Array) => number[]]>([
    ['one choice', discrete(3), o => [o[0] < -0.3 ? 0 : o[0] < 0.3 ? 1 : 2]],
    ['two choices at once', multiDiscrete([2, 2]), o => [Number(o[0] > 0), Number(o[1] > 0)]],
  ])('%s', async (_, actionSpace, right) => {
    const env = naming(actionSpace, right)
    const agent = await SAC.create(env, {
      ...options,
      hiddenSizes: [32, 32],
      batchSize: 32,
      gamma: 0.5,
      temperature: 0.05,
      actorLearningRate: 3e-3,
      criticLearningRate: 3e-3,
      learningStarts: 200,
    })
    for await (const event of train(agent, env, { steps: 1500 })) expect(event.type).toBeTypeOf('string')
    const { mean } = await evaluate(agent, naming(actionSpace, right), { episodes: 20 })
    expect(mean).toBeGreaterThan(8.5)
    await agent.dispose()
  })
})
