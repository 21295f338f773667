import {
  type Dirent,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Interruption } from '../../src/cli/training/stop-signals.ts'
import { runTraining } from '../../src/cli/training/training-run.ts'
import type { Env, StepResult } from '../../src/env/env.ts'
import { wrap } from '../../src/env/wrappers.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { loadRun, loadSettings } from '../../src/run/load-run.ts'
import { summarizeRun } from '../../src/run/reports/run-summary.ts'
import { parseSettings } from '../../src/run/settings.ts'
import { findStoppedRun } from '../../src/run/stopped-runs.ts'
import { UsageError } from '../../src/run/usage-error.ts'
import * as outcome from './run-outcome.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const small = { hiddenSizes: [8, 8], batchSize: 8, learningStarts: 50, bufferSize: 300 }
const often = { evaluateEvery: 130, evaluationEpisodes: 1 }

/** What may happen to a run. */
interface Disturbance {
  /** An order to stop comes within the round that takes this step, counted from the start of this call. */
  stopAt?: number
  /** Sees every step of the environments, counted likewise. */
  atStep?: (step: number, result: StepResult) => StepResult
  /** Changes all environments; the first is that for evaluations. */
  change?: (env: Env, stop: () => void) => Env
}

/** Trains in `folder/name`: from the start, or going on if something is there. */
async function run(name: string, input: object, { stopAt, atStep, change = env => env }: Disturbance = {}) {
  const directory = join(folder, name)
  const settings = parseSettings({ ...small, ...often, ...input })
  const controller = new AbortController()
  const stop = () => controller.abort(new Interruption('SIGINT'))
  let step = 0
  const watched = (env: Env) =>
    wrap(env, {
      step(action) {
        if (++step === stopAt) stop()
        const result = env.step(action) as StepResult
        return atStep?.(step, result) ?? result
      },
    })
  const made = await Promise.all(
    Array.from({ length: settings.options.envs + 1 }, () => makeEnv(settings.environment)),
  )
  const [evaluationEnv, ...envs] = made.map(env => change(env, stop))
  const output = { stdout: '', stderr: '' }
  const sink = (name: keyof typeof output) => ({
    write(text: string) {
      output[name] += text
      return true
    },
  })
  const code = await runTraining({
    settings,
    envs: envs.map(watched),
    evaluationEnv,
    place: existsSync(directory) ? { resume: directory } : { out: directory },
    stdout: sink('stdout') as never,
    stderr: sink('stderr'),
    signal: controller.signal,
  })
  await Promise.all(made.map(env => env.close?.()))
  return { code, ...output }
}

const checkpointsOf = (name: string) => outcome.checkpointsOf(join(folder, name))
const newestCheckpoint = (name: string) => outcome.newestCheckpoint(join(folder, name))
const metricsOf = (name: string) => outcome.metricsOf(join(folder, name))
const outcomeOf = (name: string) => outcome.outcomeOf(join(folder, name))

