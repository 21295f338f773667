import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { drawAction } from '../../src/env/action-space.ts'
import { discrete, multiDiscrete } from '../../src/env/discrete.ts'
import { type Box, contains } from '../../src/env/spaces.ts'
import { type GymnasiumOptions, makeGymnasiumEnvs } from '../../src/gymnasium/index.ts'
import { createRandom } from '../../src/random.ts'
import { SAC } from '../../src/sac/agent.ts'
import { runSac } from '../processes/sac-process.ts'

const here = import.meta.dirname
const python = join(here, '../../.venv/bin/python')
const FAULTY = 'gymnasium_faults:Faulty-v0'
const CHOOSING = 'gymnasium_faults:Choosing-v0'
const PARTS = 'gymnasium_faults:Parts-v0'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-'))
  process.env.SAC_PYTHON = python
  process.env.PYTHONPATH = here
  // What environments print is passed on to there.
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  delete process.env.SAC_PYTHON
  delete process.env.PYTHONPATH
  vi.restoreAllMocks()
})

const faulty = async (fault: string, given: GymnasiumOptions = {}) =>
  (await makeGymnasiumEnvs(FAULTY, { options: { fault }, ...given }))[0]

/** Waits until some text was passed on to standard error, where it comes in pieces and beside the answers. */
const printed = (text: string) =>
  vi.waitFor(() => expect(vi.mocked(process.stderr.write).mock.calls.flat().join('')).toContain(text))

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** What `bridge_oracle.py` prints. */
interface Oracle {
  first: number[]
  steps: [observation: number[], reward: number, terminated: boolean, truncated: boolean][]
}

describe('the same as Gymnasium itself, bit for bit', () => {
  test.each([
    // Past the end of an episode: 200 steps by its time limit, and terminated by a fall.
    ['Pendulum-v1', 1, 250],
    ['Hopper-v5', 3, 250],
    ['CartPole-v1', 2, 250],
  ])('%s, %i environments in one process', async (id, count, steps) => {
    const envs = await makeGymnasiumEnvs(id, { count })
    const lanes = envs.map((env, seed) => {
      const random = createRandom(seed, 'actions')
      const actions = Array.from({ length: steps }, () => drawAction(envs[0].actionSpace, random))
      const input = JSON.stringify(actions.map(action => Array.from(action)))
      const oracle: Oracle = JSON.parse(
        execFileSync(python, [join(here, 'bridge_oracle.py'), id, String(seed)], { input, encoding: 'utf8' }),
      )
      return { env, seed, actions, oracle }
    })
    await Promise.all(
      lanes.map(async ({ env, seed, actions, oracle }) => {
        expect(Array.from((await env.reset({ seed })).observation)).toEqual(oracle.first)
        let endings = 0
        for (const [i, action] of actions.entries()) {
          const { observation, reward, terminated, truncated } = await env.step(action)
          expect([Array.from(observation), reward, terminated, truncated]).toEqual(oracle.steps[i])
          if (terminated || truncated) {
            endings++
            await env.reset()
          }
        }
        expect(endings).toBeGreaterThan(0)
      }),
    )
    await Promise.all(envs.map(env => env.close!()))
  })
})

test.each([
  [[0.7, Infinity], false],
  [[2, Infinity], true],
])('options that are lists, also with infinity: %j', async (range, terminated) => {
  const [env] = await makeGymnasiumEnvs('Hopper-v5', { options: { healthy_z_range: range } })
  await env.reset({ seed: 1 })
  expect(await env.step(new Float32Array(3))).toMatchObject({ terminated })
  await env.close?.()
})

test('spaces, infos, options of a reset, and printing that does not disturb', async () => {
  const env = await faulty('none')
  expect(env).toMatchObject({ id: `gymnasium:${FAULTY}`, observationSpace: { shape: [2, 3], size: 6 } })
  expect(Array.from(env.observationSpace.low)).toEqual(Array(6).fill(-Infinity))
  expect(env.actionSpace).toMatchObject({ shape: [1], low: Float32Array.of(-1), high: Float32Array.of(1) })
  const { observation, info } = await env.reset({ seed: 1, options: { level: 3 } })
  expect(observation).toHaveLength(6)
  // Doubles arrive as doubles.
  expect(Math.fround(observation[0])).not.toBe(observation[0])
  expect(info).toMatchObject({ options: "{'level': 3}" })
  const result = await env.step(Float32Array.of(0))
  expect(result.reward).toBe(0.1)
  expect(result.info).toEqual({ half: 0.5, undefined: null, name: 'a', yes: true })
  await printed('to standard output\npast Python\n')
  await env.close!()
})

