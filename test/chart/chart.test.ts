import { describe, expect, test } from 'vitest'
import { lineChartSvg } from '../../src/chart/line-chart.ts'
import { tickLabels, ticks, ticksAround } from '../../src/chart/ticks.ts'
import { binSeries } from '../../src/run/reports/series.ts'

describe('ticks', () => {
  test.each([
    [0, 100, 5, [0, 20, 40, 60, 80, 100]],
    [-1650, -130, 5, [-1500, -1000, -500]],
    [0.12, 0.19, 7, [0.12, 0.13, 0.14, 0.15, 0.16, 0.17, 0.18, 0.19]],
    [3, 3, 5, [3]],
    [0, 0, 5, [0]],
  ])('from %d to %d, about %d parts', (low, high, count, expected) => {
    const found = ticks(low, high, count)
    expect(found).toHaveLength(expected.length)
    for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i], 12)
  })

  test('those of an axis enclose all of its values', () => {
    expect(ticksAround(-1650, -130, 5).map(tick => tick + 0)).toEqual([-2000, -1500, -1000, -500, 0])
    expect(ticksAround(0, 100, 5)).toEqual([0, 20, 40, 60, 80, 100])
    expect(ticksAround(-300, 8600, 5)).toEqual([-2000, 0, 2000, 4000, 6000, 8000, 10_000])
    expect(ticksAround(3, 3, 5)).toEqual([2, 3, 4])
  })

  test.each([
    [
      [0, 2000, 4000],
      ['0', '2000', '4000'],
    ],
    [
      [-20_000, -10_000, 0],
      ['−20k', '−10k', '0'],
    ],
    [
      [0, 500_000, 1_000_000],
      ['0', '0.5M', '1.0M'],
    ],
    [
      [-0.1, 0, 0.1],
      ['−0.1', '0', '0.1'],
    ],
    [
      [0.12, 0.14],
      ['0.12', '0.14'],
    ],
  ])('%j reads %j', (values, labels) => {
    expect(tickLabels(values)).toEqual(labels)
  })
})

test('series in equal parts: means, straight lines over gaps, nothing beyond the ends', () => {
  const points = [
    { step: 20, value: 1 },
    { step: 21, value: 3 },
    { step: 30, value: 5 },
    { step: 60, value: 10 },
  ]
  expect(binSeries(points, 100, 10)).toEqual([
    { step: 20, value: 1 },
    { step: 30, value: 4 },
    { step: 40, value: 6 },
    { step: 50, value: 8 },
    { step: 60, value: 10 },
  ])
  expect(binSeries([], 100, 10)).toEqual([])
  expect(binSeries([{ step: 0, value: 1 }], 100, 10)).toEqual([{ step: 10, value: 1 }])
})

describe('a chart', () => {
  const line = (label: string, ...ys: number[]) => ({ label, points: ys.map((y, i) => ({ x: i * 50, y })) })
  const panel = { title: 'Pendulum & <friends>', xLabel: 'x', yLabel: 'y' }

  test('puts points where its axes say', () => {
    const svg = lineChartSvg([{ ...panel, lines: [line('a', 0, 100, 50)] }])
    const [, x0, y0, x1, y1, x2, y2] = /d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/
      .exec(svg)!
      .map(Number)
    const label = (text: string) =>
      new RegExp(`<text x="([\\d.]+)" y="([\\d.]+)"[^>]*>${text}<`).exec(svg)!.map(Number)
    // Labels of the vertical axis stand 4 below their line.
    expect(label('100')[2] - 4).toBe(y1)
    expect(label('0')[2] - 4).toBe(y0)
    expect(y2).toBeCloseTo((y0 + y1) / 2, 1)
    expect(x1).toBeCloseTo((x0 + x2) / 2, 1)
    expect(svg).toContain('Pendulum &#38; &#60;friends&#62;')
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  test('encloses bands, draws a single point, and tells many lines apart', () => {
    const lines = Array.from({ length: 8 }, (_, i) => line(`a rather long label of line ${i}`, i, 2 * i))
    const single = { label: 'single', points: [{ x: 10, y: 5 }] }
    const band = { label: 'band', points: [0, 50].map(x => ({ x, y: 5, low: -40, high: 45 })) }
    const svg = lineChartSvg([{ ...panel, lines: [...lines, single, band] }])
    expect(svg).toContain('<circle')
    expect(svg.match(/class="band"/g)).toHaveLength(1)
    const looks = [...svg.matchAll(/class="line" stroke="([^"]+)" stroke-dasharray="([^"]+)"/g)].map(
      ([, colour, dash]) => `${colour} ${dash}`,
    )
    expect(new Set(looks).size).toBe(9)
    expect(svg).toContain('>−40<')
    // Every piece of the picture lies within it.
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number)
    for (const [, x] of svg.matchAll(/ x[12]?="([-\d.]+)"/g)) expect(Number(x)).toBeLessThanOrEqual(width)
    for (const [, y] of svg.matchAll(/ y[12]?="([-\d.]+)"/g)) expect(Number(y)).toBeLessThanOrEqual(height)
  })
})

test('an x axis may begin elsewhere than at 0', () => {
  const lines = [{ label: 'a', points: [1000, 2000].map(x => ({ x, y: x })) }]
  const svg = lineChartSvg([{ title: 't', xLabel: 'x', yLabel: 'y', lines, xStart: 1000 }])
  expect(/class="line"[^>]* d="M(\d+) [\d.]+L(\d+) /.exec(svg)!.slice(1)).toEqual(['72', '736'])
  expect(svg).toContain('>1000<')
})

test('texts from elsewhere leave it well-formed', () => {
  const text = `<&">\u001b[2J\u0000\ufffe\ud800`
  const lines = [{ label: text, points: [{ x: 1, y: 2 }] }]
  const svg = lineChartSvg([{ title: text, xLabel: text, yLabel: text, lines }])
  expect(svg).toContain('&#60;&#38;&#34;&#62;\\u{1b}[2J\\u{0}\\u{fffe}\\u{d800}')
  expect(svg).not.toMatch(/[^\n\x20-\ud7ff]/)
})
