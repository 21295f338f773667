/** What plain JavaScript passes by mistake: each gets a sentence that says what to do. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  box,
  checkEnv,
  evaluate,
  makeEnv,
  presetFor,
  presetOptions,
  SAC,
  train,
  trainAgent,
} from '../../src/index.ts'
import { point } from './environments.ts'

const small = { hiddenSizes: [4], batchSize: 4, bufferSize: 50 }
const spaces = { observationSpace: box({ low: -1, high: 1 }), actionSpace: box({ low: -1, high: 1 }) }
const create = SAC.create as (...args: unknown[]) => Promise<SAC>
const loosely = train as (...args: unknown[]) => AsyncGenerator
const sentence = (work: () => unknown) =>
  Promise.resolve()
    .then(work)
    .then(
      () => 'nothing was wrong',
      error => (error as Error).message,
    )

describe('SAC.create', () => {
  test.each<[string, unknown[], RegExp]>([
    ['nothing', [], /SAC\.create takes an environment, but nothing was passed/],
    ['null', [null], /takes an environment, not null/],
    ['an id', ['Pendulum-v1'], /make it first, by await makeEnv\('Pendulum-v1'\)/],
    ['a promise', [makeEnv('Pendulum-v1')], /await it first/],
    ['options alone', [{ seed: 1 }], /the observationSpace of this one is undefined: make it by box\(/],
    [
      'plain objects as spaces',
      [{ ...spaces, observationSpace: { low: [-1], high: [1], shape: [1] } }],
      /the observationSpace of this one is a plain object: make it by box\(/,
    ],
    [
      'a box by hand',
      [{ ...spaces, actionSpace: { kind: 'box', low: [-1], high: [1], shape: [1], size: 1 } }],
      /the actionSpace of this one is a box whose bounds are not Float32Arrays/,
    ],
    ['a number for options', [spaces, 3], /Options are an object such as \{ seed: 1 \}, not 3/],
    ['null for options', [spaces, null], /Options are an object .* not null/],
    ['a preset', [spaces, presetFor('Pendulum-v1')], /This is a preset.*presetOptions\(env/],
    [
      'a batch above the buffer',
      [spaces, { batchSize: 64, bufferSize: 50 }],
      /batchSize is 64; .* bufferSize.* 50\./,
    ],
    ['the default batch', [spaces, { bufferSize: 100 }], /batchSize is 256; .* bufferSize.* 100\./],
    ['more environments than places', [spaces, { envs: 60, ...small }], /envs is 60; .* bufferSize is 50/],
  ])('%s', async (_, args, message) => {
    expect(await sentence(() => create(...args))).toMatch(message)
  })
})

describe('train and evaluate', () => {
  const options = { steps: 1 }
  test.each<[string, (agent: SAC) => unknown[], RegExp]>([
    ['no options', agent => [agent, point()], /train takes its options as an object, not undefined/],
    ['steps alone', agent => [agent, point(), 100], /train takes its options as an object, not 100/],
    ['a misspelt option', agent => [agent, point(), { step: 1 }], /no option step; did you mean steps\?/],
    [
      'an option of others',
      agent => [agent, point(), { ...options, totalTimesteps: 5 }],
      /did you mean steps\?/,
    ],
    [
      'an option of the agent',
      agent => [agent, point(), { ...options, gamma: 1 }],
      /no option gamma.*train takes steps/,
    ],
    ['arguments exchanged', agent => [point(), agent, options], /train takes an agent made by SAC.create/],
    ['a promise of an agent', () => [create(spaces, small), point(), options], /await SAC\.create/],
    [
      'no environment',
      agent => [agent, undefined, options],
      /train takes an environment, but nothing was passed/,
    ],
    ['an empty list', agent => [agent, [], options], /train takes an environment, but nothing was passed/],
    ['spaces alone', agent => [agent, spaces, options], /this one's reset is undefined, not a function/],
    [
      'a text for steps',
      agent => [agent, point(), { steps: '10' }],
      /steps is '10'; it must be a whole number/,
    ],
    [
      'a controller',
      agent => [agent, point(), { steps: 1, signal: new AbortController() }],
      /Pass controller\.signal/,
    ],
    [
      'an id to evaluate in',
      agent => [agent, point(), { steps: 1, evaluationEnv: 'x' }],
      /evaluationEnv.*makeEnv\('x'\)/,
    ],
  ])('%s', async (_, args, message) => {
    const agent = await SAC.create(point(), small)
    expect(await sentence(() => loosely(...args(agent)))).toMatch(message)
  })

  test('the training environment to evaluate in, at once and not hours later', async () => {
    const env = point()
    const agent = await SAC.create(env, small)
    const options = { steps: 10, evaluateEvery: 1_000_000, evaluationEnv: env }
    expect(await sentence(() => train(agent, env, options))).toMatch(
      /evaluationEnv is the environment that is trained in/,
    )
  })

  test('evaluate', async () => {
    const agent = await SAC.create(point(), small)
    const loose = evaluate as (...args: unknown[]) => Promise<unknown>
    expect(await sentence(() => loose(point(), agent))).toMatch(/evaluate takes a policy or an agent/)
    expect(await sentence(() => loose(agent))).toMatch(/evaluate takes an environment/)
    expect(await sentence(() => loose(agent, point(), { episode: 2 }))).toMatch(/did you mean episodes\?/)
  })

  test('trainAgent', async () => {
    const loose = trainAgent as (...args: unknown[]) => Promise<unknown>
    expect(await sentence(() => loose())).toMatch(/trainAgent takes an environment/)
    expect(await sentence(() => loose('Pendulum-v2'))).toMatch(/did you mean 'Pendulum-v1'/)
    expect(await sentence(() => loose('Pendulum-v1', { stepz: 3 }))).toMatch(/did you mean steps\?/)
    expect(await sentence(() => loose('Pendulum-v1', { onEvent: true }))).toMatch(
      /onEvent must be a function/,
    )
  })
})

describe('names of others', () => {
  const transition = { observation: [0], action: [0], reward: 0, nextObservation: [0] }
  test.each<[object | undefined, RegExp]>([
    [
      { ...transition, done: true },
      /the transition has no terminated, but done: name it terminated.*truncated/,
    ],
    [{ action: [0], reward: 0, obs: [0], next_obs: [0], done: false }, /no observation, but obs/],
    [
      { observation: [0], action: [0], reward: 0, nextState: [0], done: false },
      /no nextObservation, but nextState/,
    ],
    [[[0], [0], 0, [0], false], /the transition is a list/],
    [undefined, /the transition is undefined, not an object/],
  ])('in a transition: %o', async (given, message) => {
    const agent = await SAC.create(spaces, small)
    expect(await sentence(() => agent.observe(given as never))).toMatch(message)
    expect(agent.replay.size).toBe(0)
  })

  test.each<[object, RegExp]>([
    [
      { step: () => ({ observation: [0], reward: 0, done: false }) },
      /no terminated, but done: name it terminated/,
    ],
    [{ step: () => ({ obs: [0], reward: 0, done: false }) }, /no observation, but obs/],
    [{ step: () => [[0], 0, false, false, {}] }, /what it returned is a list/],
    [{ reset: () => [0] }, /it returned the observation itself: return \{ observation \}/],
    [{ reset: () => ({ state: [0] }) }, /no observation, but state/],
  ])('in what an environment answers: %o', async (methods, message) => {
    const env = { ...point(), ...methods }
    const agent = await SAC.create(env, small)
    expect(await sentence(() => loosely(agent, env, { steps: 3 }).next())).toMatch(message)
    expect((await checkEnv(env)).length).toBeGreaterThan(0)
  })
})

describe('a stream of events that nobody asks for', () => {
  const warn = vi.spyOn(console, 'warn')
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => {
    vi.useRealTimers()
    warn.mockReset()
  })

  test('is reported, for nothing is trained', async () => {
    warn.mockImplementation(() => {})
    const agent = await SAC.create(point(), small)
    await train(agent, point(), { steps: 3 })
    vi.advanceTimersByTime(2000)
    expect(warn.mock.calls.flat().join()).toMatch(
      /train\(\) was called, but nothing asks for its events.*for await/,
    )
    expect(agent.steps).toBe(0)
  })

  test('and one that is asked is not', async () => {
    const agent = await SAC.create(point(), small)
    for await (const _ of train(agent, point(), { steps: 3 }));
    vi.advanceTimersByTime(5000)
    expect(warn).not.toHaveBeenCalled()
  })
})

test('options of a preset with your own, for the algorithm among them', () => {
  expect(presetOptions('Pendulum-v1', { seed: 4 })).toEqual({ ...presetFor('Pendulum-v1').options, seed: 4 })
  expect(presetOptions({ ...spaces, id: 'Pendulum-v1' })).toEqual(presetFor('Pendulum-v1').options)
  expect(presetOptions('LunarLanderContinuous-v3', { algorithm: 'td3' })).not.toHaveProperty(
    'temperatureLearningRate',
  )
  expect(presetOptions(spaces, { seed: 1 })).toEqual({ seed: 1 })
})
