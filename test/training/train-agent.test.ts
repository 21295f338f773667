import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  DivergenceError,
  type Evaluation,
  evaluate,
  makeEnv,
  SAC,
  saveAgent,
  train,
  trainAgent,
} from '../../src/index.ts'
import { point } from './environments.ts'

const small = { hiddenSizes: [8], batchSize: 8, learningStarts: 20 }

describe('trainAgent', () => {
  test('does what the event stream does, with the preset of the environment', async () => {
    const types: string[] = []
    const { agent, evaluation, training } = await trainAgent('Pendulum-v1', {
      ...small,
      steps: 130,
      seed: 3,
      evaluationEpisodes: 2,
      onEvent: event => types.push(event.type),
    })
    expectTypeOf(evaluation).toEqualTypeOf<Evaluation>()
    const env = await makeEnv('Pendulum-v1')
    const other = await SAC.create(env, { ...agent.options, scheduleSteps: 130 })
    const expected: string[] = []
    let state: unknown
    for await (const event of train(other, env, { steps: 130 })) {
      expected.push(event.type)
      if (event.type === 'done') state = event.state
    }
    expect(types).toEqual(expected)
    expect(agent.state()).toEqual(other.state())
    expect(training).toEqual(state)
    expect(evaluation).toEqual(await evaluate(other, await makeEnv('Pendulum-v1'), { episodes: 2, seed: 3 }))
    expect(agent.options).toMatchObject({ gamma: 0.98, actorLearningRate: 1e-3, hiddenSizes: [8] })
  })

  test('an environment of your own, and several side by side', async () => {
    const one = await trainAgent(point(), { ...small, steps: 30, evaluationEpisodes: 1 })
    expect([one.agent.steps, one.evaluation.returns.length]).toEqual([30, 1])
    const two = await trainAgent([point(), point()], { ...small, steps: 30, evaluationEpisodes: 1 })
    expect([two.agent.options.envs, two.agent.steps, two.training.lanes.length]).toEqual([2, 30, 2])
    const made = await trainAgent('Pendulum-v1', { ...small, envs: 2, steps: 30, evaluationEpisodes: 1 })
    expect(made.training.lanes).toHaveLength(2)
  })

  test("ends when onEvent says 'stop', also later, and evaluates", async () => {
    for (const answer of ['stop', Promise.resolve('stop')]) {
      const { agent, evaluation } = await trainAgent(point(), {
        ...small,
        steps: 1000,
        onEvent: event => event.type === 'step' && event.step === 7 && answer,
      })
      expect([agent.steps, evaluation.returns.length]).toEqual([7, 10])
    }
  })

  test('ends when the signal aborts, without an evaluation', async () => {
    const controller = new AbortController()
    const { agent, evaluation, training } = await trainAgent(point(), {
      ...small,
      steps: 1000,
      signal: controller.signal,
      onEvent: event => void (event.type === 'step' && event.step === 9 && controller.abort()),
    })
    expectTypeOf(evaluation).toEqualTypeOf<Evaluation | undefined>()
    expect([agent.steps, evaluation, training.lanes.length]).toEqual([9, undefined, 1])
  })

  test('what was learned before a failure is with the agent that onEvent got', async () => {
    let agent: SAC | undefined
    const env = {
      ...point(),
      step: () => ({ observation: [0], reward: 3e38, terminated: false, truncated: false }),
    }
    const keep = (_: unknown, own: SAC) => {
      agent = own
    }
    const failing = trainAgent(env, { ...small, steps: 100, onEvent: keep })
    await expect(failing).rejects.toThrow(DivergenceError)
    expect(agent!.steps).toBe(21)
    expect(saveAgent(agent!).length).toBeGreaterThan(1000)
  })
})
