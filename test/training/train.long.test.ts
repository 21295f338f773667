import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Env, StepResult } from '../../src/env/env.ts'
import { box } from '../../src/env/spaces.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import { train } from '../../src/training/train.ts'
import type { TrainOptions } from '../../src/training/train-options.ts'

const small: SacOptionsInput = { hiddenSizes: [16, 16], batchSize: 16, learningStarts: 20, bufferSize: 1000 }

async function collect(agent: SAC, env: Env, options: TrainOptions): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  for await (const event of train(agent, env, options)) events.push(event)
  return events
}

const count = (events: TrainingEvent[], type: string) => events.filter(event => event.type === type).length

/** An environment with episodes of ten steps; `change` says what else a step answers. */
function scripted(change: (step: number, result: StepResult) => object = () => ({})): Env {
  let step = 0
  return {
    id: 'scripted',
    observationSpace: box({ low: -1, high: 1, shape: [2] }),
    actionSpace: box({ low: -1, high: 1, shape: [1] }),
    reset: () => ({ observation: [0, 0] }),
    step: action => {
      step++
      const ended = step % 10 === 0
      const result = { observation: [action[0], 0.5], reward: 1, terminated: ended, truncated: false }
      return { ...result, ...change(step, result) }
    },
  }
}

describe('events', () => {
  test('every step, due update, episode, evaluation and checkpoint, and done at the end', async () => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, small)
    const evaluationEnv = await makeEnv('Pendulum-v1')
    const options = {
      steps: 410,
      evaluateEvery: 200,
      evaluationEnv,
      evaluationEpisodes: 2,
      checkpointEvery: 100,
    }
    const events = await collect(agent, env, options)
    expect(count(events, 'step')).toBe(410)
    expect(count(events, 'update')).toBe(390)
    expect(count(events, 'evaluation')).toBe(2)
    expect(count(events, 'checkpoint')).toBe(4)
    expect(events.at(-1)).toMatchObject({ type: 'done', step: 410, reason: 'steps' })
    const episodes = events.filter(event => event.type === 'episode')
    expect(episodes.map(e => [e.step, e.episode, e.length, e.terminated, e.truncated])).toEqual([
      [200, 1, 200, false, true],
      [400, 2, 200, false, true],
    ])
    const rewards = events
      .filter(event => event.type === 'step')
      .slice(0, 200)
      .map(event => event.reward)
    expect(episodes[0].return).toBeCloseTo(
      rewards.reduce((a, b) => a + b, 0),
      9,
    )
  })

  test('checkpoints whenever a function says so, with the state of that moment', async () => {
    const [env, evaluationEnv] = [await makeEnv('Pendulum-v1'), await makeEnv('Pendulum-v1')]
    const agent = await SAC.create(env, small)
    let asked = 0
    const checkpointEvery = () => ++asked % 7 === 0
    const options = { steps: 30, evaluateEvery: 14, evaluationEnv, evaluationEpisodes: 1, checkpointEvery }
    const events = await collect(agent, env, options)
    expect(asked).toBe(30)
    const checkpoints = events.filter(event => event.type === 'checkpoint')
    expect(checkpoints.map(({ step, state }) => [step, state.lanes[0].length])).toEqual(
      [7, 14, 21, 28].map(step => [step, step]),
    )
    // An evaluation that is due is made before, and so not again by whoever goes on from there.
    const types = events.filter(({ type, step }) => step === 14 && type !== 'update').map(({ type }) => type)
    expect(types).toEqual(['step', 'evaluation', 'checkpoint'])
  })

  test('a truncated episode bootstraps, a terminated one does not', async () => {
    for (const truncated of [true, false]) {
      const env = scripted((_, result) => (result.terminated ? { terminated: !truncated, truncated } : {}))
      const agent = await SAC.create(env, small)
      await collect(agent, env, { steps: 50 })
      const batch = {
        observation: new Float32Array(2000),
        action: new Float32Array(1000),
        reward: new Float32Array(1000),
        nextObservation: new Float32Array(2000),
        discount: new Float32Array(1000),
      }
      agent.replay.sample(agent.random.replay, batch, 1000)
      expect(batch.discount.some(discount => discount === 0)).toBe(!truncated)
      // The observation after the last step is stored, not the one after the reset.
      for (let i = 0; i < 1000; i++) expect(batch.nextObservation[2 * i + 1]).toBe(0.5)
    }
  })

  test('environments side by side hold random actions of their own', async () => {
    const forces: number[][] = [[], []]
    const envs = forces.map(taken => {
      const { step, ...env } = scripted()
      const record: Env['step'] = action => {
        taken.push(action[0])
        return step(action)
      }
      return { ...env, step: record }
    })
    const agent = await SAC.create(envs[0], { ...small, envs: 2, randomActionRepeat: 4 })
    for await (const _ of train(agent, envs, { steps: 16 }));
    for (const taken of forces) expect(taken).toEqual([0, 0, 0, 0, 4, 4, 4, 4].map(i => taken[i]))
    expect(new Set(forces.flat()).size).toBe(4)
  })

  test('asynchronous environments', async () => {
    const inner = scripted()
    const env: Env = { ...inner, reset: async () => inner.reset(), step: async action => inner.step(action) }
    const agent = await SAC.create(env, small)
    expect(count(await collect(agent, env, { steps: 40 }), 'episode')).toBe(4)
  })
})

