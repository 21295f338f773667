import { describe, expect, test } from 'vitest'
import type { Env, StepResult, Vector } from '../src/env/env.ts'
import { box } from '../src/env/spaces.ts'
import { episodeStatistics, rescaleAction, scaleReward, stackFrames, timeLimit } from '../src/env/wrappers.ts'
import { makeEnv } from '../src/envs/registry.ts'
import { policyToModule } from '../src/policy/module.ts'
import type { Policy } from '../src/policy/policy.ts'
import { loadPolicy, policyToSafetensors } from '../src/policy/policy-file.ts'
import { SAC } from '../src/sac/agent.ts'
import { evaluate } from '../src/training/evaluate.ts'
import { EnvironmentError } from '../src/training/guarded-env.ts'
import { train } from '../src/training/train.ts'
import { notFinite, notNumbers } from './non-numbers.ts'

const wrong = [...notNumbers.map(([, value]) => value), ...notFinite]
const small = { hiddenSizes: [4], batchSize: 2, learningStarts: 2, bufferSize: 100 }
const sound: StepResult = { observation: [0, 0], reward: 1, terminated: false, truncated: false }

/** Episodes of five steps; from the second on they answer with `fault`. */
function environment(fault: object, { asynchronous = false, reset = {} } = {}): Env {
  let steps = 0
  const step = () => ({ ...sound, truncated: steps % 5 === 4, ...(++steps > 1 && fault) })
  return {
    id: 'Faulty',
    observationSpace: box({ low: -10, high: 10, shape: [2] }),
    actionSpace: box({ low: -1, high: 1 }),
    reset: () => ({ observation: [0, 0], ...reset }),
    step: asynchronous ? async () => step() : step,
  }
}

/** One for each number of observations: a refused step changes nothing in it. */
const agents = new Map([2, 4].map(size => [size, agentFor(size)]))
function agentFor(size: number): Promise<SAC> {
  const observationSpace = box({ low: -10, high: 10, shape: [size] })
  return SAC.create({ ...environment({}), observationSpace }, small)
}

const trainIn = async (env: Env) => {
  const agent = (await agents.get(env.observationSpace.size))!
  for await (const _ of train(agent, env, { steps: 10 }));
}
const centre: Policy = { act: () => Float32Array.of(0) }

/** Neither training nor evaluation takes it, and both say where. */
async function expectRefused(make: () => Env, message: RegExp) {
  for (const run of [() => trainIn(make()), () => evaluate(centre, make(), { episodes: 2 })]) {
    await expect(run()).rejects.toThrow(EnvironmentError)
    await expect(run()).rejects.toThrow(message)
  }
}

describe('what an environment answers', () => {
  test.each(wrong)('reward %o', async reward => {
    for (const asynchronous of [false, true]) {
      const message = /Faulty failed in step, .*step 2.*: the reward is .*, not (a number|finite)/
      await expectRefused(() => environment({ reward }, { asynchronous }), message)
    }
    const env = () => environment({ reward })
    for (const wrapped of [() => scaleReward(env(), 2), () => episodeStatistics(env())]) {
      await expectRefused(wrapped, /the reward is/)
    }
  })

  test.each(wrong)('observation with %o', async value => {
    const fault = { observation: [0, value] }
    const message = /observation\[1\] is .*, not (a number|finite)/
    await expectRefused(() => environment(fault), message)
    await expectRefused(() => stackFrames(environment(fault), 2), message)
    await expectRefused(() => environment({}, { reset: fault }), message)
    await expectRefused(() => stackFrames(environment({}, { reset: fault }), 2), message)
  })

  test.each([null, undefined, '77', 'a', [], [1], [[0, 0]], {}, 0])('observation %o', async observation => {
    await expectRefused(() => environment({ observation }), /the observation has|observation\[0\] is/)
    await expectRefused(
      () => stackFrames(environment({ observation }), 2),
      /the observation has|observation\[0\]/,
    )
  })

  test.each(['terminated', 'truncated'])('%s', async flag => {
    for (const value of ['false', 'true', 0, 1, null, undefined, [false]]) {
      const message = new RegExp(`${flag} is .*, neither true nor false`)
      await expectRefused(() => environment({ [flag]: value }), message)
      await expectRefused(() => timeLimit(environment({ [flag]: value }), 2), message)
    }
  })
})

