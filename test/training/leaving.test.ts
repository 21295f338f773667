/** Loops of training that are left in between, and several of them. */
import { describe, expect, test } from 'vitest'
import type { Env } from '../../src/env/env.ts'
import { timeLimit } from '../../src/env/wrappers.ts'
import { SAC } from '../../src/sac/agent.ts'
import type { SacOptionsInput } from '../../src/sac/options.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import type { TrainingEvent } from '../../src/training/events.ts'
import type { TrainingState } from '../../src/training/lanes.ts'
import { train } from '../../src/training/train.ts'
import { endlessPoint } from './environments.ts'

const small: SacOptionsInput = {
  hiddenSizes: [8],
  batchSize: 8,
  learningStarts: 10,
  bufferSize: 200,
  updatesPerStep: 5,
}

/** Trains up to the first event that `until` accepts; then the loop is left. */
async function trainUntil(agent: SAC, env: Env, steps: number, until: (event: TrainingEvent) => boolean) {
  for await (const event of train(agent, env, { steps })) if (until(event)) return event
  throw new Error('there was no such event')
}

async function collect(agent: SAC, env: Env | Env[], steps: number): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = []
  for await (const event of train(agent, env, { steps })) events.push(event)
  return events
}

const isUpdate = (number: number) => (event: TrainingEvent) =>
  event.type === 'update' && event.update === number

describe("a loop that is left between a step's updates", () => {
  test('the others are the first that the next loop makes, before any step', async () => {
    const [env, agent] = [endlessPoint(), await SAC.create(endlessPoint(), small)]
    await trainUntil(agent, env, 100, isUpdate(52))
    expect([agent.steps, agent.updates, agent.updatesDue]).toEqual([21, 52, 3])
    const events = await collect(agent, env, 2)
    expect(events.map(({ type, step }) => `${type} ${step}`)).toEqual([
      ...Array(3).fill('update 21'),
      'step 22',
      ...Array(5).fill('update 22'),
      'step 23',
      ...Array(5).fill('update 23'),
      'done 23',
    ])
    expect(agent.updatesDue).toBe(0)
  })

  test('left at the step itself, all of them are', async () => {
    const agent = await SAC.create([endlessPoint()][0], { ...small, envs: 2 })
    const envs = [endlessPoint(), endlessPoint()]
    for await (const event of train(agent, envs, { steps: 100 })) {
      if (event.type === 'step' && event.step === 21) break
    }
    // Both environments of the round had been observed.
    expect([agent.steps, agent.updates, agent.updatesDue]).toEqual([22, 50, 10])
    await collect(agent, envs, 2)
    expect([agent.steps, agent.updates]).toEqual([24, 70])
  })

  test.each([0, 1, 4])('with %d of them made, learning goes on as if it had not been left', async made => {
    const [whole, left] = await Promise.all([
      SAC.create(endlessPoint(), small),
      SAC.create(endlessPoint(), small),
    ])
    // An episode ends after each 20 steps, so that a new one begins either way.
    const [env, other] = [timeLimit(endlessPoint(), 20), timeLimit(endlessPoint(), 20)]
    await collect(whole, env, 60)
    await trainUntil(left, other, 60, made === 0 ? ({ step }) => step === 20 : isUpdate(50 - 5 + made))
    await collect(left, other, 40)
    expect(left.state()).toEqual(whole.state())
  })

  test('also if it is stopped, saved, and restored elsewhere', async () => {
    const [here, there] = await Promise.all([
      SAC.create(endlessPoint(), small),
      SAC.create(endlessPoint(), small),
    ])
    await trainUntil(here, endlessPoint(), 100, isUpdate(52))
    there.restore(structuredClone(here.state()))
    const [expected, found] = [
      await collect(here, endlessPoint(), 5),
      await collect(there, endlessPoint(), 5),
    ]
    expect(found).toEqual(expected)
    expect(there.state()).toEqual(here.state())
    expect(there.updates).toBe(16 * 5)
  })

  test('steps: 0 makes them and nothing else', async () => {
    const agent = await SAC.create(endlessPoint(), small)
    await trainUntil(agent, endlessPoint(), 100, isUpdate(51))
    const types = (await collect(agent, endlessPoint(), 0)).map(({ type }) => type)
    expect(types).toEqual([...Array(4).fill('update'), 'done'])
  })

  test('a state in which none are due has none', async () => {
    const agent = await SAC.create(endlessPoint(), small)
    await trainUntil(agent, endlessPoint(), 100, isUpdate(51))
    const other = await SAC.create(endlessPoint(), small)
    agent.restore(other.state())
    expect(agent.updatesDue).toBe(0)
  })
})

