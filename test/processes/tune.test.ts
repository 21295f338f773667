import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readJournal } from '../../src/run/tune/journal.ts'
import { runSac } from './sac-process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tune-'))
  writeFileSync(
    join(folder, 'space.yaml'),
    'learningRate: { low: 1e-4, high: 1e-2, log: true }\ngamma: [0.9, 0.98]\n',
  )
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const sac = (args: string, during?: Parameters<typeof runSac>[1]['during']) =>
  runSac(args, { cwd: folder, during })
const small = '--steps 600 --learning-starts 100 --hidden-sizes 8 --batch-size 16 --evaluation-episodes 1'
const tune = `tune Pendulum-v1 --space space.yaml ${small} --first-rung 150`
/** One after the other, so that who is compared with whom is the same each time. */
const inTurn = `${tune} --jobs 1 --trials 5`

const trialsIn = (directory: string) =>
  readJournal(join(folder, directory, 'journal.log'), 'Pendulum-v1')!.trials

/** Sends a signal once there are so many lines of metrics in a trial. */
function whenTraining(trial: string, signal: NodeJS.Signals): Parameters<typeof runSac>[1]['during'] {
  let timer: NodeJS.Timeout | undefined
  return child => {
    timer ??= setInterval(() => {
      if (!existsSync(join(folder, trial, 'metrics.jsonl'))) return
      clearInterval(timer)
      child.kill(signal)
    }, 10)
  }
}

test('a search that is stopped, and killed, resumes, and finds what one without interruption does', async () => {
  const first = await sac(`${inTurn} --out cut`, whenTraining('cut/trial-001', 'SIGINT'))
  expect([first.code, first.stderr]).toEqual([130, ''])
  expect(first.stdout).toContain('Stopping; the same command resumes the search.')
  expect(first.stdout).toMatch(/trial 0 reached -[\d,.]+ after 600 steps/)
  expect(trialsIn('cut').map(({ state }) => state)).toEqual(['complete', 'running'])

  const second = await sac(`${inTurn} --out cut`, whenTraining('cut/trial-003', 'SIGKILL'))
  expect(second.code).toBe(null)

  const [third, whole] = await Promise.all([sac(`${inTurn} --out cut`), sac(`${inTurn} --out whole`)])
  expect([third.code, third.stderr, whole.code, whole.stderr]).toEqual([0, '', 0, ''])
  expect(trialsIn('cut')).toEqual(trialsIn('whole'))
  expect(trialsIn('whole').map(({ state }) => state)).toContain('stopped')
  const journal = readFileSync(join(folder, 'cut/journal.log'), 'utf8').split('\n')
  const reports = journal.filter(line => line.includes('"op_code":7,'))
  expect(new Set(reports).size).toBe(reports.length)

  const again = await sac(`${inTurn} --out cut`)
  expect(again.code).toBe(0)
  expect(again.stdout).not.toContain('begins')
  expect(again.stdout).toMatch(/^5 trials: \d complete, \d stopped early$/m)

  const other = await sac(`${inTurn} --out cut --gamma 0.9`)
  expect([other.code, other.stderr]).toEqual([
    2,
    expect.stringContaining('The setting gamma is in the space'),
  ])
  const longer = await sac(`${inTurn.replace('--steps 600', '--steps 700')} --out cut`)
  expect([longer.code, longer.stderr]).toEqual([
    2,
    expect.stringContaining('was begun with another settings'),
  ])
})

test('a trial that another process still trains, such as what a killed search left behind, waits for its end', async () => {
  const long = `tune Pendulum-v1 --space space.yaml ${small.replace('600', '20000')} --trials 1 --jobs 1 --out one`
  expect((await sac(long, whenTraining('one/trial-000', 'SIGINT'))).code).toBe(130)
  let other: ChildProcess | undefined
  const training = sac('resume one/trial-000', child => {
    other = child
  })
  while (!readdirSync(join(folder, 'one/trial-000')).some(name => name.endsWith('.lock')))
    await setTimeout(10)
  const { code, stdout, stderr } = await sac(long, (_, stdout) => {
    if (stdout.includes('another process still trains')) other!.kill('SIGINT')
  })
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/note: Trial 0: another process still trains one.trial-000; waiting for its end/)
  expect((await training).code).toBe(130)
  expect(trialsIn('one').map(({ state, reports }) => [state, reports.at(-1)?.step])).toEqual([
    ['complete', 20_000],
  ])
})

