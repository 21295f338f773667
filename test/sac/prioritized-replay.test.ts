import { describe, expect, test } from 'vitest'
import { makeEnv } from '../../src/envs/registry.ts'
import { gradient } from '../../src/graph/gradient.ts'
import { input } from '../../src/graph/operations.ts'
import { SAC } from '../../src/sac/agent.ts'
import { distances, squaredErrors } from '../../src/sac/losses.ts'
import { ALGORITHMS, type SacOptionsInput } from '../../src/sac/options.ts'
import { parseSacOptions } from '../../src/sac/parse-options.ts'
import { updateProgram } from '../../src/sac/update.ts'
import { loadAgent, saveAgent } from '../../src/training/agent-file.ts'
import { train } from '../../src/training/train.ts'
import { interpret } from '../graph/reference-interpreter.ts'

const small: SacOptionsInput = {
  hiddenSizes: [8],
  criticHiddenSizes: [8],
  batchSize: 16,
  learningStarts: 20,
  bufferSize: 300,
  updatesPerStep: 1,
  prioritizedReplay: 'proportional',
}

async function trained(id: string, more: SacOptionsInput = {}, steps = 60): Promise<SAC> {
  const env = await makeEnv(id)
  const agent = await SAC.create(env, { ...small, ...more })
  const envs = [env]
  while (envs.length < (more.envs ?? 1)) envs.push(await makeEnv(id))
  for await (const _ of train(agent, envs.length > 1 ? envs : env, { steps }));
  return agent
}

describe('the weighted loss of the critics, in float64', () => {
  const B = 3
  const [q1, q2, y, w] = ['q1', 'q2', 'y', 'w'].map(name => input(name, [B, 1]))
  const values = { q1: [1, 2, 4], q2: [0, -1, 2.5], y: [0.5, 3, 3], w: [1, 0.25, 0.6] }
  const loss = squaredErrors([q1, q2], y, w)

  test('is sum_i mean w (Q_i - y)^2', () => {
    const [found] = interpret([loss], values)
    let expected = 0
    for (const q of [values.q1, values.q2]) {
      for (const [i, qi] of q.entries()) expected += (values.w[i] * (qi - values.y[i]) ** 2) / B
    }
    expect(found[0]).toBeCloseTo(expected, 12)
  })

  test('has the gradient of its central differences', () => {
    const [found] = interpret([...gradient(loss, [q1])], values)
    for (let i = 0; i < B; i++) {
      const at = (step: number) =>
        interpret([loss], {
          ...values,
          q1: values.q1.map((value, k) => (k === i ? value + step : value)),
        })[0][0]
      expect(found[i]).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 7)
    }
  })

  test('errors are the mean distance of the critics from the target', () => {
    const [found] = interpret([distances([q1, q2], y)], values)
    expect([...found]).toEqual([0.5, 2.5, 0.75])
  })
})

test('without priorities an update has no weights and reports no errors', () => {
  const config = (options: SacOptionsInput) => ({
    ...parseSacOptions(options),
    observationSize: 2,
    actionSize: 1,
  })
  const plain = updateProgram(config({}))
  expect(plain.inputs.weight).toBeUndefined()
  expect(Object.values(plain.steps).some(({ outputs }) => 'errors' in outputs)).toBe(false)
  const prioritized = updateProgram(config({ prioritizedReplay: 'proportional' }))
  expect(prioritized.inputs.weight?.shape).toEqual([256, 1])
})

describe('every member learns by priority', () => {
  test.each(ALGORITHMS)('%s', async algorithm => {
    const options = { algorithm, ...(algorithm === 'tqc' && { atoms: 5 }) }
    const agent = await trained('Pendulum-v1', options, 30)
    const plain = await trained('Pendulum-v1', { ...options, prioritizedReplay: 'none' }, 30)
    expect(agent.parameters()).not.toEqual(plain.parameters())
    const { priorities } = agent.replay.state() as { priorities: { lanes: Float64Array[] } }
    // Errors differ, so do priorities.
    expect(new Set(priorities.lanes[0]).size).toBeGreaterThan(8)
    await Promise.all([agent.dispose(), plain.dispose()])
  })

  test('discrete actions, several environments, n steps and normalised observations', async () => {
    const agent = await trained('CartPole-v1', { envs: 3, nStep: 3, normalizeObservations: true })
    expect(agent.updates).toBe(40)
    expect(agent.replay.state().priorities!.lanes.length).toBe(3)
    await agent.dispose()
  })
})