test('a reward that is not a number arrives as such', async () => {
  const env = await faulty('nan')
  await env.reset()
  expect((await env.step(Float32Array.of(0))).reward).toBeNaN()
  await env.close!()
})

describe('answers that are no numbers, or neither true nor false, say so', () => {
  test.each([
    ['reward of two', /the reward has 2 elements: it must be one number/],
    ['reward of one', /the reward has 1 element: it must be one number/],
    ['reward in a list', /the reward has 1 element: it must be one number/],
    ['no reward', /the reward is None, not a number/],
    ['reward text', /the reward is '1.5', not a number/],
    ['reward true', /the reward is True, not a number/],
    ['terminated text', /terminated is 'false', neither True nor False/],
    ['terminated number', /terminated is 0, neither True nor False/],
    ['no truncated', /truncated is None, neither True nor False/],
    ['truncated in an array', /truncated is array\(\[False\]\), neither True nor False/],
    ['hole in the observation', /the observation holds values of type object, not numbers/],
    ['text in the observation', /the observation holds values of type <U1, not numbers/],
    ['truths as observation', /the observation holds values of type bool, not numbers/],
    ['flat observation', /the observation has shape \(6,\), not \(2, 3\)/],
    ['turned observation', /the observation has shape \(3, 2\), not \(2, 3\)/],
  ])('%s', async (fault, message) => {
    const env = await faulty(fault)
    await env.reset()
    await expect(env.step(Float32Array.of(0))).rejects.toThrow(message)
    await env.close!()
  })

  test('numbers and truth values of NumPy are some, and so are lists', async () => {
    const [numpy, lists] = [await faulty('numbers of NumPy'), await faulty('whole numbers in lists')]
    await numpy.reset()
    const answer = { reward: 0.5, terminated: false, truncated: false }
    expect(await numpy.step(Float32Array.of(0))).toMatchObject(answer)
    await lists.reset()
    const { observation, reward } = await lists.step(Float32Array.of(0))
    expect([...Array.from(observation), reward]).toEqual([1, 2, 3, 4, 5, 6, 1])
    await Promise.all([numpy.close!(), lists.close!()])
  })
})

describe('actions stay within the bounds that the space itself has', () => {
  test.each([
    ['float64', -0.3, 0.3],
    ['float64', 0.1, 100.1],
    ['float32', -0.3, 0.3],
    ['float16', -0.3, 0.7],
  ])('%s from %d to %d', async (dtype, low, high) => {
    const [env] = await makeGymnasiumEnvs('gymnasium_faults:Strict-v0', { options: { dtype, low, high } })
    expect(env.observationSpace.low[0]).toBe(-Infinity)
    await env.reset()
    const { reward: highest } = await env.step((env.actionSpace as Box).high)
    const { reward: lowest } = await env.step((env.actionSpace as Box).low)
    if (dtype === 'float64') expect([lowest, highest]).toEqual([low, high])
    const agent = await SAC.create(env, { hiddenSizes: [4], learningStarts: 0 })
    const parameters = agent.parameters()
    for (const mu of [-30, 30]) {
      parameters['actor.bias1'].data.fill(mu)
      agent.loadParameters(parameters)
      for (let i = 0; i < 20; i++) await env.step(agent.act([0]))
    }
    // Nothing but a rounding is clipped.
    await expect(async () => env.step(new Float32Array(4).fill(high + 0.01))).rejects.toThrow(
      /is outside Box/,
    )
    await env.close!()
  })

  test('bounds beyond float32 are refused', async () => {
    const options = { low: 0, high: 1e300 }
    await expect(makeGymnasiumEnvs('gymnasium_faults:Strict-v0', { options })).rejects.toThrow(
      /high\[0\] is 1e\+300, not finite in float32/,
    )
  })
})

describe('choices arrive as what the space holds', () => {
  test.each([
    ['discrete', discrete(3, { start: -1 })],
    ['multi', multiDiscrete([2, 3, 4, 1], { start: [0, 1, 0, 0] })],
  ])('%s', async (kind, actionSpace) => {
    const [env] = await makeGymnasiumEnvs(CHOOSING, { options: { kind } })
    expect(env.actionSpace).toEqual(actionSpace)
    await env.reset()
    const random = createRandom(3, 'choices')
    for (let i = 0; i < 20; i++) {
      const action = drawAction(actionSpace, random)
      expect(Array.from((await env.step(action)).observation)).toEqual([...action])
    }
    const agent = await SAC.create(env, { learningStarts: 0 })
    for (let i = 0; i < 5; i++) await env.step(agent.explore(new Float32Array(env.observationSpace.size)))
    await env.close!()
  })
})