describe('a run that was stopped and went on is as if it had never stopped', () => {
  test.each([
    ['Pendulum-v1', 1, 300],
    ['Pendulum-v1', 3, 300],
    ['HalfCheetah-v5', 1, 200],
    ['HalfCheetah-v5', 2, 200],
    ['LunarLanderContinuous-v3', 1, 200],
    ['LunarLanderContinuous-v3', 3, 200],
  ])('%s, %d side by side', async (environment, envs, steps) => {
    const input = {
      environment,
      envs,
      updatesPerStep: 0.5,
      normalizeObservations: envs > 1,
      steps: 2 * steps,
    }
    expect(await run('whole', { ...input, checkpointEvery: 'auto' })).toMatchObject({ code: 0, stderr: '' })
    const stopped = await run('parts', { ...input, checkpointEvery: 70 }, { stopAt: steps })
    expect(stopped).toMatchObject({ code: 130, stderr: '' })
    expect(stopped.stdout).toMatch(/Stopped after .*\nTo resume: sac resume \S+parts\n$/)
    const resumed = await run('parts', { ...input, checkpointEvery: 70 })
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(resumed.stdout).toMatch(/Resuming after step \d+, from \S+checkpoints.step-\d+.safetensors\n/)

    expect(outcomeOf('parts')).toEqual(outcomeOf('whole'))
    expect(metricsOf('whole').filter(({ type }) => type === 'evaluation').length).toBeGreaterThan(2)
  })

  test.each([
    ['is stopped', false],
    ['crashes', true],
  ])('what the doctor finds is the same if it %s between two examinations', async (_, crash) => {
    const input = { environment: 'Pendulum-v1', steps: 4400, updatesPerStep: 0.1, evaluateEvery: 3000 }
    await run('whole', input)
    // Stopped after an examination at step 2000, and gone on from before it or after it.
    await run('parts', { ...input, checkpointEvery: 1900 }, { stopAt: 2300 })
    if (crash) {
      rmSync(join(folder, 'parts/checkpoints/step-000002300.safetensors'))
      const metrics = join(folder, 'parts/metrics.jsonl')
      writeFileSync(metrics, readFileSync(metrics, 'utf8').replace(/\{"type":"end".*\n/, ''))
    }
    expect(await run('parts', input)).toMatchObject({ code: 0, stderr: '' })
    expect(outcomeOf('parts')).toEqual(outcomeOf('whole'))
    const examinations = metricsOf('parts').filter(({ type }) => type === 'examination')
    expect(examinations.map(({ step }) => step)).toEqual([2000, 4000, 4400])
  })

  test('a finished run goes on to a larger total', async () => {
    const input = { environment: 'Pendulum-v1', envs: 2, steps: 300 }
    await run('whole', { ...input, steps: 600 })
    await run('parts', input)
    const finished = await run('parts', input)
    expect(finished).toMatchObject({ code: 0, stderr: '' })
    expect(finished.stdout).toMatch(/has finished, after 300 steps. .* sac resume \S+parts --steps 600\n$/)
    expect(await run('parts', { ...input, steps: 600 })).toMatchObject({ code: 0, stderr: '' })
    const [{ files: parts, ...rest }, { files: whole, ...expected }] = ['parts', 'whole'].map(outcomeOf)
    expect(parts[0]).toBe(whole[0])
    expect(rest.agent).toEqual(expected.agent)
    expect(loadSettings(join(folder, 'parts')).steps).toBe(600)
  })

  test.each([
    ['the last evaluation while training', 2],
    ['the evaluation after training', 3],
  ])('the order to stop comes in %s', async (_, number) => {
    const input = { environment: 'Pendulum-v1', steps: 270, checkpointEvery: 100 }
    await run('whole', input)
    let count = 0
    const change = (env: Env, stop: () => void) =>
      wrap(env, {
        reset(options) {
          // Evaluations begin with the seed of the run itself.
          if (options?.seed === 0 && ++count === number) stop()
          return env.reset(options)
        },
      })
    expect(await run('parts', input, { change })).toMatchObject({ code: 130, stderr: '' })
    expect(await run('parts', input)).toMatchObject({ code: 0, stderr: '' })
    expect(outcomeOf('parts')).toEqual(outcomeOf('whole'))
  })

  test.each([
    ['in the middle of a checkpoint', ['step-000000450.safetensors']],
    ['before the first checkpoint', []],
  ])('a crash %s: what was told of steps since is told again, but not twice', async (_, left) => {
    const input = { environment: 'Pendulum-v1', steps: 500, checkpointEvery: 150 }
    await run('whole', input)
    await run('crashed', input, { stopAt: 470 })
    const directory = join(folder, 'crashed')
    for (const file of ['parameters.safetensors', 'policy.onnx', 'best.safetensors'])
      rmSync(join(directory, file))
    for (const name of checkpointsOf('crashed')) {
      if (!(left as string[]).includes(name)) rmSync(join(directory, 'checkpoints', name))
    }
    writeFileSync(join(directory, 'checkpoints/step-000000470.safetensors.0123456789abcdef.tmp'), 'half of')
    const metrics = join(directory, 'metrics.jsonl')
    const told = readFileSync(metrics, 'utf8').replace(/\{"type":"end".*\n/, '')
    writeFileSync(metrics, `${told}{"type":"episode","step":4`)

    expect(await run('crashed', input)).toMatchObject({ code: 0, stderr: '' })
    expect(outcomeOf('crashed')).toEqual(outcomeOf('whole'))
    expect(checkpointsOf('crashed')).toEqual(checkpointsOf('whole'))
  })

  test('the newest checkpoint is damaged: it goes on from the one before, and says so', async () => {
    const input = { environment: 'Pendulum-v1', steps: 500, checkpointEvery: 150 }
    await run('whole', input)
    await run('parts', input, { stopAt: 470 })
    writeFileSync(join(folder, 'parts/checkpoints/step-000000470.safetensors'), 'damaged')
    const { stdout } = await run('parts', input)
    expect(stdout).toMatch(/^note: \S+470.safetensors cannot be used: .*\n/)
    expect(stdout).toContain('Resuming after step 450')
    expect(outcomeOf('parts')).toEqual(outcomeOf('whole'))
  })
})

describe('a run in which something failed goes on with new episodes', () => {
  test.each([
    [
      'the environment',
      (step: number, result: StepResult) => {
        if (step === 120) throw new Error('the motor is on fire')
        return result
      },
    ],
    [
      'an observation',
      (step: number, result: StepResult) => (step === 120 ? { ...result, reward: NaN } : result),
    ],
  ])('%s', async (_, atStep) => {
    const input = { environment: 'Pendulum-v1', envs: 2, steps: 700 }
    const failed = await run('run', input, { atStep })
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/^error: .*\n$/)
    expect(failed.stdout).toContain('To resume: sac resume')
    const { agent, training } = newestCheckpoint('run')
    expect(agent.counters).toMatchObject({ steps: 118, updates: 68 })
    expect(training.lanes).toEqual([
      { return: 0, length: 0 },
      { return: 0, length: 0 },
    ])
    expect(await run('run', input)).toMatchObject({ code: 0, stderr: '' })
    expect(newestCheckpoint('run').agent.counters).toMatchObject({ steps: 700, updates: 650 })
    // 291 steps each since then; 350 since the start.
    expect(newestCheckpoint('run').training.lanes.map(({ length }) => length)).toEqual([91, 91])
  })

  test('diverged', async () => {
    const input = { environment: 'Pendulum-v1', steps: 300 }
    const failed = await run('run', { ...input, criticLearningRate: 1e30 })
    expect(failed.stderr).toMatch(/^error: Update \d+ diverged/)
    const { learner } = newestCheckpoint('run').agent
    for (const values of Object.values(learner)) expect(values.every(Number.isFinite)).toBe(true)
    // It can be taken up again, although it will hardly do better.
    const again = await run('run', { ...input, criticLearningRate: 1e30 })
    expect(again.stdout).toContain('Resuming after step')
    expect(again.code).toBe(1)
  })
})

describe('an environment that cannot save its state', () => {
  const change = (env: Env) => wrap(env, { getState: undefined, setState: undefined })

  test('is told of once each time, and begins a new episode', async () => {
    const input = { environment: 'Pendulum-v1', envs: 2, steps: 1000 }
    const note = /note: Pendulum-v1 cannot save its state \(getState, setState\)/g
    const stopped = await run('run', input, { stopAt: 500, change })
    expect(stopped.stdout.match(note)).toHaveLength(1)
    const resumed = await run('run', input, { change })
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(resumed.stdout.match(note)).toHaveLength(1)
    // 250 steps each since then; 500 since the start.
    expect(newestCheckpoint('run').training.lanes.map(({ length }) => length)).toEqual([50, 50])
  })
})

test('an environment that fails to take its state back: one clear error, and the checkpoint stays', async () => {
  const input = { environment: 'Pendulum-v1', steps: 300 }
  await run('whole', input)
  await run('run', input, { stopAt: 100 })
  const change = (env: Env) =>
    wrap(env, {
      setState() {
        throw new Error('of another version')
      },
    })
  const { code, stderr } = await run('run', input, { change })
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^error: Pendulum-v1 failed in setState, to resume where it was: of another version\. .* thrown at .*:\d+:\d+\n$/,
  )
  expect(await run('run', input)).toMatchObject({ code: 0, stderr: '' })
  expect(outcomeOf('run')).toEqual(outcomeOf('whole'))
})

