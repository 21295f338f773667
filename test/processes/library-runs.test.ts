/** What the command line does with several runs, from the library alone: the built one, because it starts processes. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSac } from './sac-process.ts'

type Library = typeof import('../../src/run/index.ts')
const library: Library = await import(join(import.meta.dirname, '../../dist/src/run/index.js'))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'library-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const small = {
  learningStarts: 50,
  hiddenSizes: [8],
  batchSize: 8,
  evaluationEpisodes: 1,
  evaluateEvery: 100,
}
const bytes = (run: string) => readFileSync(join(folder, run, 'parameters.safetensors'))

describe('several seeds', () => {
  test('learn what the command line makes them learn, and are summed up', async () => {
    const settings = library.presetSettings({ environment: 'Pendulum-v1', steps: 200, seed: 5, ...small })
    // A setting of each kind, to see that it arrives.
    const own = { ...settings, environmentOptions: { gravity: 9 }, timeLimit: 60 as const }
    const begun: number[] = []
    const runs = await library.trainSeeds(own, {
      seeds: 2,
      out: join(folder, 'many'),
      onBegin: (all, atOnce) => void begun.push(all.length, atOnce),
    })
    expect(runs.map(({ seed, error }) => ({ seed, error }))).toEqual([
      { seed: 5, error: undefined },
      { seed: 6, error: undefined },
    ])
    expect(begun[0]).toBe(2)
    const flags =
      '--steps 200 --learning-starts 50 --hidden-sizes 8 --batch-size 8 --evaluation-episodes 1 --evaluate-every 100'
    const alone = `train Pendulum-v1 ${flags} --env-option gravity=9 --time-limit 60 --seed 6 --out alone`
    expect((await runSac(alone, { cwd: folder })).code).toBe(0)
    expect(bytes('many/seed6').equals(bytes('alone'))).toBe(true)
    expect(bytes('many/seed5').equals(bytes('alone'))).toBe(false)

    const summaries = runs.map(({ directory }) => library.summarizeRun(directory))
    const [a, b] = summaries.map(({ evaluation }) => evaluation!.mean)
    const statistics = library.seedStatistics(summaries)!
    expect(statistics.mean).toBeCloseTo((a + b) / 2)
    expect(statistics.standardDeviation).toBeCloseTo(Math.abs(a - b) / Math.SQRT2)
    expect(library.seedStatistics(summaries.slice(1))).toBeUndefined()

    // Looked at together.
    expect(library.differingSettings(summaries)).toEqual(['seed'])
    expect(library.learningCurvesSvg(summaries, 'evaluationMean')).toMatch(/^<svg.*2 runs/s)
    const csv = library.metricsToCsv(library.readMetrics(runs[0].directory))
    expect(csv.split('\n')[0]).toMatch(/^step,.*return/)
    expect(csv.split('\n').length).toBeGreaterThan(2)
  })

  test('stop by a signal, keep what they have learned, and resume', async () => {
    const settings = library.presetSettings({ environment: 'Pendulum-v1', steps: 100_000_000, ...small })
    const out = join(folder, 'stopped')
    const stop = new AbortController()
    const training = library.trainSeeds(settings, { seeds: 3, out, signal: stop.signal })
    while (!existsSync(join(out, 'seed0', 'metrics.jsonl'))) await new Promise(done => setTimeout(done, 20))
    stop.abort()
    const begun = await training
    // There is nothing left of those whose turn did not come.
    expect(library.findRuns(out)).toEqual(
      begun
        .map(({ directory }) => directory)
        .filter(directory => existsSync(join(directory, 'metrics.jsonl'))),
    )
    const { status, steps } = library.summarizeRun(join(out, 'seed0'))
    expect(status).toBe('stopped')
    const shorter = { ...settings, steps: steps + 100 }
    const [resumed] = await library.trainSeeds(shorter, { seeds: 1, out, resume: true })
    expect(resumed.error).toBeUndefined()
    expect(library.summarizeRun(resumed.directory)).toMatchObject({ status: 'finished', steps: steps + 100 })
  })

  test('that fail say why', async () => {
    const settings = library.presetSettings({
      environment: 'Pendulum-v1',
      steps: 200,
      ...small,
      criticLearningRate: 1e30,
    })
    const [run] = await library.trainSeeds(settings, { seeds: 1, out: join(folder, 'diverged') })
    expect(run.error).toMatch(/^error: Update \d+ diverged/)
    await expect(library.trainSeeds(settings, { seeds: 0 })).rejects.toThrow('seeds is 0; it must be')
  })
})

test('a study is made, and made again from where it is', async () => {
  const study = library.parseStudy({
    title: 'Temperatures',
    seeds: 1,
    settings: { steps: 200, ...small },
    tasks: { 'Pendulum-v1': {} },
    variants: { SAC: {}, 'alpha 0': { temperature: 0 } },
  })
  const directory = join(folder, 'study')
  const ended: string[] = []
  const { results } = await library.makeStudy(study, {
    directory,
    onTraining: ({ training }) => void ended.push(training.variant),
  })
  expect(ended.sort()).toEqual(['SAC', 'alpha 0'])
  expect(results.map(({ variant, status, points }) => [variant, status, points.length])).toEqual([
    ['SAC', 'finished', 2],
    ['alpha 0', 'finished', 2],
  ])
  const page = readFileSync(join(directory, 'README.md'), 'utf8')
  expect(page).toContain('Made on ')
  const again: boolean[] = []
  await library.makeStudy(study, {
    directory,
    onBegin: jobs => void again.push(...jobs.map(({ open }) => open)),
  })
  expect(again).toEqual([false, false])
  const faulty = { ...study, variants: { SAC: {}, 'alpha 0': { temperatur: 0 } } }
  await expect(library.makeStudy(faulty, { directory: join(folder, 'other') })).rejects.toThrow(
    'alpha 0 on Pendulum-v1: There is no option temperatur; did you mean temperature?',
  )
  expect(existsSync(join(folder, 'other'))).toBe(false)
})

test('a run is filmed and recorded in one call', async () => {
  const directory = join(folder, 'alone')
  const [film, transitions] = [join(folder, 'alone.gif'), join(folder, 'alone.npz')]
  const options = { episodes: 2, maxSteps: 5, width: 32, height: 32 }
  const both = await library.recordRun(directory, { ...options, film, transitions })
  expect(both).toMatchObject({ steps: 10, cutOff: 2, transitions: 10 })
  expect(readFileSync(film).subarray(0, 3).toString()).toBe('GIF')
  expect(both.bytes).toBe(readFileSync(film).length)
  const alone = await library.recordRun(directory, { ...options, transitions: join(folder, 'again.npz') })
  expect(alone.returns).toEqual(both.returns)
  expect(readFileSync(join(folder, 'again.npz')).equals(readFileSync(transitions))).toBe(true)
  await expect(library.recordRun(directory, {})).rejects.toThrow('Name the file of a recording')
  await expect(library.recordRun(directory, { film: 'a.mp4' })).rejects.toThrow('ends in .gif or .png')
  const missing = library.recordRun(directory, { transitions: join(folder, 'none', 'a.npz') })
  await expect(missing).rejects.toThrow('There is no directory')
})

test('the page of runs is served as long as it is wanted', async () => {
  if (!existsSync(join(import.meta.dirname, '../../dist/page/runs/index.html'))) {
    await expect(library.serveRuns(folder)).rejects.toThrow('The page has not been built')
    return
  }
  const { url, close } = await library.serveRuns(folder)
  // As a browser does: it is let in by the address, and keeps the cookie.
  const entered = await fetch(url, { redirect: 'manual' })
  const headers = { cookie: entered.headers.get('set-cookie')!.split(';')[0] }
  expect((await fetch(new URL(entered.headers.get('location')!, url), { headers })).status).toBe(200)
  await close()
  await expect(fetch(url)).rejects.toThrow()
})
