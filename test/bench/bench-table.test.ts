import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { growthChart } from '../../bench/peers/growth-chart.ts'
import { withComparison } from '../../bench/peers/readme-table.ts'
import { tabulate } from '../../bench/peers/table.ts'

const series = [
  { library: 'wasm' as const, threads: 1, values: [10, 20, 30] },
  { library: 'wasm' as const, threads: 2, values: [8, 9, 50] },
  { library: 'onnx' as const, threads: 1, values: [5, 40, 44] },
  { library: 'sb3' as const, threads: 1, values: [5, 10, 22] },
  { library: 'sb3' as const, threads: 2, values: [1, 2, 3] },
]

test('each library counts with its better number of threads, and ratios are taken round by round', () => {
  const { rows } = tabulate({ what: 'updates', unit: 'updates/s' }, series, { sb3: 2 })
  expect(rows.map(({ library, threads }) => [library, threads])).toEqual([
    ['wasm', 1],
    ['onnx', 1],
    ['sb3', 1],
  ])
  const [wasm, , sb3] = rows
  expect(wasm).toMatchObject({ median: 20, low: 10, high: 30 })
  expect(wasm.ahead).toBeUndefined()
  // Against ONNX Runtime, our better engine: 5/5, 40/10, 44/22.
  expect(sb3).toMatchObject({ ahead: 2, reach: 2 })
})

test('where less is better, ratios are the other way round', () => {
  // Against WebAssembly with two threads: 1/8, 2/9, 3/50.
  const { rows } = tabulate({ what: 'latency', unit: 'us', more: false }, series)
  expect(rows.find(({ library }) => library === 'sb3')).toMatchObject({ threads: 2, ahead: 1 / 8 })
})

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

test('the comparison in the README is what the committed figures say', () => {
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
  const readme = read('README.md')
  const figures = JSON.parse(read('bench/peers/results.json'))
  expect(withComparison(readme, figures)).toBe(readme)
  const [table] = figures.tables
  table.rows[0].median *= 2
  expect(withComparison(readme, figures)).not.toBe(readme)
  expect(() => withComparison('no place', figures)).toThrow('no place for the comparison')
})