describe('stopping', () => {
  test('break keeps what was learned, and training goes on from there', async () => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, small)
    for await (const event of train(agent, env, { steps: 1000 })) {
      if (event.type === 'update' && event.update === 30) break
    }
    expect(agent.steps).toBe(50)
    const events = await collect(agent, env, { steps: 25 })
    expect(agent.steps).toBe(75)
    expect(agent.updates).toBe(55)
    expect(events.at(-1)).toMatchObject({ type: 'done', step: 75 })
  })

  test('an abort signal ends it after the step in progress', async () => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, small)
    const controller = new AbortController()
    const events: TrainingEvent[] = []
    for await (const event of train(agent, env, { steps: 1000, signal: controller.signal })) {
      events.push(event)
      if (event.type === 'step' && event.step === 33) controller.abort()
    }
    expect(events.at(-1)).toMatchObject({ type: 'done', step: 33, reason: 'aborted' })
    expect(agent.updates).toBe(13)
  })

  test('an abort signal ends it among the many updates of one step, and the next loop makes the others', async () => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, { ...small, updatesPerStep: 1e6 })
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 100)
    const events = await collect(agent, env, { steps: 1000, signal: controller.signal })
    expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'aborted' })
    expect(agent.updatesDue).toBeGreaterThan(0)
    expect(agent.updates + agent.updatesDue).toBe(1e6)
  })
})

describe('reproducibility', () => {
  const weights = async (seed: number) => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, { ...small, seed })
    await collect(agent, env, { steps: 300 })
    const hash = createHash('sha256')
    for (const { data } of Object.values(agent.parameters())) hash.update(data)
    return hash.digest('hex')
  }

  test('the same seed gives the same bits, another seed others', async () => {
    const first = await weights(1)
    expect(await weights(1)).toBe(first)
    expect(await weights(2)).not.toBe(first)
  })

  test('evaluating on the way changes nothing', async () => {
    const run = async (options: Partial<TrainOptions>) => {
      const env = await makeEnv('Pendulum-v1')
      const agent = await SAC.create(env, small)
      await collect(agent, env, { steps: 100, ...options })
      return agent.parameters()
    }
    const evaluationEnv = await makeEnv('Pendulum-v1')
    expect(await run({ evaluateEvery: 30, evaluationEnv, evaluationEpisodes: 1 })).toEqual(await run({}))
  })
})

