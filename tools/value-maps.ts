/** Maps of a value over angle and velocity, beside each other, as SVG for light and dark pages. */
import { SIDE, SPEED } from './how-it-works-data.ts'

/** From low to high, clear without colour too: each is lighter than the one before. */
const COLOURS = ['#352a6e', '#33508c', '#2f7390', '#2f958b', '#55b57a', '#a0cf5f', '#f0e45a']
const CELL = 7
const WIDTH = SIDE * CELL
const LEFT = 44
const GAP = 20
const TOP = 34

/** @param maps each [velocity][angle], from the lowest; they share one scale */
export function valueMapsSvg(maps: { title: string; values: number[][] }[]): string {
  const all = maps.flatMap(({ values }) => values.flat())
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const level = (value: number) =>
    Math.min(COLOURS.length - 1, Math.floor(((value - low) / (high - low)) * COLOURS.length))
  const width = LEFT + maps.length * (WIDTH + GAP)
  const height = TOP + WIDTH + 92
  const drawn = maps.map(({ title, values }, i) => {
    const paths = COLOURS.map((colour, wanted) => {
      const cells = values.flatMap((row, y) =>
        row.flatMap((value, x) =>
          level(value) === wanted ? [`M${x * CELL} ${(SIDE - 1 - y) * CELL}h${CELL}v${CELL}h-${CELL}z`] : [],
        ),
      )
      return cells.length > 0 ? `<path fill="${colour}" d="${cells.join('')}"/>` : ''
    })
    const ticks = [
      ['\u2212180°', 0, 'start'],
      ['upright', WIDTH / 2, 'middle'],
      ['180°', WIDTH, 'end'],
    ].map(([text, x, anchor]) => `<text x="${x}" y="${WIDTH + 18}" text-anchor="${anchor}">${text}</text>`)
    return `<g transform="translate(${LEFT + i * (WIDTH + GAP)} ${TOP})"><text class="title" y="-12">${title}</text>${paths.join('')}${ticks.join('')}</g>`
  })
  const speeds = [
    [SPEED, 10],
    [0, WIDTH / 2 + 4],
    [-SPEED, WIDTH],
  ].map(
    ([speed, y]) =>
      `<text x="${LEFT - 6}" y="${TOP + y}" text-anchor="end">${String(speed).replace('-', '\u2212')}</text>`,
  )
  const legend = COLOURS.map(
    (colour, i) =>
      `<rect x="${LEFT + i * 30}" y="${TOP + WIDTH + 54}" width="30" height="12" fill="${colour}"/>`,
  )
  const bounds = [low, high].map((value, i) => {
    const text = value.toFixed(0).replace('-', '\u2212')
    return i === 0
      ? `<text x="${LEFT}" y="${TOP + WIDTH + 82}">value ${text}</text>`
      : `<text x="${LEFT + COLOURS.length * 30}" y="${TOP + WIDTH + 82}" text-anchor="end">${text}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>Value of every state of the pendulum, ${maps.map(({ title }) => title).join(', ')}</title>
<style>
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif; fill: #1f2328 }
  .title { font-size: 14px; font-weight: 600 }
  .page { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .page { fill: #0d1117 }
  }
</style>
<rect class="page" width="${width}" height="${height}"/>
${drawn.join('\n')}
${speeds.join('')}
<text transform="translate(12 ${TOP + WIDTH / 2}) rotate(-90)" text-anchor="middle">velocity, rad/s</text>
<text x="${LEFT + (maps.length * (WIDTH + GAP) - GAP) / 2}" y="${TOP + WIDTH + 38}" text-anchor="middle">angle</text>
${legend.join('')}
${bounds.join('')}
</svg>
`
}
