/** Line charts as SVG: drawn without a browser, readable on light and dark pages. */
import { printable } from '../printable.ts'
import { tickLabels, ticks, ticksAround } from './ticks.ts'

/** A line and, where its points have bounds, a band around it. */
export interface ChartLine {
  label: string
  /** By x; `low` and `high` enclose y. */
  points: { x: number; y: number; low?: number; high?: number }[]
}

/** One pair of axes. */
export interface ChartPanel {
  title: string
  xLabel: string
  yLabel: string
  /** At least one, of at least one point each; x from `xStart` on, above 0 on a logarithmic axis. */
  lines: ChartLine[]
  /** `log` for values such as learning rates: a tick at each value that occurs. Default `linear`. */
  xScale?: 'linear' | 'log'
  /** Where a linear x axis begins. Default 0. */
  xStart?: number
}

const WIDTH = 760
const PLOT = { left: 72, right: WIDTH - 24, height: 280 }
const LEGEND_ROW = 20
/** Average width of a character of the legend, an estimate because text cannot be measured here. */
const CHARACTER = 6.8
/** Okabe and Ito's colours, those that are clear on white and on black; then the same with dashes. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
const DASHES = ['none', '7 4', '2 3']

const STYLE = `
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #1f2328 }
  .title { font-size: 15px; font-weight: 600 }
  .page { fill: #ffffff }
  .grid { stroke: #d1d9e0; stroke-width: 1 }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .band { stroke: none; fill-opacity: 0.2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .page { fill: #0d1117 }
    .grid { stroke: #30363d }
    .band { fill-opacity: 0.35 }
  }`

/** Panels one below another, as an SVG document. */
export function lineChartSvg(panels: readonly ChartPanel[]): string {
  let height = 0
  const drawn = panels.map(panel => {
    const { svg, height: own } = drawPanel(panel)
    const placed = `<g transform="translate(0 ${height})">${svg}</g>`
    height += own
    return placed
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">`,
    `<title>${escapeXml(panels.map(({ title }) => title).join('; '))}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

function drawPanel({ title, xLabel, yLabel, lines, xScale = 'linear', xStart = 0 }: ChartPanel): {
  svg: string
  height: number
} {
  const legend = drawLegend(lines)
  const top = 48 + legend.height
  const bottom = top + PLOT.height
  const xs = lines.flatMap(({ points }) => points.map(({ x }) => x))
  const ys = lines.flatMap(({ points }) => points.flatMap(({ y, low = y, high = y }) => [low, high]))
  const columns = xScale === 'log' ? logColumns(xs) : linearColumns(xs, xStart)
  const rows = ticksAround(
    ys.reduce((a, b) => Math.min(a, b)),
    ys.reduce((a, b) => Math.max(a, b)),
    5,
  )
  const [yLow, yHigh] = [rows[0], rows[rows.length - 1]]
  const place: Place = {
    x: x => PLOT.left + columns.share(x) * (PLOT.right - PLOT.left),
    y: y => bottom - ((y - yLow) / (yHigh - yLow)) * PLOT.height,
  }
  const middle = (top + bottom) / 2
  const parts = [
    `<text class="title" x="${PLOT.left}" y="28">${escapeXml(title)}</text>`,
    `<g transform="translate(${PLOT.left} 44)">${legend.svg}</g>`,
    ...drawGrid(rows, columns, place, bottom),
    ...lines.flatMap((line, i) => drawLine(line, i, place)),
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${bottom + 42}" text-anchor="middle">${escapeXml(xLabel)}</text>`,
    `<text transform="translate(18 ${middle}) rotate(-90)" text-anchor="middle">${escapeXml(yLabel)}</text>`,
  ]
  return { svg: parts.join('\n'), height: bottom + 60 }
}

/** Where ticks of the x axis are, their labels, and how far right a value lies: 0 at the left end, 1 at the right. */
interface Columns {
  ticks: number[]
  labels: string[]
  share(x: number): number
}

function linearColumns(xs: readonly number[], start: number): Columns {
  const end = xs.reduce((a, b) => Math.max(a, b), start)
  const width = end - start || 1
  const values = ticks(start, start + width, 7)
  return { ticks: values, labels: tickLabels(values), share: x => (x - start) / width }
}

function logColumns(xs: readonly number[]): Columns {
  const values = [...new Set(xs)].sort((a, b) => a - b)
  const [low, high] = [Math.log(values[0]), Math.log(values[values.length - 1])]
  return { ticks: values, labels: values.map(String), share: x => (Math.log(x) - low) / (high - low || 1) }
}

/** From numbers to places in the picture. */
interface Place {
  x(x: number): number
  y(y: number): number
}

function drawGrid(rows: number[], columns: Columns, place: Place, bottom: number): string[] {
  const rowLabels = tickLabels(rows)
  return [
    ...rows.flatMap((value, i) => {
      const y = round(place.y(value))
      return [
        `<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y}" y2="${y}"/>`,
        `<text x="${PLOT.left - 8}" y="${y + 4}" text-anchor="end">${rowLabels[i]}</text>`,
      ]
    }),
    ...columns.ticks.flatMap((value, i) => {
      const x = round(place.x(value))
      return [
        `<line class="grid" x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}"/>`,
        `<text x="${x}" y="${bottom + 20}" text-anchor="middle">${columns.labels[i]}</text>`,
      ]
    }),
  ]
}

function drawLine({ points }: ChartLine, index: number, place: Place): string[] {
  const { colour, dash } = appearance(index)
  const at = (x: number, y: number) => `${round(place.x(x))} ${round(place.y(y))}`
  const path = points.map(({ x, y }) => at(x, y)).join('L')
  const upper = points.map(({ x, y, high = y }) => at(x, high))
  const lower = points.map(({ x, y, low = y }) => at(x, low)).reverse()
  const line =
    points.length === 1
      ? `<circle cx="${round(place.x(points[0].x))}" cy="${round(place.y(points[0].y))}" r="3" fill="${colour}"/>`
      : `<path class="line" stroke="${colour}" stroke-dasharray="${dash}" d="M${path}"/>`
  if (points.every(({ low }) => low === undefined)) return [line]
  return [`<path class="band" fill="${colour}" d="M${[...upper, ...lower].join('L')}Z"/>`, line]
}

/** Entries in rows as wide as the plot. */
function drawLegend(lines: readonly ChartLine[]): { svg: string; height: number } {
  let x = 0
  let row = 0
  const entries = lines.map(({ label }, i) => {
    const width = 30 + label.length * CHARACTER + 20
    if (x > 0 && x + width > PLOT.right - PLOT.left) {
      x = 0
      row++
    }
    const { colour, dash } = appearance(i)
    const y = row * LEGEND_ROW
    const entry =
      `<line x1="${x}" x2="${x + 22}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="3" stroke-dasharray="${dash}"/>` +
      `<text x="${x + 30}" y="${y + 4}">${escapeXml(label)}</text>`
    x = round(x + width)
    return entry
  })
  return { svg: entries.join('\n'), height: (row + 1) * LEGEND_ROW }
}

const appearance = (index: number) => ({
  colour: COLOURS[index % COLOURS.length],
  dash: DASHES[Math.floor(index / COLOURS.length) % DASHES.length],
})

const round = (value: number) => Math.round(value * 100) / 100

/** XML has no way to write most control characters at all. */
const escapeXml = (text: string) =>
  printable(text).replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)
