import { type ChildProcess, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createProgress } from '../../src/cli/output/progress.ts'
import { runTraining } from '../../src/cli/training/training-run.ts'
import type { Env, StepResult } from '../../src/env/env.ts'
import { makeEnv } from '../../src/envs/registry.ts'
import { readCheckpointFile } from '../../src/run/checkpoint-file.ts'
import type { Checkpoint } from '../../src/run/checkpoints.ts'
import { loadRun } from '../../src/run/load-run.ts'
import { parseSettings } from '../../src/run/settings.ts'
import { runSac } from './sac-process.ts'

const SHORT = '--steps 300 --learning-starts 100 --hidden-sizes 8 --batch-size 8 --evaluation-episodes 2'
/** Of a run that was stopped; one that was evaluated has `best.safetensors` too. */
const FILES = [
  'checkpoints',
  'config.json',
  'events.out.tfevents',
  'metrics.jsonl',
  'parameters.safetensors',
  'policy.onnx',
]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sac = (args: string, during?: (child: ChildProcess, stdout: string) => void) =>
  runSac(args, { cwd: folder, during })

/** Names of a run's files; of TensorBoard's only the part that is always the same. */
const filesOf = (directory: string) =>
  readdirSync(directory)
    .map(name => name.replace(/(\.tfevents)\..*/, '$1'))
    .sort()

