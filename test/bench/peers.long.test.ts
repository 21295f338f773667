import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { documents, type Figures, withFigures } from '../../bench/peers/documents.ts'
import { growthChart } from '../../bench/peers/growth-chart.ts'
import {
  allowedProcessors,
  deal,
  parallelism,
  releaseMainThread,
  spread,
} from '../../bench/peers/processors.ts'
import { ahead, forEachCores, reached, type Series, tabulate } from '../../bench/peers/table.ts'

const series: Series[] = [
  { library: 'wasm', threads: 1, cores: 1, values: [10, 20, 30] },
  { library: 'wasm', threads: 2, cores: 2, values: [8, 9, 50] },
  { library: 'native', threads: 1, cores: 1, values: [5, 40, 44] },
  { library: 'native', threads: 2, cores: 2, values: [10, 80, 88] },
  { library: 'sb3', threads: 1, cores: 1, values: [5, 10, 22] },
  { library: 'sb3', threads: 2, cores: 2, values: [1, 2, 3] },
]
const head = { id: 'full', what: 'updates', unit: 'updates/s' }

test('on one core each library has one thread, on two the number that serves it better', () => {
  const [one, two] = forEachCores([1, 2], head, series)
  expect(one.rows.map(({ library, threads, median }) => [library, threads, median])).toEqual([
    ['wasm', 1, 20],
    ['native', 1, 40],
    ['sb3', 1, 10],
  ])
  expect(two.rows.map(({ library, threads, median }) => [library, threads, median])).toEqual([
    ['wasm', 1, 20],
    ['native', 2, 80],
    ['sb3', 1, 10],
  ])
  expect(two.rows[1]).toMatchObject({ low: 10, high: 88 })
})

test('ratios are taken round by round, and the other way round where less is better', () => {
  const more = tabulate({ ...head, cores: 1 }, series)
  // 5/5, 40/10, 44/22; the medians alone would give 4.
  expect(ahead(more, 'native', 'sb3')).toBe(2)
  expect(ahead(more, 'sb3', 'native')).toBe(1 / 2)
  const less = tabulate({ ...head, cores: 1, more: false }, series)
  expect(ahead(less, 'native', 'sb3')).toBe(1 / 2)
  expect(ahead(less, 'native', 'sbx')).toBeUndefined()
})

test('what is to be reached is a ratio or a figure, of what was measured', () => {
  const { reaches, ...table } = tabulate({ ...head, cores: 1 }, series, [
    { subject: 'native', against: 'sb3', atLeast: 2 },
    { subject: 'native', against: 'sb3', atLeast: 2.1 },
    { subject: 'wasm', atLeast: 21 },
    { subject: 'native', against: 'sbx', atLeast: 1 },
  ])
  expect(reaches.map(reach => reached({ ...table, reaches }, reach))).toEqual([
    { value: 2, yes: true },
    { value: 2, yes: false },
    { value: 20, yes: false },
  ])
})

test('busy threads are dealt to the processors in turn, idle ones left alone', () => {
  const work = new Map([
    [11, 40],
    [12, 0],
    [13, 100],
    [14, 90],
    [15, 1],
  ])
  expect(deal(work, [2, 5])).toEqual([
    { thread: 13, processor: 2 },
    { thread: 14, processor: 5 },
    { thread: 11, processor: 2 },
  ])
  expect(deal(work, [2, 5], 14).map(({ thread }) => thread)).toEqual([14, 13, 11])
  expect(deal(work, [2, 5], 12).map(({ thread }) => thread)).toEqual([13, 14, 11])
  expect(deal(new Map([[11, 0]]), [2, 5])).toEqual([])
})

test.runIf(process.platform === 'linux')('a busy thread is found and bound to a processor', async () => {
  const processors = allowedProcessors()
  const allowed = (thread: string) =>
    /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync(`/proc/self/task/${thread}/status`, 'utf8'))?.[1]
  const before = new Set(readdirSync('/proc/self/task'))
  const worker = new Worker('for (;;);', { eval: true })
  await once(worker, 'online')
  try {
    // The one that is busy comes first.
    const last = processors.at(-1)!
    const wait = () => new Promise(resolve => setTimeout(resolve, 300))
    expect(await spread(process.pid, [last], wait)).toBeGreaterThan(0)
    const bound = readdirSync('/proc/self/task').filter(thread => !before.has(thread))
    expect(bound.map(allowed)).toContain(`${last}`)
  } finally {
    await worker.terminate()
  }
})