describe('beginning with the weights of another run', () => {
  const input = { environment: 'Pendulum-v1', steps: 100 }

  test('and of nothing else', async () => {
    await run('first', input)
    const initFrom = join(folder, 'first')
    const { stdout } = await run('second', { ...input, steps: 40, initFrom })
    expect(stdout).toContain(`Beginning with the weights of ${initFrom}`)
    // No update was made yet.
    expect(loadRun(join(folder, 'second')).parameters).toEqual(loadRun(initFrom).parameters)
    expect(newestCheckpoint('second').agent.counters).toEqual({
      steps: 40,
      episodes: 0,
      updates: 0,
      actorUpdates: 0,
    })
    expect(loadSettings(join(folder, 'second')).initFrom).toBe(initFrom)
  })

  test('that do not fit, or are not there: one clear error, and no directory', async () => {
    await run('first', input)
    const initFrom = join(folder, 'first')
    await expect(run('second', { ...input, hiddenSizes: [9], initFrom })).rejects.toThrow(
      /^The weights of \S+first do not fit this run. Parameter actor.kernel0 is \[3,8\]; this agent's is \[3,9\]/,
    )
    await expect(run('second', { ...input, initFrom: join(folder, 'none') })).rejects.toThrow(
      /no complete run/,
    )
    expect(existsSync(join(folder, 'second'))).toBe(false)
  })
})

