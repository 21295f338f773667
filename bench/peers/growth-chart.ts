/** Curves of growth as a picture: one panel for each size that grows, both axes logarithmic. */
import type { Growth } from './growth.ts'
import { type Library, TITLES } from './subjects.ts'

const PANEL = { width: 380, height: 280, left: 64, top: 44, right: 20, bottom: 48 }
const COLOURS: Partial<Record<Library, string>> = { wasm: '#2a6fbb', native: '#c8501e', sb3: '#4a8f3c' }

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** The picture as an SVG document. */
export function growthChart(growths: readonly Growth[]): string {
  const columns = 2
  const width = columns * PANEL.width
  const height = Math.ceil(growths.length / columns) * PANEL.height
  const panels = growths.map((growth, i) => {
    const at = `translate(${(i % columns) * PANEL.width} ${Math.floor(i / columns) * PANEL.height})`
    return `<g transform="${at}">\n${panel(growth)}\n</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"
  font-family="system-ui, sans-serif" font-size="11" fill="#333">
<title>How cost grows: rates against sizes</title>
<rect width="100%" height="100%" fill="white"/>
${panels.join('\n')}
</svg>
`
}

function panel({ against, unit, values, curves }: Growth): string {
  const { width, height, left, top, right, bottom } = PANEL
  const rates = curves.flatMap(curve => curve.rates)
  const [low, high] = [
    10 ** Math.floor(Math.log10(Math.min(...rates))),
    10 ** Math.ceil(Math.log10(Math.max(...rates))),
  ]
  const along = (value: number, from: number, to: number) =>
    from === to ? 0.5 : Math.log(value / from) / Math.log(to / from)
  const x = (value: number) =>
    left + (width - left - right) * along(value, values[0], values[values.length - 1])
  const y = (rate: number) => height - bottom - (height - top - bottom) * along(rate, low, high)

  const parts = [
    `<text x="${left}" y="18" font-weight="600">${escapeXml(`${unit} against ${against}`)}</text>`,
    ...values.map(value => {
      const label = `<text x="${x(value)}" y="${height - bottom + 16}" text-anchor="middle">${value}</text>`
      return `<line x1="${x(value)}" x2="${x(value)}" y1="${top}" y2="${height - bottom}" stroke="#eee"/>${label}`
    }),
  ]
  for (let rate = low; rate <= high; rate *= 10) {
    const label = `<text x="${left - 8}" y="${y(rate) + 4}" text-anchor="end">${rate.toLocaleString('en')}</text>`
    parts.push(
      `<line x1="${left}" x2="${width - right}" y1="${y(rate)}" y2="${y(rate)}" stroke="#ddd"/>${label}`,
    )
  }
  curves.forEach(({ library, rates }, i) => {
    const colour = COLOURS[library] ?? '#777'
    const points = rates.map((rate, j) => `${x(values[j]).toFixed(1)},${y(rate).toFixed(1)}`)
    parts.push(
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...points.map(point => {
        const [cx, cy] = point.split(',')
        return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
      }),
      `<text x="${left + 8}" y="${height - bottom - 8 - 14 * (curves.length - 1 - i)}" fill="${colour}">${escapeXml(TITLES[library].replaceAll('`', ''))}</text>`,
    )
  })
  return parts.join('\n')
}