describe('observations of several parts are one flat vector', () => {
  test.each([
    // Gymnasium sorts the parts of a dict by name: arm (lamps, tip), gear, speed. A choice has an element for each value.
    ['dict', [0, 0, -5, -5, 0, 0, 0, -1, -1], [1, 1, 5, 5, 1, 1, 1, 2, 2]],
    ['ordered', [0, 2], [1, 3]],
    ['tuple', [-1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]],
    ['discrete', [0, 0, 0, 0], [1, 1, 1, 1]],
  ])('%s', async (kind, low, high) => {
    const [env] = await makeGymnasiumEnvs(PARTS, { options: { kind } })
    const { observationSpace } = env
    expect([...observationSpace.low]).toEqual(low)
    expect([...observationSpace.high]).toEqual(high)
    expect(observationSpace.shape).toEqual([low.length])
    const oracle: Oracle = JSON.parse(
      execFileSync(python, [join(here, 'bridge_oracle.py'), PARTS, '3', `{"kind": "${kind}"}`], {
        input: JSON.stringify([[0.5], [0.1], [0]]),
        encoding: 'utf8',
      }),
    )
    expect(Array.from((await env.reset({ seed: 3 })).observation)).toEqual(oracle.first)
    for (const [observation] of oracle.steps) {
      const result = await env.step(Float32Array.of(0.5))
      expect(Array.from(result.observation)).toEqual(observation)
      expect(contains(observationSpace, result.observation)).toBe(true)
    }
    await env.close!()
  })

  test.each([
    ['missing', /observation has \['arm', 'speed'\] where its space has \['arm', 'gear', 'speed'\]/],
    ['no dict', /observation has ndarray where its space has/],
    ['choice', /observation\['gear'\] is 7, which is not of its space, Discrete\(3, start=1\)/],
    ['shape', /observation\['arm'\]\['tip'\] has shape \(2,\), not \(1, 2\)/],
  ])('but not with a fault: %s', async (fault, message) => {
    const [env] = await makeGymnasiumEnvs(PARTS, { options: { fault, disable_env_checker: true } })
    await expect(env.reset({ seed: 0 })).rejects.toThrow(message)
    await env.close!()
  })
})