describe('without checkpoints', () => {
  test('nothing is kept to go on from, and going on says so', async () => {
    const input = { environment: 'Pendulum-v1', steps: 100, checkpointEvery: 'never' }
    const stopped = await run('run', input, { stopAt: 60 })
    expect(stopped.stdout).not.toContain('To resume')
    expect(readdirSync(join(folder, 'run')).sort()).toEqual([
      'config.json',
      expect.stringContaining('events.out.tfevents'),
      'metrics.jsonl',
      'parameters.safetensors',
      'policy.onnx',
    ])
    await expect(run('run', input)).rejects.toThrow(
      /has no checkpoint to resume from; .* --init-from \S+run$/,
    )
  })
})

/** Every file of a run, by name. */
const contentOf = (name: string) =>
  (readdirSync(join(folder, name), { recursive: true, withFileTypes: true }) as Dirent[])
    .filter(entry => entry.isFile())
    .map(entry => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'base64')])
    .sort()

describe('nothing that was learned is overwritten', () => {
  const input = { environment: 'Pendulum-v1', steps: 100 }

  test.each([
    ['an imported run', ['checkpoints', 'metrics.jsonl', 'best.safetensors']],
    ['a run without its checkpoints', ['checkpoints']],
    ['a run without checkpoints and its last lines', ['checkpoints', 'end']],
  ])('%s: it says how to begin with its weights', async (_, gone) => {
    await run('run', input)
    const metrics = join(folder, 'run/metrics.jsonl')
    writeFileSync(metrics, readFileSync(metrics, 'utf8').replace(/\{"type":"end".*\n/, ''))
    for (const file of gone) rmSync(join(folder, 'run', file), { recursive: true, force: true })
    const before = contentOf('run')
    await expect(run('run', input)).rejects.toThrow(
      /run has no checkpoint to resume from; begin a new run with its weights: sac train Pendulum-v1 --init-from \S+run$/,
    )
    await expect(run('run', input)).rejects.toThrow(UsageError)
    expect(contentOf('run')).toEqual(before)
  })

  test('a run of which only the best weights are left', async () => {
    await run('run', input)
    const others = readdirSync(join(folder, 'run')).filter(name => !/^(config|best)/.test(name))
    for (const file of others) rmSync(join(folder, 'run', file), { recursive: true })
    const before = contentOf('run')
    await expect(run('run', input)).rejects.toThrow(/begin a new run with its settings: .*config.json$/)
    expect(contentOf('run')).toEqual(before)
  })

  test('fewer steps than were taken: an error, and nothing is changed', async () => {
    await run('run', { ...input, steps: 300 }, { stopAt: 70 })
    const before = contentOf('run')
    await expect(run('run', { ...input, steps: 69 })).rejects.toThrow(
      /^\S+run has taken 70 steps already, more than the 69 that it is to take in all/,
    )
    expect(contentOf('run')).toEqual(before)
    // Exactly so many: it is finished there.
    expect(await run('run', { ...input, steps: 70 })).toMatchObject({ code: 0, stderr: '' })
    expect(summarizeRun(join(folder, 'run'))).toMatchObject({ status: 'finished', steps: 70 })
    expect(loadSettings(join(folder, 'run')).steps).toBe(70)
  })
})

describe('one process at a time', () => {
  const input = { environment: 'Pendulum-v1', steps: 300 }

  test('a second one is refused, whether it goes on or begins', async () => {
    const refusals: unknown[] = []
    let second: Promise<unknown> | undefined
    const change = (env: Env) =>
      wrap(env, {
        async step(action) {
          second ??= run('run', input).catch(error => refusals.push(error))
          await second
          return env.step(action)
        },
      })
    expect(await run('run', input, { change })).toMatchObject({ code: 0, stderr: '' })
    expect(refusals).toHaveLength(1)
    expect(refusals[0]).toBeInstanceOf(UsageError)
    expect(String(refusals[0])).toMatch(new RegExp(`run is being trained by process ${process.pid} on `))
    expect(readdirSync(join(folder, 'run')).filter(name => name.endsWith('.lock'))).toEqual([])
    await run('whole', input)
    expect(outcomeOf('run')).toEqual(outcomeOf('whole'))
  })

  test('whose lock was taken away saves nothing more', async () => {
    const directory = join(folder, 'run')
    const atStep = (step: number, result: StepResult) => {
      if (step === 120) rmSync(join(directory, 'training.1.lock'))
      return result
    }
    await expect(run('run', { ...input, checkpointEvery: 100 }, { atStep })).rejects.toThrow(
      /training.1.lock has been removed: another process may be training/,
    )
    expect(checkpointsOf('run')).toEqual(['step-000000100.safetensors'])
  })
})

describe('the run that `sac train --resume` goes on with', () => {
  const settings = parseSettings({ ...small, environment: 'Pendulum-v1', steps: 100 })

  test('is the one in a directory, if its settings are the same but for the steps', async () => {
    const out = join(folder, 'run')
    expect(findStoppedRun(settings, out)).toBeUndefined()
    await run('run', { ...small, environment: 'Pendulum-v1', steps: 100 })
    const same = parseSettings({ ...small, ...often, environment: 'Pendulum-v1', steps: 200 })
    expect(findStoppedRun(same, out)).toBe(out)
    const other = { ...same, options: { ...same.options, gamma: 0.5 } }
    expect(() => findStoppedRun(other, out)).toThrow(/begun with another gamma/)
  })
})
