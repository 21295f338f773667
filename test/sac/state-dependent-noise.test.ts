import { describe, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { gradient } from '../../src/graph/gradient.ts'
import { input, sum } from '../../src/graph/operations.ts'
import { policyFromParameters } from '../../src/policy/policy.ts'
import { loadPolicy, policyToSafetensors } from '../../src/policy/policy-file.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { squashedGaussian } from '../../src/sac/squashed-gaussian.ts'
import { stateDependentGaussian } from '../../src/sac/state-dependent-gaussian.ts'
import { createStateDependentNoise } from '../../src/sac/state-dependent-noise.ts'
import { loadAgent, saveAgent } from '../../src/training/agent-file.ts'
import { train } from '../../src/training/train.ts'
import { interpret } from '../graph/reference-interpreter.ts'

describe('mu and sigma, in float64', () => {
  const [B, H, m] = [2, 3, 2]
  const mean = input('mean', [B, m])
  const features = input('features', [B, H])
  const logStd = input('logStd', [H, m])
  const xi = input('xi', [B, m])
  const values = {
    mean: [0.5, -3, 1.5, 2.5],
    features: [0.3, 0, 1.2, 0, 0, 0],
    logStd: [-1, -2, 0, 1, -0.5, -3],
    xi: [0.1, -1, 2, 0.4],
  }

  test('sigma_j^2 is sum_h phi_h^2 exp(2 logStd_hj) + 1e-6, and mu is within [-2, 2]', () => {
    const [output] = interpret([stateDependentGaussian(mean, features, logStd)], values)
    const sigma = (row: number, j: number) =>
      Math.sqrt(
        [0, 1, 2].reduce(
          (total, h) => total + (values.features[H * row + h] * Math.exp(values.logStd[m * h + j])) ** 2,
          1e-6,
        ),
      )
    const expected = [
      0.5,
      -2,
      Math.log(sigma(0, 0)),
      Math.log(sigma(0, 1)),
      1.5,
      2,
      Math.log(1e-3),
      Math.log(1e-3),
    ]
    for (const [i, value] of expected.entries()) expect(output[i]).toBeCloseTo(value, 12)
  })

  test('gradients of log pi and the action are those of central differences, where mu is not at its limit', () => {
    const { action, logProb } = squashedGaussian(stateDependentGaussian(mean, features, logStd), xi)
    const loss = sum(logProb)
    const both = [loss, sum(action)]
    for (const output of both) {
      for (const [name, tensor] of Object.entries({ mean, features, logStd })) {
        const [found] = interpret(gradient(output, [tensor]), values)
        for (let i = 0; i < found.length; i++) {
          const at = (step: number) => {
            const moved = values[name as keyof typeof values].map((value, k) =>
              k === i ? value + step : value,
            )
            return interpret([output], { ...values, [name]: moved })[0][0]
          }
          expect(found[i]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 5)
        }
      }
    }
  })
})

describe('noise', () => {
  const [features, actions] = [3, 2]
  const logStd = Float32Array.of(-1, -2, 0, -0.5, -1.5, -3)
  const noise = (steps: number | 'episode', envs = 1, seed = 0) =>
    createStateDependentNoise({
      envs,
      features,
      actions,
      steps,
      logStd: () => logStd,
      random: createRandom(seed, 'exploration'),
    })
  const output = [0.1, -0.2, 0, 0, 0.5, 1, -0.7]

  test('is the same function of the state until it is drawn anew, for each environment its own', () => {
    const whole = noise('episode', 2)
    const first = whole.act(output, 0)
    expect(whole.act(output, 0)).toEqual(first)
    expect(whole.act(output, 1)).not.toEqual(first)
    whole.reset(0)
    expect(whole.act(output, 0)).not.toEqual(first)
    const four = noise(4)
    const acts = Array.from({ length: 12 }, () => four.act(output, 0)[0])
    expect(acts.map(action => acts.indexOf(action))).toEqual([0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8])
  })

  test('has the deviation that the policy says: sigma_j^2 = sum_h phi_h^2 sigma_hj^2', () => {
    const each = noise(1)
    const draws = Array.from({ length: 20_000 }, () => [...each.act(output, 0)].map(Math.atanh))
    for (const j of [0, 1]) {
      const variance = draws.reduce((total, u) => total + (u[j] - output[j]) ** 2, 0) / draws.length
      const expected = [0, 1, 2].reduce(
        (total, h) => total + (output[4 + h] * Math.exp(logStd[2 * h + j])) ** 2,
        0,
      )
      expect(variance / expected).toBeCloseTo(1, 1)
    }
  })

  test('continues from its state, and refuses one that is not its own', () => {
    const [one, other] = [noise(3, 2), noise(3, 2, 9)]
    for (let i = 0; i < 4; i++) one.act(output, 0)
    const state = JSON.parse(JSON.stringify(one.state()))
    other.requireState(state)
    other.restore(state)
    expect(other.act(output, 0)).toEqual(one.act(output, 0))
    for (const wrong of [
      undefined,
      [],
      [[0]],
      [[0], [1]],
      [[-1], [0]],
      [[0], [1, 1, 2, 3, 4, 5, Number.NaN]],
    ]) {
      expect(() => other.requireState(wrong)).toThrow('not a matrix of 3 by 2 for each of 2 environments')
    }
    expect(() => other.act(output, 2)).toThrow('environment is 2: it must be a whole number from 0 to 1')
  })
})

const small: SacOptionsInput = {
  hiddenSizes: [8],
  criticHiddenSizes: 'same',
  batchSize: 16,
  learningStarts: 20,
  bufferSize: 300,
  updatesPerStep: 1,
  stateDependentNoise: true,
}

async function trained(more: SacOptionsInput = {}, steps = 60): Promise<SAC> {
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, { ...small, ...more })
  for await (const _ of train(agent, env, { steps }));
  return agent
}

