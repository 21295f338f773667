import { describe, expect, test } from 'vitest'
import { isPromise } from '../../src/env/awaitable.ts'
import type { Env, StepResult } from '../../src/env/env.ts'
import { type Box, box } from '../../src/env/spaces.ts'
import {
  episodeStatistics,
  rescaleAction,
  scaleReward,
  stackFrames,
  timeLimit,
} from '../../src/env/wrappers.ts'
import { createPendulum } from '../../src/envs/pendulum.ts'

/** Counts its steps, terminates after `length`, and keeps the last action. */
function counter(length = Infinity): Env & { lastAction?: Float32Array; closed?: boolean } {
  let steps = 0
  const env: ReturnType<typeof counter> = {
    id: 'Counter-v0',
    observationSpace: box({ low: 0, high: Infinity }),
    actionSpace: box({ low: [-2, 0], high: [2, 10] }),
    reset: () => {
      steps = 0
      return { observation: [0], info: { fresh: true } }
    },
    step: action => {
      env.lastAction = action
      steps++
      return {
        observation: [steps],
        reward: 1,
        terminated: steps >= length,
        truncated: false,
        info: { steps },
      }
    },
    close: () => {
      env.closed = true
    },
  }
  return env
}

/** The same, answering with promises. */
function later(env: Env): Env {
  return { ...env, reset: async options => env.reset(options), step: async action => env.step(action) }
}

const action = Float32Array.of(0, 0)

describe('timeLimit', () => {
  test('truncates the last step and every episode anew', () => {
    const env = timeLimit(counter(), 3)
    for (let episode = 0; episode < 2; episode++) {
      expect(env.reset()).toEqual({ observation: [0], info: { fresh: true } })
      const results = [1, 2, 3].map(() => env.step(action) as StepResult)
      expect(results.map(result => result.truncated)).toEqual([false, false, true])
      expect(results.map(result => result.terminated)).toEqual([false, false, false])
      expect(results[2]).toMatchObject({ observation: [3], reward: 1, info: { steps: 3 } })
    }
  })

  test('leaves a termination alone', () => {
    const env = timeLimit(counter(2), 3)
    env.reset()
    env.step(action)
    expect(env.step(action)).toMatchObject({ terminated: true, truncated: false })
    const both = timeLimit(counter(1), 1)
    both.reset()
    expect(both.step(action)).toMatchObject({ terminated: true, truncated: true })
  })

  test('answers at once where the environment does, and with promises where it does not', async () => {
    const sync = timeLimit(rescaleAction(counter()), 1)
    expect(isPromise(sync.reset())).toBe(false)
    expect(isPromise(sync.step(action))).toBe(false)
    const async = timeLimit(rescaleAction(later(counter())), 1)
    expect(await async.reset()).toMatchObject({ observation: [0] })
    const result = async.step(action)
    expect(isPromise(result)).toBe(true)
    expect(await result).toMatchObject({ truncated: true })
  })

  test('does not write to what the environment returned', () => {
    const result = Object.freeze({ observation: [0], reward: 0, terminated: false, truncated: false })
    const env = timeLimit({ ...counter(), step: () => result }, 1)
    env.reset()
    expect(env.step(action)).toEqual({ ...result, truncated: true })
  })

  test('its state, through JSON, holds the steps taken and the environment', async () => {
    const env = timeLimit(createPendulum(), 5)
    env.reset({ seed: 1 })
    for (let i = 0; i < 3; i++) env.step(Float32Array.of(1))
    const state = JSON.parse(JSON.stringify(await env.getState!()))
    const other = timeLimit(createPendulum(), 5)
    await other.setState!(state)
    for (const truncated of [false, true]) {
      const result = other.step(Float32Array.of(1)) as StepResult
      expect(result.truncated).toBe(truncated)
      expect(result).toEqual(env.step(Float32Array.of(1)))
    }
    expect(other.reset()).toEqual(env.reset())
    expect(() => other.setState!({ angle: 0 })).toThrow(/\{ steps, env \}/)
  })

  test('has state and close only where the environment has', () => {
    expect(timeLimit(counter(), 5).getState).toBeUndefined()
    expect(timeLimit(createPendulum(), 5).close).toBeUndefined()
    const inner = counter()
    timeLimit(inner, 5).close!()
    expect(inner.closed).toBe(true)
  })

  test.each([0, -1, 1.5, NaN, Infinity])('refuses %d steps', maxSteps => {
    expect(() => timeLimit(counter(), maxSteps)).toThrow(/maxSteps is .*positive whole number/)
  })
})

