import { expect, test } from 'vitest'
import { growthChart } from '../bench/peers/growth-chart.ts'
import { tabulate } from '../bench/peers/table.ts'

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