test.runIf(process.platform === 'linux' && allowedProcessors().length > 1)(
  'binding the main thread hides no processor from what comes after, and it is free again when released',
  () => {
    // Where it was busy, a test before this one has bound it.
    releaseMainThread()
    const processors = allowedProcessors()
    const allowed = () => /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]
    const before = allowed()
    execFileSync('taskset', ['--pid', '--cpu-list', `${processors[0]}`, `${process.pid}`])
    expect(allowed()).toBe(`${processors[0]}`)
    expect(allowedProcessors()).toEqual(processors)
    releaseMainThread()
    expect(allowed()).toBe(before)
  },
)

// It measures, and other programs may disturb every round of it.
test.runIf(process.platform === 'linux')(
  'two threads on one processor show no parallelism',
  { retry: 4 },
  async () => {
    const [processor] = allowedProcessors()
    expect(await parallelism([processor])).toBe(1)
    expect(await parallelism([processor, processor])).toBeLessThan(1.5)
  },
)

test('the chart of growth puts rates where a logarithmic axis has them', () => {
  const curves = [{ library: 'wasm' as const, rates: [1000, 100, 10] }]
  const svg = growthChart([{ against: 'a < b', unit: 'updates/s', values: [64, 256, 1024], curves }])
  const points = /points="([^"]+)"/
    .exec(svg)![1]
    .split(' ')
    .map(point => point.split(',').map(Number))
  expect(points[1][0]).toBeCloseTo((points[0][0] + points[2][0]) / 2, 0)
  expect(points[1][1]).toBeCloseTo((points[0][1] + points[2][1]) / 2, 0)
  expect(points[0][1]).toBeLessThan(points[2][1])
  expect(svg).toContain('a &lt; b')
})

const figuresOf = (tables: Figures['tables']): Figures => ({
  processor: 'a processor',
  versions: { Node: 'v20' },
  date: '2026-11-24',
  parallelism: 1.9,
  tables,
})

test('sentences name every peer that is ahead', () => {
  const ratio = (sb3: number[]) => {
    const values = { wasm: [10, 20, 30], sb3 }
    const found = (['wasm', 'sb3'] as const).map(
      (library): Series => ({ library, threads: 1, cores: 1, values: values[library] }),
    )
    return documents(figuresOf([tabulate({ ...head, cores: 1 }, found)]))['README.md']
  }
  expect(ratio([5, 10, 15])).toContain('`wasm` is 2 times as fast as Stable-Baselines3.')
  expect(ratio([5, 10, 15])).not.toContain('Faster or smaller than this project')
  expect(ratio([20, 40, 60])).toContain('`wasm` is 0.5 times as fast as Stable-Baselines3.')
  expect(ratio([20, 40, 60])).toContain(
    'Faster or smaller than this project: Stable-Baselines3 (full size, one core).',
  )
})

test('figures that no longer hold say so', () => {
  const figures = figuresOf([tabulate({ ...head, cores: 1 }, series)])
  for (const text of Object.values(documents(figures))) expect(text).not.toContain('Out of date')
  for (const text of Object.values(documents({ ...figures, stale: 'Older.' })))
    expect(text).toMatch(/^\*\*Out of date\.\*\* Older\./)
})

test('documents quote what the committed figures say', () => {
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const figures: Figures = JSON.parse(read('bench/peers/results.json'))
  for (const [file, text] of Object.entries(documents(figures)))
    expect(withFigures(read(file), text)).toBe(read(file))
  const [first, ...others] = figures.tables
  const doubled = { ...first, rows: first.rows.map(row => ({ ...row, median: 2 * row.median })) }
  for (const [file, text] of Object.entries(documents({ ...figures, tables: [doubled, ...others] })))
    expect(withFigures(read(file), text)).not.toBe(read(file))
  expect(() => withFigures('no place', '')).toThrow('no place for the figures')
})