describe('rescaleAction', () => {
  test('takes actions in [-1, 1] to the bounds', () => {
    const inner = counter()
    const env = rescaleAction(inner)
    const { low, high } = env.actionSpace as Box
    expect([...low, ...high]).toEqual([-1, -1, 1, 1])
    expect(env.id).toBe('Counter-v0')
    const given = Float32Array.of(0.5, -1)
    env.step(given)
    expect([...inner.lastAction!]).toEqual([1, 0])
    expect([...given]).toEqual([0.5, -1])
  })

  test('passes the state on', async () => {
    const env = rescaleAction(createPendulum())
    env.reset({ seed: 3 })
    const state = await env.getState!()
    const after = env.step(Float32Array.of(1))
    await env.setState!(state)
    expect(env.step(Float32Array.of(1))).toEqual(after)
  })

  test('refuses infinite bounds', () => {
    const env = { ...counter(), actionSpace: box({ low: [-1, -1], high: [1, Infinity] }) }
    expect(() => rescaleAction(env)).toThrow(/element 1 is bounded by -1 and Infinity/)
  })
})

describe('scaleReward', () => {
  test('multiplies rewards and nothing else', async () => {
    const env = scaleReward(counter(), 0.25)
    expect(env.reset()).toEqual({ observation: [0], info: { fresh: true } })
    expect(env.step(action)).toMatchObject({ observation: [1], reward: 0.25, info: { steps: 1 } })
    expect(await scaleReward(later(counter()), 3).step(action)).toMatchObject({ reward: 3 })
  })

  test.each([0, -1, NaN, Infinity])('refuses %d', factor => {
    expect(() => scaleReward(counter(), factor)).toThrow(/factor is .* above 0/)
  })
})

describe('stackFrames', () => {
  test('the last observations, oldest first; the first repeated at the start', async () => {
    for (const inner of [counter(), later(counter())]) {
      const env = stackFrames(inner, 3)
      expect(env.observationSpace).toMatchObject({ shape: [3, 1], size: 3 })
      for (let episode = 0; episode < 2; episode++) {
        const { observation } = await env.reset()
        const steps = [await env.step(action), await env.step(action), await env.step(action)]
        expect(steps.map(step => [...(step.observation as Float64Array)])).toEqual([
          [0, 0, 1],
          [0, 1, 2],
          [1, 2, 3],
        ])
        // What was returned stays as it was.
        expect([...(observation as Float64Array)]).toEqual([0, 0, 0])
      }
    }
  })

  test('keeps bounds and more than one number to each', () => {
    const inner = { ...counter(), observationSpace: box({ low: [0, -1], high: [5, 1] }) }
    inner.reset = () => ({ observation: [3, 0.5] })
    const env = stackFrames(inner, 2)
    expect([...env.observationSpace.low, ...env.observationSpace.high]).toEqual([0, -1, 0, -1, 5, 1, 5, 1])
    expect(env.reset()).toEqual({ observation: Float64Array.of(3, 0.5, 3, 0.5) })
  })

  test('goes on from its state', async () => {
    const [env, other] = [stackFrames(createPendulum(), 3), stackFrames(createPendulum(), 3)]
    env.reset({ seed: 1 })
    for (let i = 0; i < 2; i++) env.step(Float32Array.of(1))
    await other.setState!(JSON.parse(JSON.stringify(await env.getState!())))
    expect(other.step(Float32Array.of(1))).toEqual(env.step(Float32Array.of(1)))
    expect(() => other.setState!({ frames: [1], env: {} })).toThrow(/stacked frames is \{ frames, env \}/)
  })
})

describe('episodeStatistics', () => {
  test('stands in the info of the last step', async () => {
    const env = episodeStatistics(timeLimit(counter(), 3))
    for (let episode = 0; episode < 2; episode++) {
      await env.reset()
      const [first, , last] = [await env.step(action), await env.step(action), await env.step(action)]
      expect(first.info).toEqual({ steps: 1 })
      expect(last.info).toEqual({ steps: 3, episode: { return: 3, length: 3 } })
    }
  })

  test('goes on from its state', async () => {
    const make = () => episodeStatistics(timeLimit(createPendulum(), 3))
    const [env, other] = [make(), make()]
    env.reset({ seed: 1 })
    env.step(Float32Array.of(1))
    await other.setState!(JSON.parse(JSON.stringify(await env.getState!())))
    for (let i = 0; i < 2; i++) {
      const result = (await env.step(Float32Array.of(1))) as StepResult
      expect(await other.step(Float32Array.of(1))).toEqual(result)
      if (i === 1) expect(result.info?.episode).toMatchObject({ length: 3 })
    }
  })
})