describe('an agent', () => {
  test.each(['sac', 'redq', 'droq', 'tqc', 'sac-n'] as const)(
    'of %s learns its deviations',
    async algorithm => {
      const agent = await trained({ algorithm, policyDelay: 1, ...(algorithm === 'tqc' && { atoms: 5 }) }, 40)
      const { data, shape } = agent.parameters()['actor.logStd']
      expect(shape).toEqual([8, 1])
      expect(data.every(value => value !== -3 && Math.abs(value + 3) < 0.1)).toBe(true)
      await agent.dispose()
    },
  )

  test('explores by one function of the state for an episode, in its own units, and resumes in the middle of it', async () => {
    const agent = await trained()
    const observation = [0.6, 0.8, 0.5]
    const action = agent.explore(observation)
    expect(agent.explore(observation)).toEqual(action)
    expect(Math.abs(action[0])).toBeLessThanOrEqual(2)
    const copy = await loadAgent(saveAgent(agent))
    expect(copy.explore(observation)).toEqual(action)
    expect(await copy.update()).toEqual(await agent.update())
    agent.endEpisode()
    copy.endEpisode()
    const next = agent.explore(observation)
    expect(next).not.toEqual(action)
    expect(copy.explore(observation)).toEqual(next)
    await Promise.all([agent.dispose(), copy.dispose()])
  })

  test('acts as its policy does elsewhere, also far beyond what float32 computes', async () => {
    const agent = await trained()
    const [env, parameters] = [await makeEnv('Pendulum-v1'), agent.parameters()]
    const policy = policyFromParameters(parameters, env, agent.network)
    const loaded = loadPolicy(policyToSafetensors(agent))
    for (const observation of [
      [0.6, 0.8, 0.5],
      [0.6, 0.8, -8],
      [1, 0, 1e30],
    ]) {
      const action = agent.act(observation, { deterministic: true })
      expect(policy.act(observation, { deterministic: true })[0]).toBeCloseTo(action[0], 5)
      expect(loaded.act(observation, { deterministic: true })[0]).toBeCloseTo(action[0], 5)
    }
    expect(policy.act([0.6, 0.8, 0.5])).toEqual(loaded.act([0.6, 0.8, 0.5]))
    await agent.dispose()
  })
})

describe('refused with a sentence', () => {
  test.each<[SacOptionsInput, string]>([
    [
      { algorithm: 'td3', stateDependentNoise: true },
      'Algorithm td3 has no option stateDependentNoise; sac, redq, droq, tqc, crossq, sac-n have it.',
    ],
    [
      { algorithm: 'crossq', stateDependentNoise: true },
      'Option stateDependentNoise is true; batchRenorm would change the features',
    ],
    [{ stateDependentNoiseSteps: 0 }, "Option stateDependentNoiseSteps is 0; it must be 'episode' or"],
    [
      { stateDependentNoiseStart: 3 },
      'Option stateDependentNoiseStart is 3; it must be a number from -20 to 2.',
    ],
  ])('%o', (options, message) => {
    expect(() => parseSacOptions(options)).toThrow(message)
  })

  test('for a choice', async () => {
    await expect(SAC.create(await makeEnv('CartPole-v1'), small)).rejects.toThrow(
      'Option stateDependentNoise is true; a choice among actions has no noise',
    )
  })

  test('parameters of a policy without it, and the other way round', async () => {
    const [agent, plain] = [await trained({}, 1), await trained({ stateDependentNoise: false }, 1)]
    expect(() => agent.loadParameters(plain.parameters())).toThrow()
    expect(() => plain.loadParameters(agent.parameters())).toThrow()
    expect(() => policyFromParameters(plain.parameters(), plain, agent.network)).toThrow()
    const { 'actor.logStd': _, ...without } = agent.parameters()
    expect(() => policyFromParameters(without, agent, agent.network)).toThrow(
      "Parameter actor.logStd is missing; this policy's is [8,1].",
    )
    await Promise.all([agent.dispose(), plain.dispose()])
  })
})