test('trials are ordinary runs, with seeds of their own, and the best one is trained again by its command', async () => {
  let meanwhile: ReturnType<typeof sac> | undefined
  const { code, stdout } = await sac(`${tune} --jobs 3 --trials 9`, () => {
    meanwhile ??= sac(`${tune} --jobs 3 --trials 9`)
  })
  expect(code).toBe(0)
  const { code: refusal, stderr } = await meanwhile!
  expect([refusal, stderr]).toEqual([
    2,
    expect.stringMatching(/runs.tune-Pendulum-v1 is being trained by process \d+/),
  ])
  const out = 'runs/tune-Pendulum-v1'
  const trials = trialsIn(out)
  expect(trials).toHaveLength(9)
  const names = readdirSync(join(folder, out)).filter(name => name.startsWith('trial-'))
  const seeds = names.map(
    name => JSON.parse(readFileSync(join(folder, out, name, 'config.json'), 'utf8')).seed,
  )
  expect(seeds).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108])
  expect(stdout).toMatch(/^learningRate +[\d.]+ %$/m)

  const stopped = trials.find(({ state }) => state === 'stopped')!
  const run = `${out}/trial-00${stopped.number}`
  const [listed, resumed] = await Promise.all([sac(`runs ${out}`), sac(`resume ${run} --steps 700`)])
  expect(listed.stdout.split('\n').filter(line => line.includes('trial-'))).toHaveLength(9)
  expect([resumed.code, resumed.stdout]).toEqual([0, expect.stringContaining('Trained for 700 steps')])

  const best = trials
    .filter(({ state }) => state === 'complete')
    .reduce((a, b) => (b.value! > a.value! ? b : a))
  const [, command] = /^ {2}sac (train .*)$/m.exec(stdout)!
  expect((await sac(`${command} --seed ${100 + best.number} --out again`)).code).toBe(0)
  const [own, theirs] = ['again', `${out}/trial-00${best.number}`].map(run =>
    readFileSync(join(folder, run, 'parameters.safetensors')),
  )
  expect(own.equals(theirs)).toBe(true)

  const elsewhere = async (environment: string, place: string, message: string) => {
    const { code, stderr } = await sac(`tune ${environment} --out ${place} ${small}`)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  }
  await elsewhere('Pendulum-v1', 'again', 'The directory again is not empty, and has no search in it')
  await elsewhere('CartPole-v1', out, 'is for Pendulum-v1, not for CartPole-v1; name another directory.')
})

test('trials that diverge have failed, and a search in which all do ends', async () => {
  writeFileSync(join(folder, 'space.yaml'), 'criticLearningRate: [1e30, 2e30]\n')
  const { code, stderr, stdout } = await sac(`${tune} --jobs 1 --trials 9`)
  expect(stdout).toMatch(/trial 2 failed: Update \d+ diverged/)
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/error: All of the 3 trials have failed, the last one with: Update \d+ diverged/),
  ])
  expect(trialsIn('runs/tune-Pendulum-v1').map(({ state }) => state)).toEqual(['failed', 'failed', 'failed'])
})

test('what cannot be searched is refused before anything is made', async () => {
  const refused = async (args: string, message: string) => {
    const { code, stderr } = await sac(args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  }
  writeFileSync(join(folder, 'bad.yaml'), 'gama: [0.9, 0.98]\n')
  writeFileSync(join(folder, 'all.yaml'), 'environment: Pendulum-v1\nrun: {}\n')
  await Promise.all([
    refused(`${tune} --out bad --space bad.yaml`, 'There is no setting gama to search; did you mean gamma?'),
    refused(
      'tune --space space.yaml',
      'Name the environment to search settings for, as in: sac tune Pendulum-v1',
    ),
    refused('tune Pendlum-v1', "did you mean 'Pendulum-v1'?"),
    refused('tune Pendulum-v1 --config all.yaml', 'is the config file of a run, which sets everything'),
    refused('tune Pendulum-v1 --sampler grid', "--sampler is 'grid'; it must be 'tpe' or 'random'."),
    refused('tune Pendulum-v1 --threads 2', "unknown option '--threads'"),
  ])
  expect(readdirSync(folder).sort()).toEqual(['all.yaml', 'bad.yaml', 'space.yaml'])
})