describe('several loops', () => {
  test('on one agent at once are an error, and the first goes on', async () => {
    const agent = await SAC.create(endlessPoint(), small)
    const expected = await SAC.create(endlessPoint(), small)
    for await (const event of train(agent, endlessPoint(), { steps: 30 })) {
      if (event.type !== 'step' || event.step % 7 !== 0) continue
      await expect(train(agent, endlessPoint(), { steps: 30 }).next()).rejects.toThrow(
        /Another loop of train\(\) is training this agent/,
      )
    }
    await collect(expected, endlessPoint(), 30)
    expect(agent.state()).toEqual(expected.state())
  })

  test('one after the other are none, however the one before ended', async () => {
    const agent = await SAC.create(endlessPoint(), small)
    await collect(agent, endlessPoint(), 5)
    await trainUntil(agent, endlessPoint(), 5, ({ type }) => type === 'step')
    const broken: Env = { ...endlessPoint(), step: () => Promise.reject(new Error('motor on fire')) }
    await expect(collect(agent, broken, 5)).rejects.toThrow('motor on fire')
    await expect(
      train(agent, endlessPoint(), { steps: 5, state: {} as TrainingState }).next(),
    ).rejects.toThrow()
    const iterator = train(agent, endlessPoint(), { steps: 5 })
    await iterator.next()
    await iterator.return()
    await collect(agent, endlessPoint(), 5)
    expect(agent.steps).toBe(12)
  })

  test('on two agents at once are none', async () => {
    const agents = await Promise.all([SAC.create(endlessPoint(), small), SAC.create(endlessPoint(), small)])
    await Promise.all(agents.map(agent => collect(agent, endlessPoint(), 20)))
    expect(agents[0].state()).toEqual(agents[1].state())
  })
})

describe('an environment that a loop is using', () => {
  const twice = /^point is already in use, .* Make a second environment for it/

  test('is not taken by a second loop or an evaluation, and can be afterwards', async () => {
    const env = endlessPoint()
    const [agent, other, expected] = await Promise.all([1, 2, 3].map(() => SAC.create(endlessPoint(), small)))
    for await (const { type } of train(agent, env, { steps: 30 })) {
      if (type !== 'step') continue
      await expect(collect(other, env, 1)).rejects.toThrow(twice)
      await expect(evaluate(agent, env, { maxSteps: 1 })).rejects.toThrow(twice)
    }
    await collect(expected, endlessPoint(), 30)
    expect(agent.state()).toEqual(expected.state())
    const evaluation = evaluate(agent, env, { episodes: 1, maxSteps: 10 })
    await expect(evaluate(agent, env, { maxSteps: 1 })).rejects.toThrow(twice)
    await evaluation
    await collect(other, env, 5)
    expect(other.steps).toBe(5)
  })

  test('is not the one for evaluations, and is in the list once', async () => {
    const env = endlessPoint()
    const agent = await SAC.create(env, small)
    const options = { steps: 2, evaluateEvery: 1, evaluationEnv: env }
    expect(() => train(agent, env, options)).toThrow('evaluationEnv is the environment that is trained in')
    const wide = await SAC.create(env, { ...small, envs: 2 })
    await expect(collect(wide, [env, env], 2)).rejects.toThrow(twice)
    await collect(wide, [env, endlessPoint()], 2)
  })

  test('is free again when the other has failed', async () => {
    const env = endlessPoint()
    const { reset } = env
    env.reset = () => Promise.reject(new Error('motor on fire'))
    const agent = await SAC.create(env, small)
    await expect(evaluate(agent, env, { maxSteps: 1 })).rejects.toThrow('motor on fire')
    await expect(collect(agent, env, 1)).rejects.toThrow('motor on fire')
    env.reset = reset
    await collect(agent, env, 1)
  })
})

test('a loop after dispose says so', async () => {
  const agent = await SAC.create(endlessPoint(), small)
  await agent.dispose()
  await expect(collect(agent, endlessPoint(), 5)).rejects.toThrow(/called after dispose\(\)/)
})