describe('what cannot be made says why', () => {
  test.each([
    [CHOOSING, { kind: 'binary' }, /action space is MultiBinary\(4\).*make it MultiDiscrete\(\[2\] \* 4\)/],
    [CHOOSING, { kind: 'tuple' }, /action space is Tuple.*numbers alone or choices alone/],
    [CHOOSING, { kind: 'dict' }, /action space is Dict.*numbers alone or choices alone/],
    [
      PARTS,
      { kind: 'picture' },
      /observation\['camera'\] is a picture of shape \(8, 8, 3\), and pixels are not supported/,
    ],
    [PARTS, { kind: 'text' }, /observation\['word'\] space is Text.*no flat vector/],
    [FAULTY, { fault: 'whole numbers' }, /actions are of type int64/],
    [
      FAULTY,
      { fault: 'broken' },
      /^RuntimeError: no battery \(gymnasium_faults.py, line \d+, in __init__\)$/,
    ],
    [FAULTY, { falt: 'none' }, /^TypeError: .*unexpected keyword argument 'falt'$/],
    ['Pendulum-v7', {}, /version `v7` for environment `Pendulum` doesn't exist/],
    ['no_module:Pendulum-v1', {}, /No module named 'no_module'/],
  ])('%s %o', async (id, options, message) => {
    await expect(makeGymnasiumEnvs(id, { options })).rejects.toThrow(message)
  })

  test('a Python without Gymnasium', async () => {
    writeFileSync(join(folder, 'gymnasium.py'), "raise ModuleNotFoundError(name='gymnasium')")
    process.env.PYTHONPATH = folder
    try {
      await expect(makeGymnasiumEnvs('Pendulum-v1')).rejects.toThrow(
        `at ${python} has no package gymnasium: install it with '${python} -m pip install gymnasium'`,
      )
    } finally {
      process.env.PYTHONPATH = here
      rmSync(join(folder, 'gymnasium.py'))
    }
  })
})

describe('what fails later says why', () => {
  const third = async (fault: string) => {
    const env = await faulty(fault)
    const { info } = await env.reset({ seed: 0 })
    const action = Float32Array.of(0)
    await env.step(action)
    await env.step(action)
    return { env, step: () => env.step(action), pid: info!.process as number }
  }

  test('an exception, with its place; the environment goes on', async () => {
    const { env, step } = await third('raise')
    await expect(step()).rejects.toThrow(
      /^ValueError: the motor is on fire \(gymnasium_faults.py, line \d+, in explode\)$/,
    )
    await printed('Traceback')
    expect(await step()).toMatchObject({ reward: 0.1 })
    await env.close!()
  })

  test('an end of the process, now and for every later call; closing is in order then', async () => {
    const { env, step } = await third('exit')
    await expect(step()).rejects.toThrow(/ended with exit code 3, and said last: past Python$/)
    await expect(step()).rejects.toThrow(/ended with exit code 3/)
    await env.close!()
  })

  test('an end from outside', async () => {
    const { env, step, pid } = await third('sleep')
    const answer = step()
    process.kill(pid, 'SIGKILL')
    await expect(answer).rejects.toThrow(/was ended by SIGKILL/)
    await env.close!()
  })

  test('closing that fails', async () => {
    await expect((await faulty('close')).close!()).rejects.toThrow(
      /closing the environments failed: .* said last: RuntimeError: jammed/,
    )
  })

  test('a process that does not end: it is made to', async () => {
    const env = await faulty('thread')
    const pid = (await env.reset()).info!.process as number
    await expect(env.close!()).rejects.toThrow(/had not ended 5 s after it was asked to, and was stopped/)
    expect(alive(pid)).toBe(false)
  })
})

describe('the process ends', () => {
  test('with the last of its environments', async () => {
    const envs = await makeGymnasiumEnvs(FAULTY, { count: 2 })
    const pids = await Promise.all(envs.map(async env => (await env.reset()).info!.process as number))
    expect(pids[0]).toBe(pids[1])
    await envs[0].close!()
    await envs[0].close!()
    await envs[1].reset()
    await envs[1].close!()
    expect(alive(pids[0])).toBe(false)
  })

  const program = (then: string) => `
    import { makeGymnasiumEnvs } from ${JSON.stringify(join(here, '../../dist/src/gymnasium/index.js'))}
    const [env] = await makeGymnasiumEnvs('${FAULTY}')
    console.log((await env.reset()).info.process)
    ${then}`

  test.each([
    ['a program that ends without closing it', '', null],
    ['a program that is killed', 'setInterval(() => {}, 1000)', 'SIGKILL'],
  ] as const)('with %s', async (_, then, signal) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program(then)])
    const ended = new Promise(resolve => child.on('exit', resolve))
    const pid = await new Promise<number>(resolve => child.stdout.on('data', data => resolve(Number(data))))
    if (signal) child.kill(signal)
    await ended
    await vi.waitUntil(() => !alive(pid), { timeout: 5000 })
  })
})

test('sac train, check and eval, the latter from another folder', async () => {
  const surroundings = { cwd: folder, env: { SAC_PYTHON: 'none' } }
  const short = '--steps 300 --learning-starts 100 --hidden-sizes 8 --batch-size 8 --evaluation-episodes 2'
  const option = `--env-option python=${python}`
  const trained = await runSac(`train gymnasium:Pendulum-v1 --envs 2 ${short} ${option}`, surroundings)
  expect(trained).toMatchObject({ code: 0, stderr: '' })
  expect(trained.stdout).toContain('saved in runs/gymnasium-Pendulum-v1-seed0')
  const evaluated = await runSac(`eval ${folder}/runs/gymnasium-Pendulum-v1-seed0 --episodes 2`, {
    ...surroundings,
    cwd: '/',
  })
  expect(evaluated).toMatchObject({ code: 0, stderr: '' })
  expect(trained.stdout).toContain(/mean return .*/.exec(evaluated.stdout)![0])

  const checked = await runSac(`check gymnasium:${FAULTY} --env-option fault=nan ${option}`, surroundings)
  expect(checked.code).toBe(1)
  expect(checked.stdout).toContain('step() number 1 returned reward NaN')
  const unknown = await runSac(`train gymnasium:Pendulum-v7 ${option}`, surroundings)
  expect(unknown).toMatchObject({ code: 2, stdout: '' })
  expect(unknown.stderr).toMatch(/^error: gymnasium:Pendulum-v7: Environment version `v7`/)
})