test('an agent continues from its file to the same bits, and so does beta on its schedule', async () => {
  const options = { priorityBetaSchedule: 'linear', scheduleSteps: 100, envs: 2 } as const
  const [agent] = await Promise.all([trained('Pendulum-v1', options)])
  const copy = await loadAgent(saveAgent(agent))
  const one = [await agent.update(), await agent.update()]
  const other = [await copy.update(), await copy.update()]
  expect(other).toEqual(one)
  expect(one[0].priorityBeta).toBeCloseTo(0.4 + 0.6 * 0.6, 9)
  expect(copy.parameters()).toEqual(agent.parameters())
  expect(copy.replay.state()).toEqual(agent.replay.state())
  await Promise.all([agent.dispose(), copy.dispose()])
})

test('what arrives while an update is under way changes nothing of what it learns', async () => {
  const [one, other] = [await trained('Pendulum-v1'), await trained('Pendulum-v1')]
  const step = (value: number) => ({
    observation: [value, 0, 0],
    action: [0],
    reward: value,
    nextObservation: [0, value, 0],
    terminated: true,
  })
  await one.update()
  one.observe(step(0.5))
  const under = other.update()
  other.observe(step(0.5))
  await under
  expect(await other.update()).toEqual(await one.update())
  expect(other.replay.state()).toEqual(one.replay.state())
  await Promise.all([one.dispose(), other.dispose()])
})

test('demonstrations have priorities of their own', async () => {
  const agent = await trained('Pendulum-v1')
  const shown = Array.from({ length: 40 }, (_, i) => ({
    observation: [i / 40, 0, 0],
    action: [1],
    reward: i,
    nextObservation: [(i + 1) / 40, 0, 0],
    terminated: false,
  }))
  await agent.learnFrom(shown)
  for (let i = 0; i < 10; i++) await agent.update()
  const { demonstrations, replay } = agent.state()
  expect(new Set(demonstrations!.priorities!.lanes[0]).size).toBeGreaterThan(8)
  expect(demonstrations!.priorities!.lanes[0]).not.toEqual(replay.priorities!.lanes[0])
  const copy = await loadAgent(saveAgent(agent))
  expect(await copy.update()).toEqual(await agent.update())
  await Promise.all([agent.dispose(), copy.dispose()])
})

describe('refused with a sentence', () => {
  test('two updates at once', async () => {
    const agent = await trained('Pendulum-v1')
    const first = agent.update()
    await expect(agent.update()).rejects.toThrow('update() was called while an update is under way')
    await first
    await agent.dispose()
  })

  test.each<[SacOptionsInput, string]>([
    [
      { prioritizedReplay: 'proportional', hindsight: 'future' },
      'Option prioritizedReplay is "proportional"; with hindsight it must be "none"',
    ],
    [
      { prioritizedReplay: true as never },
      "Option prioritizedReplay is true; it must be 'none' or 'proportional'.",
    ],
    [{ priorityAlpha: -1 }, 'Option priorityAlpha is -1; it must be a number from 0 to 1.'],
    [{ priorityBeta: 2 }, 'Option priorityBeta is 2; it must be a number from 0 to 1.'],
    [
      { priorityBeta: 0, priorityBetaSchedule: 'exponential' },
      'Option priorityBetaSchedule: an exponential schedule does not lead from 0 to 1',
    ],
  ])('%o', (options, message) => {
    expect(() => parseSacOptions(options)).toThrow(message)
  })

  test('a schedule of beta that does not know how long it lasts', async () => {
    const env = await makeEnv('Pendulum-v1')
    await expect(SAC.create(env, { ...small, priorityBetaSchedule: 'linear' })).rejects.toThrow(
      'Option priorityBetaSchedule is "linear"; an agent by itself does not know how long it will learn',
    )
  })
})
