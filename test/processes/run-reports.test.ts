import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeRun } from '../../src/cli/commands/show.ts'
import { METRIC_TAGS, type MetricsLine } from '../../src/run/metrics.ts'
import { appendMetrics } from '../../src/run/metrics-file.ts'
import { summarizeRun } from '../../src/run/reports/run-summary.ts'
import { writeRunConfig } from '../../src/run/run-directory.ts'
import { parseSettings } from '../../src/run/settings.ts'
import { type ProcessIdentity, thisProcess } from '../../src/run/this-process.ts'
import { runSac } from './sac-process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sac-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sac = (args: string) => runSac(args, { cwd: folder })

interface FakeRun {
  settings?: Record<string, unknown>
  /** Returns of episodes, one every 100 steps. */
  returns?: number[]
  end?: object
  /** What its lock says of the process that trains; without one there is no lock. */
  lock?: Partial<ProcessIdentity>
}

/** A run's directory as training would leave it, or as it is in the middle of it. */
function writeRun(name: string, { settings = {}, returns = [], end, lock }: FakeRun = {}): string {
  const directory = join(folder, name)
  mkdirSync(directory, { recursive: true })
  writeRunConfig(directory, parseSettings({ environment: 'Pendulum-v1', steps: 500, ...settings }), 'engine')
  const began = Date.now() - 60_000
  const add = (line: object, seconds: number) =>
    appendMetrics(directory, { time: new Date(began + 1000 * seconds).toISOString(), ...line } as MetricsLine)
  add({ type: 'start', step: 0, pid: 1, host: 'here' }, 0)
  returns.forEach((value, i) => {
    add({ type: 'train', step: 100 * (i + 1), return: value, updates: 100 * i, stepsPerSecond: 50 }, i + 1)
  })
  const step = 100 * returns.length
  if (end) {
    add({ type: 'evaluation', step, mean: -7, standardDeviation: 2, returns: [-5, -9], lengths: [3, 5] }, 9)
    add({ type: 'end', step, ...end }, 10)
  }
  if (lock) {
    const path = join(directory, 'training.1.lock')
    writeFileSync(path, JSON.stringify({ ...thisProcess(), ...lock }))
    utimesSync(path, 0, 0)
  }
  return directory
}

const finished = { reason: 'steps' }

describe('the status of a run', () => {
  test.each([
    ['finished', { end: finished }],
    ['stopped', { end: { reason: 'aborted', message: 'stopped by SIGINT' } }],
    ['crashed', { end: { reason: 'error', message: 'the motor is on fire' } }],
    ['crashed', {}],
    ['running', { lock: {} }],
    ['crashed', { lock: { pid: 2 ** 22 + 1 } }],
    ['unknown', { lock: { host: 'another machine', system: 'its own' } }],
  ] as const)('%s: %j', (status, run) => {
    const summary = summarizeRun(writeRun('run', { ...run, returns: [-3, -1, -2] }))
    expect(summary).toMatchObject({ status, steps: 300, bestReturn: -1, lastReturn: -2 })
    const lastLine = 'end' in run ? 10 : 3
    if (status === 'running') expect(summary.seconds).toBeGreaterThanOrEqual(60)
    else expect(summary.seconds).toBe(lastLine)
  })

  test.skipIf(process.platform !== 'linux')(
    'a process that has the number of one that ended is another',
    () => {
      expect(summarizeRun(writeRun('run', { lock: { started: '1' } })).status).toBe('crashed')
    },
  )

  test('one on another machine that shows signs of life is running', () => {
    const directory = writeRun('run', { lock: { system: 'its own' } })
    const now = new Date()
    utimesSync(join(directory, 'training.1.lock'), now, now)
    expect(summarizeRun(directory).status).toBe('running')
  })
})

