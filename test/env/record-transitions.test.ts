import { describe, expect, test } from 'vitest'
import { type RecordedTransition, recordTransitions } from '../../src/env/record-transitions.ts'
import { timeLimit, wrap } from '../../src/env/wrappers.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { evaluate } from '../../src/training/evaluate.ts'
import { endlessPoint } from '../training/environments.ts'

const policy = { act: () => Float32Array.of(0.5) }

describe('every step of an environment is recorded', () => {
  test('by an evaluation: ends, cut off episodes, and what was observed', async () => {
    const recorded: RecordedTransition[] = []
    const env = recordTransitions(timeLimit(await makeEnv('Pendulum-v1'), 3), each => recorded.push(each))
    await evaluate(policy, env, { episodes: 2, maxSteps: 2 })
    expect(recorded.map(({ truncated }) => truncated)).toEqual([false, true, false])
    env.finish()
    env.finish()
    expect(recorded.map(({ truncated }) => truncated)).toEqual([false, true, false, true])
    expect(recorded.every(({ terminated }) => !terminated)).toBe(true)
    expect(recorded.map(({ action }) => action)).toEqual(Array(4).fill([0.5]))
    expect(recorded[1].observation).toEqual(recorded[0].nextObservation)
    expect(recorded[2].observation).not.toEqual(recorded[1].nextObservation)
  })

  test('by a person, who leaves in the middle; the same array of an action may be used again', async () => {
    const recorded: RecordedTransition[] = []
    const env = recordTransitions(await makeEnv('Pendulum-v1'), each => recorded.push(each))
    const action = Float32Array.of(1)
    await env.reset({ seed: 1 })
    await env.step(action)
    action[0] = -1
    await env.step(action)
    await env.reset()
    await env.step(action)
    await env.close?.()
    env.finish()
    expect(recorded.map(({ action: [a], truncated }) => [a, truncated])).toEqual([
      [1, false],
      [-1, true],
      [-1, true],
    ])
  })

  test('a terminated step stays terminated', async () => {
    const recorded: RecordedTransition[] = []
    const point = endlessPoint()
    let steps = 0
    const step = async (action: Float32Array) => ({
      ...(await point.step(action)),
      terminated: ++steps === 2,
    })
    const ending = wrap(point, { step })
    const env = recordTransitions(ending, each => recorded.push(each))
    await evaluate(policy, env, { episodes: 1 })
    env.finish()
    expect(recorded.map(({ terminated, truncated }) => [terminated, truncated])).toEqual([
      [false, false],
      [true, false],
    ])
  })

  test('its state includes what was observed last', async () => {
    const recorded: RecordedTransition[] = []
    const env = recordTransitions(await makeEnv('Pendulum-v1'), each => recorded.push(each))
    const { observation } = await env.reset({ seed: 1 })
    const state = JSON.parse(JSON.stringify(await env.getState!()))
    await env.step(Float32Array.of(1))
    const other = recordTransitions(await makeEnv('Pendulum-v1'), each => recorded.push(each))
    await other.setState!(state)
    await other.step(Float32Array.of(1))
    other.finish()
    env.finish()
    expect(recorded[0]).toEqual(recorded[1])
    expect(recorded[0].observation).toEqual([...(observation as Float32Array)])
    expect(() => env.setState!({})).toThrow(/the state of a recording/)
  })
})