describe('what an agent is given', () => {
  const transition = {
    observation: [0, 0],
    action: [0],
    reward: 1,
    nextObservation: [0, 0],
    terminated: false,
  }
  const message = /\[\d\] is .*, not (a number|finite)|reward is .*, not (a number|finite)/

  test.each(wrong)('%o', async value => {
    const agent = await SAC.create(environment({}), small)
    const observation = [0, value] as number[]
    expect(() => agent.explore(observation)).toThrow(message)
    expect(() => agent.act(observation)).toThrow(message)
    for (const fault of [
      { observation },
      { nextObservation: observation },
      { action: [value] },
      { reward: value },
    ]) {
      expect(() => agent.observe({ ...transition, ...fault } as never)).toThrow(message)
    }
    expect([agent.steps, agent.replay.size]).toEqual([0, 0])
    const policy = loadPolicy(policyToSafetensors(agent))
    expect(() => policy.act(observation)).toThrow(message)
  })

  test('flags, and the number of the environment', async () => {
    const agent = await SAC.create(environment({}), small)
    const { terminated: _, ...without } = transition
    expect(() => agent.observe(without as never)).toThrow(/terminated is undefined, neither true nor false/)
    for (const flag of ['terminated', 'truncated']) {
      for (const value of ['false', 0, null, [true]]) {
        expect(() => agent.observe({ ...transition, [flag]: value } as never)).toThrow(`${flag} is`)
      }
    }
    for (const environment of [1, -1, 0.5, '0', [0], null]) {
      expect(() => agent.observe(transition, environment as never)).toThrow(/lane is .*: it must be/)
    }
    expect([agent.steps, agent.replay.size]).toEqual([0, 0])
    expect(agent.observe(transition)).toBe(0)
  })

  test('a reward that overflows where it is scaled', async () => {
    const agent = await SAC.create(environment({}), { ...small, rewardScale: 100 })
    expect(() => agent.observe({ ...transition, reward: 1e38 })).toThrow(/reward times rewardScale is 1e\+40/)
    expect(agent.replay.size).toBe(0)
  })
})

test('an exported module takes numbers only', async () => {
  const agent = await SAC.create(environment({}), small)
  const module = `data:text/javascript,${encodeURIComponent(policyToModule(agent))}`
  const { act } = (await import(module)) as { act(observation: Vector, noise?: Vector): Float32Array }
  expect(act([0, 0], [0])).toEqual(act([0, 0]))
  for (const value of wrong as number[]) {
    expect(() => act([0, value])).toThrow(/observation\[1\] is .*, (not finite|of type \w+, not a number)/)
    expect(() => act([0, 0], [value])).toThrow(/noise\[0\] is/)
  }
  for (const value of [null, '', '77', 7, {}] as never[])
    expect(() => act(value)).toThrow(/the observation has|\[0\] is 7/)
})

describe('what acts in an environment', () => {
  test.each(['Pendulum-v1', 'MountainCarContinuous-v0', 'LunarLanderContinuous-v3', 'InvertedPendulum-v5'])(
    '%s takes actions of numbers only',
    async id => {
      const env = await makeEnv(id)
      await env.reset({ seed: 1 })
      for (const value of wrong) {
        const action = new Array(env.actionSpace.size).fill(value)
        await expect(async () => env.step(action as never)).rejects.toThrow(/action/)
      }
      const action = new Float32Array(env.actionSpace.size)
      const { observation } = await env.step(action)
      expect(observation.length).toBe(env.observationSpace.size)
      await env.close?.()
    },
  )

  test("a policy's action, and one that is rescaled", async () => {
    for (const value of wrong) {
      const policy = { act: () => [value] } as never
      await expect(evaluate(policy, environment({}))).rejects.toThrow(/policy's action\[0\] is/)
      expect(() => rescaleAction(environment({})).step([value] as never)).toThrow(/action\[0\] is/)
    }
    await expect(evaluate({ act: () => new Float32Array(2) }, environment({}))).rejects.toThrow(
      /the policy's action has 2 elements, not 1/,
    )
  })
})

test.each([
  ['Pendulum-v1', { gravity: '9.8' }],
  ['Pendulum-v1', { gravity: null }],
  ['MountainCarContinuous-v0', { goalVelocity: [0] }],
  ['LunarLanderContinuous-v3', { gravity: '-9' }],
  ['LunarLanderContinuous-v3', { windPower: null }],
  ['LunarLanderContinuous-v3', { enableWind: 'false' }],
])('%s does not take %o', async (id, options) => {
  await expect(makeEnv(id, options)).rejects.toThrow(
    new RegExp(`${Object.keys(options)} is .*(not a number|neither true)`),
  )
})

describe('a state to go on from', () => {
  const state = { observation: [0, 0], return: 1, length: 1, environment: {} }
  const env = { ...environment({}), getState: () => ({}), setState: () => {} }

  test.each([
    [{ observation: [0, null] }, /state's observation\[1\] is null/],
    [{ observation: [0] }, /state's observation has 1 elements, not 2/],
    [{ return: null }, /state's return is null/],
    [{ length: '1' }, /state's length is '1'/],
  ])('%o', async (fault, message) => {
    const agent = await SAC.create(env, small)
    const given = { lanes: [{ ...state, ...fault }], evaluationDue: false } as never
    const run = async () => {
      for await (const _ of train(agent, env, { steps: 1, state: given }));
    }
    await expect(run()).rejects.toThrow(message)
  })
})