describe('sac runs', () => {
  test('lists every run in a folder, those that cannot be read in a sentence', async () => {
    writeRun('runs/seed2', { returns: [-3, -1, -2, -4, -5], end: finished })
    appendFileSync(join(writeRun('runs/deep/seed10', { returns: [-8], lock: {} }), 'metrics.jsonl'), '{"ty')
    writeRun('runs/deep/seed9')
    writeFileSync(join(writeRun('runs/zz'), 'config.json'), '{"environment')
    mkdirSync(join(folder, 'runs/no-run'))
    const { code, stdout, stderr } = await sac('runs')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head.split(/ +/)).toEqual(
      'run environment steps best last evaluation status time started'.split(' '),
    )
    expect(rows[0]).toMatch(/^runs\/deep\/seed9 +Pendulum-v1 +0 of 500 +crashed +0 s /)
    expect(rows[1]).toMatch(/^runs\/deep\/seed10 +Pendulum-v1 +100 of 500 +-8.0 +-8.0 +running +1 min \d s /)
    expect(rows[2]).toMatch(/^runs\/seed2 +Pendulum-v1 +500 +-1.0 +-5.0 +-7.0 +finished +10 s /)
    expect(rows[3]).toMatch(/^note: runs\/zz\/config.json cannot be used: /)
    expect(rows).toHaveLength(4)
  })

  test('an empty folder, and none', async () => {
    const empty = await sac('runs .')
    expect(empty).toMatchObject({
      code: 0,
      stdout: 'There are no runs in .. To make one: sac train Pendulum-v1\n',
    })
    const none = await sac('runs')
    expect(none).toMatchObject({
      code: 2,
      stderr:
        'error: There is no run in runs: it does not exist. To list the runs in a folder: sac runs <folder>. To make one: sac train Pendulum-v1\n',
    })
  })
})

