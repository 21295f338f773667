import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { summarizeRun } from '../../../src/run/reports/run-summary.ts'
import type { Changes } from '../../../src/run/ui/messages.ts'
import { openRunIndex } from '../../../src/run/ui/run-index.ts'
import { makeRun, newFolder, startLine, trainLine } from './synthetic-runs.ts'

test('a row says what `sac runs` says', async () => {
  const folder = newFolder()
  const directory = makeRun(folder, 'a/one', { lines: 300, settings: { batchSize: 64, algorithm: 'td3' } })
  const index = openRunIndex(folder)
  await index.refresh()
  const summary = summarizeRun(directory)
  expect(index.row('a/one')).toMatchObject({
    environment: 'Pendulum-v1',
    algorithm: 'td3',
    status: 'finished',
    steps: summary.steps,
    bestReturn: summary.bestReturn,
    lastReturn: summary.lastReturn,
    seconds: summary.seconds,
    evaluation: { step: 30000, mean: -100, standardDeviation: 5 },
    changed: { batchSize: 64 },
    damaged: 0,
  })
})

test('a first look, at the end of the file alone, has the last results', async () => {
  const folder = newFolder()
  for (let i = 0; i < 3; i++) makeRun(folder, `run${i}`, { lines: 3000 })
  const index = openRunIndex(folder)
  const seen: Changes[] = []
  index.listen(changes => seen.push(changes))
  await index.refresh()
  const first = seen[0].rows[0]
  expect(first).toMatchObject({ steps: 300_000, lastReturn: 3000, status: 'finished' })
  expect(first.seconds).toBeUndefined()
  expect(index.row('run0')).toMatchObject({ bestReturn: 3000, seconds: 3002 })
})

test('only what was added is read, half a line not before it is whole', async () => {
  const folder = newFolder()
  const directory = makeRun(folder, 'run', { lines: 5 })
  const index = openRunIndex(folder)
  await index.refresh()
  const line = trainLine(9, { return: 77 })
  appendFileSync(join(directory, 'metrics.jsonl'), line.slice(0, 40))
  await index.refresh()
  expect(index.row('run')).toMatchObject({ steps: 500, status: 'finished', damaged: 0 })
  appendFileSync(join(directory, 'metrics.jsonl'), `${line.slice(40)}\nnonsense\n`)
  await index.refresh()
  expect(index.row('run')).toMatchObject({ steps: 900, bestReturn: 77, status: 'crashed', damaged: 1 })
})

test('another file in its place, as after a resume, is read from the start', async () => {
  const folder = newFolder()
  const directory = makeRun(folder, 'run', { lines: 50 })
  const index = openRunIndex(folder)
  await index.refresh()
  expect(index.row('run')).toMatchObject({ bestReturn: 50 })
  const next = join(directory, 'metrics.jsonl.new')
  writeFileSync(next, `${[startLine, ...[1, 2, 3].map(i => trainLine(i))].join('\n')}\n`)
  renameSync(next, join(directory, 'metrics.jsonl'))
  await index.refresh()
  expect(index.row('run')).toMatchObject({
    bestReturn: 3,
    steps: 300,
    status: 'crashed',
    evaluation: undefined,
  })
})

test('runs that come and go', async () => {
  const folder = newFolder()
  const first = makeRun(folder, 'first')
  const index = openRunIndex(folder)
  await index.refresh()
  makeRun(folder, 'second')
  rmSync(first, { recursive: true })
  const seen: Changes[] = []
  index.listen(changes => seen.push(changes))
  index.list()
  await index.refresh()
  expect(index.ids()).toEqual(['second'])
  expect(seen.flatMap(({ removed }) => removed)).toEqual(['first'])
})

test('links and pipes are no files of a run, and one damaged run does not hide the others', async () => {
  const folder = newFolder()
  const outside = newFolder()
  makeRun(outside, 'secret')
  makeRun(folder, 'good')
  symlinkSync(join(outside, 'secret'), join(folder, 'linked'))
  const odd = (name: string) => {
    const directory = makeRun(folder, name)
    return (file: string) => {
      rmSync(join(directory, file), { force: true })
      return join(directory, file)
    }
  }
  symlinkSync(join(outside, 'secret', 'metrics.jsonl'), odd('metrics-linked')('metrics.jsonl'))
  symlinkSync(join(outside, 'secret', 'config.json'), odd('config-linked')('config.json'))
  execFileSync('mkfifo', [odd('metrics-pipe')('metrics.jsonl')])
  execFileSync('mkfifo', [odd('config-pipe')('config.json')])
  writeFileSync(odd('config-nonsense')('config.json'), '{')
  const locked = makeRun(folder, 'lock-pipe')
  writeFileSync(join(locked, 'metrics.jsonl'), `${startLine}\n`)
  execFileSync('mkfifo', [join(locked, 'training.1.lock')])
  const index = openRunIndex(folder)
  await index.refresh()
  expect(index.rows().map(({ id }) => id)).toEqual(['good', 'lock-pipe'])
  expect(index.faults().map(({ id }) => id)).toEqual([
    'config-linked',
    'config-nonsense',
    'config-pipe',
    'metrics-linked',
    'metrics-pipe',
  ])
  expect(index.complete()).toBe(true)
})

test('a run whose directory becomes a link is left alone', async () => {
  const folder = newFolder()
  const outside = newFolder()
  makeRun(outside, 'run')
  makeRun(outside, 'secret')
  mkdirSync(join(folder, 'group'))
  makeRun(folder, 'group/run')
  const index = openRunIndex(folder)
  await index.refresh()
  rmSync(join(folder, 'group'), { recursive: true })
  symlinkSync(outside, join(folder, 'group'))
  expect(() => index.directoryOf('group/run')).toThrow('leads out')
  expect(() => index.directoryOf('../secret')).toThrow('There is no run')
})
