import { expect, test } from 'vitest'
import { createColumnCache } from '../../../src/run/ui/columns.ts'
import { curvesOf, gatheredRows, smoothed, thinned } from '../../../src/run/ui/curves.ts'
import type { CurvesQuery, RunRow } from '../../../src/run/ui/messages.ts'
import { openRunIndex } from '../../../src/run/ui/run-index.ts'
import { makeRun, newFolder } from './synthetic-runs.ts'

const query: CurvesQuery = {
  runs: [],
  metrics: ['return'],
  x: 'steps',
  gather: 'none',
  smoothing: 0,
  points: 1000,
}

async function drawn(...runs: Parameters<typeof makeRun>[2][]) {
  const folder = newFolder()
  const directories = runs.map((options, i) => makeRun(folder, `run${i}`, options))
  const index = openRunIndex(folder)
  await index.refresh()
  const cache = createColumnCache()
  return directories.map((directory, i) => ({ row: index.row(`run${i}`)!, columns: cache.read(directory)! }))
}

test('a curve is what was logged, over steps, updates or time at work', async () => {
  const runs = await drawn({ lines: 3 })
  for (const x of ['steps', 'updates', 'time'] as const) {
    const { return: curves } = await curvesOf(runs, { ...query, x })
    expect(curves).toEqual([
      { id: 'run0', runs: ['run0'], x: x === 'time' ? [1, 2, 3] : [100, 200, 300], y: [1, 2, 3] },
    ])
  }
})

test('evaluations are curves too, and what no run has logged is left out', async () => {
  const runs = await drawn({ lines: 3 })
  const curves = await curvesOf(runs, { ...query, metrics: ['evaluationMean', 'return'] })
  expect(curves.evaluationMean).toMatchObject([{ x: [300], y: [-100] }])
  expect(await curvesOf([], query)).toEqual({})
})

test('a range has its neighbours, so that lines leave the picture', async () => {
  const runs = await drawn({ lines: 10 })
  const curves = await curvesOf(runs, { ...query, range: [350, 620] })
  expect(curves.return).toMatchObject([{ x: [300, 400, 500, 600, 700] }])
})

test('smoothing keeps the raw values, and a constant as it is', async () => {
  const runs = await drawn({ lines: 3 })
  const curves = await curvesOf(runs, { ...query, smoothing: 0.5 })
  expect(curves.return![0].raw).toEqual([1, 2, 3])
  expect(curves.return![0].y).toEqual([1, 5 / 3, 17 / 7])
  for (const value of smoothed(Array(50).fill(4), 0.9)) expect(value).toBeCloseTo(4, 12)
})

test('thinning keeps every peak', () => {
  const x = Array.from({ length: 10_000 }, (_, i) => i)
  const y = x.map(i => (i === 5001 ? 100 : i === 7003 ? -100 : Math.sin(i)))
  const kept = thinned({ x, y }, 400)
  expect(kept.length).toBeLessThanOrEqual(400)
  expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b))
  expect(kept).toEqual(expect.arrayContaining([0, 5001, 7003, 9999]))
})

test('seeds become one curve with its interval, other settings another', async () => {
  const seeds = [0, 1, 2, 3].map(seed => ({ seed, lines: 100 }))
  const runs = await drawn(...seeds, { lines: 100, settings: { gamma: 0.9 } })
  const curves = (await curvesOf(runs, { ...query, gather: 'iqm' })).return!
  expect(curves.map(curve => curve.runs.length)).toEqual([4, 1])
  const [{ x, y, low, high }, single] = curves
  expect([x.length, y[49], low![49], high![49]]).toEqual([100, 50, 50, 50])
  expect(single.low).toBeUndefined()
})

test('results over seeds: mean and interquartile mean with their intervals', () => {
  const rows = [1, 2, 3, 100].map(value => ({
    id: `${value}`,
    experiment: 'x',
    bestReturn: value,
  })) as RunRow[]
  const [iqm] = gatheredRows(rows, 'iqm')
  const [mean] = gatheredRows(rows, 'mean')
  expect(iqm.results.bestReturn).toMatchObject({ value: 2.5, count: 4 })
  expect(mean.results.bestReturn).toMatchObject({ value: 26.5, count: 4 })
  expect(mean.results.bestReturn!.low).toBeLessThan(26.5)
  expect(mean.results.bestReturn!.high).toBeGreaterThan(26.5)
  expect(mean.results.evaluation).toBeUndefined()
})

test('values of other types in a line of training do not become points', async () => {
  const { appendFileSync } = await import('node:fs')
  const { join } = await import('node:path')
  const folder = newFolder()
  const directory = makeRun(folder, 'run', { lines: 1 })
  const cache = createColumnCache()
  cache.read(directory)
  const line = (step: unknown, value: unknown) =>
    `${JSON.stringify({ type: 'train', step, time: '2026-01-01T00:00:09Z', return: value })}\n`
  const lines = [
    line(200, '<b>'),
    line('x', 1),
    line(300, 1e200),
    line(400, null),
    line(500, 5),
    '{"type":"train"\n',
  ]
  appendFileSync(join(directory, 'metrics.jsonl'), lines.join(''))
  const { x, values } = cache.read(directory)!.train
  expect(x.steps).toEqual([100, 400, 500])
  expect(values.return).toEqual([1, Number.NaN, 5])
})