const linesOf = (directory: string) =>
  readFileSync(join(directory, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

describe('sac as a process', () => {
  test('trains, saves, evaluates; the run evaluates again to the same result and repeats itself', async () => {
    const { code, stdout, stderr } = await sac(`train Pendulum-v1 ${SHORT} --evaluate-every 150 --seed 3`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('Trained for 300 steps, 200 updates')
    expect(stdout).toContain('saved in runs/Pendulum-v1-seed3')
    const run = join(folder, 'runs/Pendulum-v1-seed3')
    expect(filesOf(run)).toEqual(['best.safetensors', ...FILES])

    // The preset, where no flag says otherwise.
    const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8'))
    expect(config).toMatchObject({ seed: 3, batchSize: 8, criticLearningRate: 1e-3, evaluateEvery: 150 })
    expect(config.run.engine).toMatch(/^WebAssembly/)
    expect(stdout).toContain(config.run.engine)

    const lines = linesOf(run)
    expect(lines.map(line => line.type).join(' ')).toBe(
      'start train evaluation train evaluation examination train end',
    )
    expect(lines.at(-1)).toMatchObject({ reason: 'steps', step: 300 })
    expect(lines.at(-2)).toMatchObject({ type: 'train', step: 300, updates: 200, episodes: 1 })

    const evaluated = await sac('eval runs/Pendulum-v1-seed3 --episodes 2')
    expect(evaluated).toMatchObject({ code: 0, stderr: '' })
    const [result] = /mean return .*/.exec(stdout.slice(stdout.indexOf('Evaluation:'))) ?? ['no result']
    expect(evaluated.stdout).toContain(result)
    expect(evaluated.stdout).toContain('after 300 steps')

    expect(await sac('train --config runs/Pendulum-v1-seed3/config.json')).toMatchObject({ code: 0 })
    const parameters = (path: string) => readFileSync(join(folder, path, 'parameters.safetensors'))
    expect(parameters('runs/Pendulum-v1-seed3-2').equals(parameters('runs/Pendulum-v1-seed3'))).toBe(true)
  })

  test('writes plain lines into a pipe, not one per event', async () => {
    const { stdout } = await sac(`train Pendulum-v1 ${SHORT}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stdout).not.toMatch(/[\x1b\r]/)
    expect(stdout.split('\n').length).toBeLessThan(10)
  })

  /** Sends a signal 300 ms after `sign` was printed. */
  const signalAfter = (sign: string, signal: NodeJS.Signals) => {
    let sent = false
    return (child: ChildProcess, stdout: string) => {
      if (sent || !stdout.includes(sign)) return
      sent = true
      setTimeout(() => child.kill(signal), 300)
    }
  }

  test.each([
    ['while it learns, SIGINT', 'SIGINT', 130, 10],
    ['while it still acts at random, SIGTERM', 'SIGTERM', 143, 1e9],
    ['its terminal is closed, SIGHUP', 'SIGHUP', 129, 10],
  ] as const)('%s stops it, and what was learned is kept', async (_, signal, exitCode, learningStarts) => {
    const { code, stdout, stderr } = await sac(
      `train Pendulum-v1 --steps 1000000000 --learning-starts ${learningStarts} --hidden-sizes 8 --batch-size 8`,
      signalAfter('Run directory', signal),
    )
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: '' })
    expect(stdout).toMatch(/Stopped after .* updates; saved in runs\/Pendulum-v1-seed0\nTo resume: /)
    const run = join(folder, 'runs/Pendulum-v1-seed0')
    expect(filesOf(run)).toEqual(FILES)
    const end = linesOf(run).at(-1)
    expect(end).toMatchObject({ type: 'end', reason: 'aborted', message: `stopped by ${signal}` })
    expect(loadRun(run).steps).toBe(end.step)
    // It may have been stopped between a step and its update, which the checkpoint then still owes.
    const [newest] = readdirSync(join(run, 'checkpoints')).sort().reverse()
    const { value } = readCheckpointFile(join(run, 'checkpoints', newest))
    const { steps, updates, updatesDue = 0 } = (value as Checkpoint).agent.counters
    expect(steps).toBe(end.step)
    expect(updates + updatesDue).toBe(Math.max(0, end.step - learningStarts))
    expect(linesOf(run).at(-2)).toMatchObject({ type: 'train', step: end.step, updates })
  })

  test.each([
    ['the evaluation after training', '--steps 20', 'Trained for', 20],
    ['an evaluation while training', '--steps 200 --evaluate-every 100', 'Run directory', 100],
  ])('SIGINT cuts %s short', async (_, flags, sign, steps) => {
    const endless = '--evaluation-episodes 1000000 --hidden-sizes 8 --batch-size 8'
    const asked = `train Pendulum-v1 ${flags} ${endless}`
    const { code, stderr } = await sac(asked, signalAfter(sign, 'SIGINT'))
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' })
    expect(loadRun(join(folder, 'runs/Pendulum-v1-seed0')).steps).toBe(steps)
  })

  test('stopped and resumed: --resume finds the run by its settings, sac resume by its name', async () => {
    const asked = `train Pendulum-v1 ${SHORT} --seed 5 --resume`
    expect(await sac(asked.replace('300', '150'))).toMatchObject({ code: 0, stderr: '' })
    const resumed = await sac(asked)
    expect(resumed).toMatchObject({ code: 0, stderr: '' })
    expect(resumed.stdout).toContain('Resuming after step 150, from runs/Pendulum-v1-seed5/checkpoints/')
    expect((await sac(asked)).stdout).toMatch(/has finished, after 300 steps/)
    const further = await sac('resume runs/Pendulum-v1-seed5 --steps 400')
    expect(further.stdout).toContain('Trained for 400 steps, 300 updates, the last 100 steps in')
    // With other settings it is another run.
    expect((await sac(`${asked} --gamma 0.5`)).stdout).toContain('Run directory: runs/Pendulum-v1-seed5-2')
    expect(await sac(`${asked} --gamma 0.4 --out runs/Pendulum-v1-seed5`)).toMatchObject({ code: 2 })
    expect((await sac('eval runs/Pendulum-v1-seed5 --episodes 1')).stdout).toContain('after 400 steps')
    expect((await sac('eval runs/Pendulum-v1-seed5 --episodes 1 --best')).stdout).toMatch(
      /after (150|300|400) steps/,
    )
  })

  test('a critic that diverges stops it, with what was learned before it saved', async () => {
    const { code, stderr, stdout } = await sac(`train Pendulum-v1 ${SHORT} --critic-learning-rate 1e30`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: Update \d+ diverged: .* Try smaller learning rates.*\n$/)
    expect(stdout).toMatch(/Stopped after .*; saved in runs\/Pendulum-v1-seed0\nTo resume: /)
    for (const { data } of Object.values(loadRun(join(folder, 'runs/Pendulum-v1-seed0')).parameters)) {
      expect(data.every(Number.isFinite)).toBe(true)
    }
  })

  test.each([
    ['train Pendulum-v1 --btach-size 8', "unknown option '--btach-size'; did you mean --batch-size?"],
    ['train Pendulum-v2', "did you mean 'Pendulum-v1'?"],
    [
      'train Pendulum-v1 --batch-size 1e400',
      "--batch-size is '1e400'; it must be a whole number of at least 1.",
    ],
    ['train Pendulum-v1 --activation rleu', "--activation is 'rleu'; it must be 'relu' or 'tanh'."],
    ['train Pendulum-v1 --gamma 1.5', "--gamma is '1.5'; it must be a number from 0 to 1."],
    ['train Pendulum-v1 --env-option gravty=3', "did you mean 'gravity'?"],
    ['train Pendulum-v1 --env-option gravity', 'it must be a name, = and a value'],
    ['train Pendulum-v1 --config nothing.yaml', 'nothing.yaml cannot be read'],
    ['train Pendulum-v1 --config settings.toml', 'must have a name that ends in one of .json'],
    ['train Pendulum-v1 --out .', 'is not empty'],
    ['train', 'Name the environment'],
    ['trian', "unknown command 'trian'; did you mean train?"],
    ['resume runs/none', 'There is no complete run in runs/none: it has no config.json.'],
    ['resume runs/none --steps few', "--steps is 'few'; it must be a whole number of at least 1."],
    ['train Pendulum-v1 --init-from runs/none', 'runs/none: it has no config.json.'],
    [
      'train Pendulum-v1 --checkpoint-every often',
      "it must be 'auto', 'never' or a whole number of at least 1.",
    ],
    ['eval runs/none', 'There is no complete run in runs/none'],
    ['eval', "missing required argument 'run'"],
  ])('sac %s: one sentence and exit code 2', async (args, message) => {
    writeFileSync(join(folder, 'precious'), '')
    const { code, stdout, stderr } = await sac(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(readdirSync(folder)).toEqual(['precious'])
  })

  test('help shows every option with its range, default and the presets', async () => {
    const { code, stdout } = await sac('train --help')
    expect(code).toBe(0)
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      '--batch-size <value> Transitions in a gradient update [a whole number of at least 1; default 256]',
    )
    expect(stdout).toMatch(/Presets[\s\S]*Pendulum-v1\s+--steps 10000 --gamma 0.98/)
    expect((await sac('envs')).stdout).toMatch(/^Pendulum-v1: Swing[\s\S]*--env-option gravity=/)
  })

  test('settings: flags win over the config file, and that over the preset', async () => {
    writeFileSync(
      join(folder, 'settings.yaml'),
      'environment: Pendulum-v1\nenvironmentOptions: { gravity: 5 }\nsteps: 20\nevaluationEpisodes: 1\ngamma: 0.9\n' +
        'hiddenSizes: [4]\nactorLearningRate: 3e-4\n',
    )
    writeFileSync(
      join(folder, 'settings.ts'),
      'const steps: number = 20\nexport default { steps, evaluationEpisodes: 1, hiddenSizes: [4] }\n',
    )
    writeFileSync(join(folder, 'wrong.json'), '{ "gama": 0.9 }')
    const [yaml, ts, wrong] = await Promise.all([
      sac('train --config settings.yaml --gamma 0.8 --target-entropy -3 --hidden-sizes 3,2 --out yaml'),
      sac('train Pendulum-v1 --config settings.ts --out ts'),
      sac('train Pendulum-v1 --config wrong.json'),
    ])
    const configOf = (name: string) => JSON.parse(readFileSync(join(folder, name, 'config.json'), 'utf8'))
    expect(yaml).toMatchObject({ code: 0, stderr: '' })
    expect(configOf('yaml')).toMatchObject({
      gamma: 0.8,
      targetEntropy: -3,
      hiddenSizes: [3, 2],
      environmentOptions: { gravity: 5 },
      actorLearningRate: 3e-4,
      batchSize: 64,
    })
    expect(yaml.stdout).toContain('note: nothing is learned')
    expect(ts).toMatchObject({ code: 0, stderr: '' })
    expect(configOf('ts')).toMatchObject({ steps: 20, hiddenSizes: [4], batchSize: 64 })
    expect(wrong).toMatchObject({ code: 2, stderr: 'error: There is no option gama; did you mean gamma?\n' })
  })
})

test('environments side by side learn the same in one thread and in several, wrappers included', async () => {
  const options = '--envs 3 --stack-frames 2 --time-limit 50 --normalize-observations --updates-per-step 0.5'
  for (const threads of [0, 2]) {
    const { code, stderr } = await sac(
      `train Hopper-v5 ${SHORT} ${options} --env-threads ${threads} --out threads${threads}`,
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  }
  const weights = (run: string) => readFileSync(join(folder, run, 'parameters.safetensors'))
  expect(weights('threads2').equals(weights('threads0'))).toBe(true)
  const run = loadRun(join(folder, 'threads2'))
  expect(run.parameters['normalizer.mean'].shape).toEqual([22])
  expect(run.settings).toMatchObject({ stackFrames: 2, timeLimit: 50, options: { envs: 3 } })
})

describe('a training run in which something fails', () => {
  const input = { environment: 'Pendulum-v1', steps: 200, learningStarts: 50, hiddenSizes: [4], batchSize: 4 }
  const settings = parseSettings({ ...input, logEvery: 50, evaluationEpisodes: 1 })

  /** A run in which `disturb` gets at every step's result. */
  async function disturbed(disturb: (step: number, result: StepResult) => StepResult) {
    let step = 0
    const inner = await makeEnv('Pendulum-v1')
    const env: Env = {
      ...inner,
      step: action => disturb(++step, inner.step(action) as StepResult),
    }
    const output = { stdout: '', stderr: '' }
    const sink = (name: keyof typeof output) => ({
      write(text: string) {
        output[name] += text
        return true
      },
    })
    const run = runTraining({
      settings,
      envs: [env],
      evaluationEnv: await makeEnv('Pendulum-v1'),
      place: { out: join(folder, 'run') },
      stdout: sink('stdout') as never,
      stderr: sink('stderr'),
      signal: new AbortController().signal,
    })
    return { output, run }
  }

  test.each([
    [
      'an environment that throws',
      () => {
        throw new Error('the motor is on fire')
      },
      'Pendulum-v1 failed in step, step 120, episode 1 (its step 120): the motor is on fire',
    ],
    [
      'an observation that is not a number',
      (result: StepResult) => ({ ...result, observation: [0, NaN, 0] }),
      'step 120, episode 1 (its step 120): observation[1] is NaN',
    ],
    [
      'an infinite reward',
      (result: StepResult) => ({ ...result, reward: Infinity }),
      'the reward is Infinity',
    ],
  ])('%s: what was learned before is saved, and the fault told', async (_, fault, message) => {
    const { output, run } = await disturbed((step, result) => (step === 120 ? fault(result) : result))
    expect(await run).toBe(1)
    expect(output.stderr).toMatch(/^error: /)
    expect(output.stderr).toContain(message)
    expect(output.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(output.stdout).toContain(`Stopped after 119 steps, 69 updates; saved in ${join(folder, 'run')}`)
    expect(loadRun(join(folder, 'run')).steps).toBe(119)
    expect(linesOf(join(folder, 'run')).at(-1)).toMatchObject({ type: 'end', reason: 'error', step: 119 })
  })

  test('a directory that has gone: the failure to save is an error, not silence', async () => {
    const { run } = await disturbed((step, result) => {
      if (step === 120) rmSync(join(folder, 'run'), { recursive: true })
      return result
    })
    await expect(run).rejects.toThrow(/Nothing more is saved, because \S+ has been removed/)
  })

  test('a full disk stops training, and what can be saved is', async context => {
    // A device like /dev/full, which only root may make; a link to it is not followed.
    const full = join(folder, 'full')
    if (spawnSync('mknod', [full, 'c', '1', '7']).status !== 0) return context.skip()
    const { output, run } = await disturbed((step, result) => {
      if (step === 120) {
        const metrics = join(folder, 'run/metrics.jsonl')
        rmSync(metrics)
        renameSync(full, metrics)
      }
      return result
    })
    await expect(run).rejects.toThrow(/metrics.jsonl cannot be written: the disk is full/)
    expect(output.stderr).toMatch(/^error: \S+metrics.jsonl cannot be written: the disk is full/)
    expect(output.stdout).toContain('saved in')
    // The next line is written when the first step of the next period comes.
    expect(loadRun(join(folder, 'run')).steps).toBe(151)
  })
})

describe('names from elsewhere', () => {
  test.each([
    ['train Pendulum-v1 --ent-coef 0.1', "unknown option '--ent-coef'; did you mean --temperature?"],
    [
      'train Pendulum-v1 --polyak=0.995',
      "unknown option '--polyak'; did you mean --tau? Note: it is 1 - polyak.",
    ],
    [
      'train --env-id Pendulum-v1',
      "unknown option '--env-id'; name the environment without a flag, as in: sac train",
    ],
    ['eval run --n-eval-episodes 5', "unknown option '--n-eval-episodes'; did you mean --episodes?"],
    ['eval run --episode 5', "unknown option '--episode'; did you mean --episodes?"],
  ])('sac %s', async (args, message) => {
    const { code, stderr } = await sac(args)
    expect(code).toBe(2)
    expect(stderr).toContain(`error: ${message}`)
    expect(stderr.trimEnd()).not.toContain('\n')
  })

  test('--learning-rate wins over the preset, and a named one over it', async () => {
    const rates = '--learning-rate 0.002 --critic-learning-rate 0.004'
    expect(await sac(`train Pendulum-v1 ${SHORT} ${rates} --out run`)).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(readFileSync(join(folder, 'run/config.json'), 'utf8'))).toMatchObject({
      actorLearningRate: 0.002,
      criticLearningRate: 0.004,
      temperatureLearningRate: 0.002,
    })
  })
})

describe('progress', () => {
  const step = (number: number) =>
    ({ type: 'step', step: number, environment: 0, reward: 0, terminated: false, truncated: false }) as const

  test('a terminal gets a bar that shows where training stands, and its cursor back', async () => {
    const written: string[] = []
    const stream = { isTTY: true, columns: 80, write: (text: string) => written.push(text) > 0 }
    const progress = await createProgress(stream as never, 2000)
    progress.note('before')
    const metrics = {
      criticLoss: 1,
      q1: 1,
      q2: 1,
      target: 1,
      criticsGradientNorm: 1,
      learningRate: 1,
      temperature: 0.25,
    }
    progress.observe(step(999))
    progress.observe({ type: 'update', step: 999, update: 1, metrics: { ...metrics, entropy: -0.5 } })
    const ended = { environment: 0, episode: 1, length: 500, terminated: false, truncated: true }
    for (const value of [-100, -200]) {
      progress.observe({ type: 'episode', step: 999, return: value, ...ended })
    }
    progress.observe(step(1000))
    progress.note('between')
    progress.stop()
    progress.stop()
    progress.note('after')
    const text = written.join('')
    expect(written[0]).toBe('before\n')
    expect(text).toMatch(/█{15}░{15} 50% {2}1,000 of 2,000 steps {2}\d+ s left/)
    expect(text).toMatch(
      /steps\/s {2}[\d,]+ updates\/s {2}return -150.0 {2}temperature 0.25 {2}entropy -0.50/,
    )
    expect(text).toContain('between\n')
    expect(text.split('\x1b[?25h')).toHaveLength(2)
    expect(text.endsWith('\nafter\n')).toBe(true)
  })
})
