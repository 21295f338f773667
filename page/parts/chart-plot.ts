import uPlot from 'uplot'
import { colourOf } from './theme.tsx'

/** One line of a chart. */
export interface Line {
  name: string
  /** Rising. */
  x: readonly number[]
  /** As many; null leaves a gap. */
  y: readonly (number | null)[]
  /** A colour of the palette, from 1 to 6. */
  colour: number
  /** `points` are not joined. Default `solid`. */
  style?: 'solid' | 'dashed' | 'points'
  /** Behind the others: raw values, an earlier run. */
  faint?: boolean
  /** Not in the list of names. */
  unnamed?: boolean
  /** Lines with the same word are the two edges of an area. */
  band?: string
}

/** How a chart looks. */
export interface ChartLook {
  /** In pixels. Default 180. */
  height?: number
  /** What x counts. Default `steps`. */
  xName?: string
  logarithmic?: boolean
}

/** All lines over the values of x of any of them, as uPlot takes them. */
export function aligned(lines: readonly Line[]): uPlot.AlignedData {
  if (lines.length === 0) return [[]]
  const same = lines.every(({ x }) => x === lines[0].x)
  if (same) return [lines[0].x, ...lines.map(({ y }) => y)] as unknown as uPlot.AlignedData
  return uPlot.join(lines.map(({ x, y }) => [x, y] as unknown as uPlot.AlignedData))
}

interface Wiring {
  width: number
  linked?: string
  onCursor(index: number | undefined): void
  onZoom(range: [number, number] | undefined): void
}

const AXIS_FONT = '12px system-ui, sans-serif'

/** 12000 as 12k. */
const brief = (value: number) =>
  Math.abs(value) >= 1e6
    ? `${value / 1e6}M`
    : Math.abs(value) >= 1e4
      ? `${value / 1e3}k`
      : String(Number(value.toPrecision(6)))

/** What uPlot is told. */
export function plotOptions(look: ChartLook, lines: readonly Line[], wiring: Wiring): uPlot.Options {
  const { height = 180, logarithmic } = look
  const [ink, grid] = [colourOf('ink-soft'), colourOf('line')]
  const axis = {
    stroke: ink,
    font: AXIS_FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    values: (_: uPlot, values: number[]) => values.map(value => (value === null ? '' : brief(value))),
  }
  return {
    width: wiring.width,
    height,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    scales: { x: { time: false }, y: { distr: logarithmic ? 3 : 1 } },
    axes: [
      { ...axis, size: 26, grid: { show: false } },
      { ...axis, size: 54, space: 34 },
    ],
    series: [{}, ...lines.map(seriesOf)],
    bands: bandsOf(lines),
    cursor: {
      points: { size: 7 },
      drag: { x: true, y: false },
      ...(wiring.linked && { sync: { key: wiring.linked, setSeries: false } }),
    },
    hooks: {
      setCursor: [({ cursor }) => wiring.onCursor(cursor.idx ?? undefined)],
      setSelect: [
        plot => {
          const { left, width } = plot.select
          if (width > 0) wiring.onZoom([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')])
        },
      ],
      ready: [plot => plot.over.addEventListener('dblclick', () => wiring.onZoom(undefined))],
    },
  }
}

function seriesOf({ name, colour, style, faint, band }: Line): uPlot.Series {
  const stroke = colourOf(`series-${colour}`)
  return {
    label: name,
    stroke: faint ? withAlpha(stroke, 0.35) : stroke,
    width: band ? 0 : faint ? 1.25 : 2,
    dash: style === 'dashed' ? [6, 4] : undefined,
    spanGaps: true,
    points: { show: style === 'points', size: 5, fill: stroke },
    ...(style === 'points' && { paths: () => null }),
  }
}

/** Areas between lines of the same band. */
function bandsOf(lines: readonly Line[]): uPlot.Band[] {
  const names = [...new Set(lines.flatMap(({ band }) => (band ? [band] : [])))]
  return names.map(name => {
    const edges = lines.flatMap((line, i) => (line.band === name ? [i + 1] : []))
    const fill = withAlpha(colourOf(`series-${lines[edges[0] - 1].colour}`), 0.18)
    return { series: [edges[1], edges[0]], fill } as uPlot.Band
  })
}

const withAlpha = (rgb: string, alpha: number) => rgb.replace(/^rgb\(/, 'rgba(').replace(/\)$/, `, ${alpha})`)