describe('an environment at fault stops training with what, where and what to do', () => {
  const motorOnFire = () => {
    throw new Error('motor on fire')
  }
  const faults: [string, () => object, RegExp][] = [
    ['NaN observation', () => ({ observation: [0, Number.NaN] }), /observation\[1\] is NaN.*checkEnv/],
    ['short observation', () => ({ observation: [0] }), /1 elements, not 2/],
    ['infinite reward', () => ({ reward: Infinity }), /the reward is Infinity/],
    ['flag of another type', () => ({ terminated: 1 }), /terminated is 1/],
    ['an exception', motorOnFire, /motor on fire/],
  ]
  test.each(faults)('%s', async (_, fault, message) => {
    for (const asynchronous of [false, true]) {
      const inner = scripted(step => (step === 37 ? fault() : {}))
      const env: Env = asynchronous ? { ...inner, step: async action => inner.step(action) } : inner
      const agent = await SAC.create(env, small)
      const failure = collect(agent, env, { steps: 100 })
      await expect(failure).rejects.toThrow(message)
      await expect(failure).rejects.toThrow(/scripted failed in step, step 37, episode 4 \(its step 7\)/)
      expect(agent.steps).toBe(36)
      expect(agent.updates).toBe(16)
    }
  })

  test('a reset that throws', async () => {
    const env: Env = {
      ...scripted(),
      reset: () => {
        throw new Error('no power')
      },
    }
    const agent = await SAC.create(env, small)
    await expect(collect(agent, env, { steps: 10 })).rejects.toThrow(
      /failed in reset, before step 1, episode 1: no power/,
    )
  })

  test.each([
    [{ steps: -1 }, /steps is -1/],
    [{ steps: 10, evaluateEvery: 5 }, /evaluationEnv/],
    [{ steps: 10, checkpointEvery: 0.5 }, /checkpointEvery is 0.5/],
  ])('options %o', async (options, message) => {
    const env = scripted()
    await expect(collect(await SAC.create(env, small), env, options)).rejects.toThrow(message)
  })
})

describe('evaluate', () => {
  test('mean, spread, returns and lengths of whole episodes; the same seed, the same result', async () => {
    const env = await makeEnv('Pendulum-v1')
    const agent = await SAC.create(env, small)
    const result = await evaluate(agent, env, { episodes: 5, seed: 3 })
    expect(result.lengths).toEqual([200, 200, 200, 200, 200])
    expect(new Set(result.returns).size).toBe(5)
    const mean = result.returns.reduce((a, b) => a + b) / 5
    expect(result.mean).toBeCloseTo(mean, 9)
    expect(result.standardDeviation ** 2).toBeCloseTo(
      result.returns.reduce((total, x) => total + (x - mean) ** 2, 0) / 5,
      6,
    )
    expect(await evaluate(agent, env, { episodes: 5, seed: 3 })).toEqual(result)
    expect(await evaluate(agent, env, { episodes: 5, seed: 4 })).not.toEqual(result)
  })

  test('a number of episodes that makes no sense', async () => {
    const env = scripted()
    await expect(evaluate(await SAC.create(env, small), env, { episodes: 0 })).rejects.toThrow(
      /episodes is 0/,
    )
  })
})

test('Pendulum-v1 learns: 4,000 steps bring the return from about -1,300 to above -400', async () => {
  const env = await makeEnv('Pendulum-v1')
  const agent = await SAC.create(env, {
    hiddenSizes: [64, 64],
    batchSize: 64,
    actorLearningRate: 2e-3,
    criticLearningRate: 2e-3,
    temperatureLearningRate: 2e-3,
    learningStarts: 500,
  })
  const before = await evaluate(agent, await makeEnv('Pendulum-v1'), { episodes: 20 })
  await collect(agent, env, { steps: 4000 })
  const after = await evaluate(agent, await makeEnv('Pendulum-v1'), { episodes: 20 })
  expect(before.mean).toBeLessThan(-900)
  expect(after.mean).toBeGreaterThan(-400)
})