describe('sac show', () => {
  test('tells what is special about a run and how it went, with a chart', async () => {
    const settings = { gamma: 0.5, hiddenSizes: [8, 4], environmentOptions: { gravity: 3 } }
    const directory = writeRun('run', { settings, returns: [-90, -50, -20, -10, -30], end: finished })
    appendFileSync(join(directory, 'metrics.jsonl'), 'nonsense\n')
    const { stdout } = await sac('show run')
    expect(stdout).toContain('run: Pendulum-v1 with seed 0, finished')
    expect(stdout).toContain('500 of 500 steps, 400 updates in 10 s')
    expect(stdout).toContain(
      'differ from their defaults:\n  gravity 3\n  gamma 0.5\n  hiddenSizes 8,4\nEvaluation',
    )
    expect(stdout).toContain('Evaluation at step 500: mean return -7.0 ± 2.0 over 2 episodes')
    expect(stdout).toContain('best -10.0, last -30.0')
    expect(stdout).toMatch(/^ +-10.0 ┤.*╮/m)
    expect(stdout).toMatch(/^ +-90.0 ┼/m)
    expect(stdout).toMatch(/ 500 steps\nnote: \S+metrics\.jsonl: line \d+ cannot be read and is left out/)
    expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  test.each([
    [{ lock: {} }, 'running', 'No episode has ended yet.'],
    [{ end: { reason: 'error', message: 'on fire' } }, 'crashed: on fire', 'No episode has ended yet.'],
    [
      { returns: [-5], end: { reason: 'aborted', message: 'stopped by SIGINT' } },
      'stopped by SIGINT',
      'best -5.0, last -5.0',
    ],
    [
      { returns: [0, 0, 0], lock: { system: 'its own' } },
      'on another machine, running or crashed',
      ' 0.00 ┼',
    ],
  ])('%j is %s', (run, status, content) => {
    const text = describeRun(summarizeRun(writeRun('run', run)), 80)
    expect(text).toContain(`run: Pendulum-v1 with seed 0, ${status}\n`)
    expect(text).toContain(content)
  })
})

test('sac compare shows settings that differ, and results', async () => {
  writeRun('runs/a', { returns: [-3], settings: { seed: 1, environmentOptions: { gravity: 3 } } })
  writeRun('runs/b', { returns: [-4], settings: { steps: 100, tau: 0.1 }, end: finished })
  const { stdout } = await sac('compare runs/b runs')
  expect(stdout.split('\n')[0].split(/ +/)).toEqual(
    'run environmentOptions seed tau steps best last evaluation status time'.split(' '),
  )
  expect(stdout).toMatch(/^runs\/b +\{\} +0 +0.1 +100 +-4.0 +-4.0 +-7.0 +finished/m)
  expect(stdout).toMatch(/^runs\/a +\{"gravity":3\} +1 +0.005 +100 of 500 +-3.0 +-3.0 +crashed/m)
  expect(stdout.trimEnd().split('\n')).toHaveLength(3)
  expect((await sac('compare runs/a')).stdout).toMatch(/^run +steps/)
  expect((await sac('compare runs/a runs/none')).stderr).toContain('There is no run in runs/none')
})

describe('sac export-metrics', () => {
  test('writes a row for every step, and leaves empty what was not told', async () => {
    writeRun('run', { returns: [-3, -4], end: finished })
    const { stdout } = await sac('export-metrics run')
    const [head, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map(line => line.split(','))
    expect(head).toEqual(['step', ...Object.keys(METRIC_TAGS)])
    const table = rows.map(cells => Object.fromEntries(head.map((name, i) => [name, cells[i]])))
    expect(table).toHaveLength(2)
    expect(table[0]).toMatchObject({
      step: '100',
      return: '-3',
      updates: '0',
      evaluationMean: '',
      entropy: '',
    })
    expect(table[1]).toMatchObject({ step: '200', return: '-4', evaluationMean: '-7', evaluationLength: '4' })
    expect(await sac('export-metrics run --out table.csv')).toMatchObject({ stdout: 'Saved in table.csv\n' })
    expect(readFileSync(join(folder, 'table.csv'), 'utf8')).toBe(stdout)
  })

  test('says where no run is', async () => {
    const { code, stderr } = await sac('export-metrics nowhere')
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error: There is no run in nowhere: it has no metrics.jsonl. To list the runs in a folder: sac runs <folder>. To make one: sac train Pendulum-v1\n',
    })
  })
})

describe('sac plot', () => {
  test('draws a panel for each environment, a line for each experiment', async () => {
    writeRun('runs/a', { returns: [-3, -2], settings: { seed: 1, threads: 2 } })
    writeRun('runs/b', { returns: [-4, -1, -1], settings: { seed: 2 } })
    writeRun('runs/c', { returns: [-4, -5], settings: { tau: 0.1 } })
    writeRun('runs/d', { returns: [7], settings: { environment: 'Hopper-v5' } })
    writeRun('runs/e', { settings: { environment: 'Swimmer-v5' } })
    expect(await sac('plot runs')).toEqual({ code: 0, stdout: 'Saved in curves.svg\n', stderr: '' })
    const svg = readFileSync(join(folder, 'curves.svg'), 'utf8')
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(match => match[1])
    expect(texts).toEqual(
      expect.arrayContaining(['Pendulum-v1', 'tau 0.005 (2 runs)', 'tau 0.1 (1 run)', 'Hopper-v5', '1 run']),
    )
    expect(texts).not.toContain('Swimmer-v5')
    expect(svg.match(/class="line"/g)).toHaveLength(2)
    expect(svg.match(/class="band"/g)).toHaveLength(1)
  })

  test.each([
    ['plot runs --metric entropi', 'There is no metric entropi; did you mean entropy?'],
    ['plot runs --metric entropy', 'None of these runs has logged any entropy yet.'],
    [
      'plot empty',
      'There is no run in empty. To list the runs in a folder: sac runs <folder>. To make one: sac train Pendulum-v1',
    ],
  ])('sac %s: one sentence', async (args, message) => {
    writeRun('runs/a', { returns: [-3] })
    mkdirSync(join(folder, 'empty'))
    const { code, stderr } = await sac(args)
    expect({ code, stderr }).toEqual({ code: 2, stderr: `error: ${message}\n` })
    expect(existsSync(join(folder, 'curves.svg'))).toBe(false)
  })
})
