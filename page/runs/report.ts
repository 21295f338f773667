/** What is shown, as one HTML file that needs nothing else: no script, no server, no network. */
import { lineChartSvg } from '../../src/chart/line-chart.ts'
import { download } from './actions.ts'
import { onScreen } from './curves/curves-panel.tsx'
import { panelOf } from './curves/lines.ts'
import { formatValue, plain } from './format.ts'
import { drawn } from './selection.ts'
import { folder, runs } from './server.ts'
import { COLUMNS } from './table/columns.tsx'
import { differing } from './titles.ts'
import { view } from './view.ts'

export function saveReport(): void {
  const { page, id, x, range } = view.peek()
  const only = runs.peek().get(id)
  const rows = page === 'run' && only ? [only] : drawn.peek()
  const title = page === 'run' ? plain(id) : rows.length === 1 ? '1 run' : `${rows.length} runs`
  const settings = differing(rows.map(({ changed }) => changed))
  const shownSettings = rows.length === 1 ? Object.keys(rows[0].changed) : settings
  const headings = ['run', ...COLUMNS.map(column => column.title), ...shownSettings]
  const cells = rows.map(row => [
    plain(row.id),
    ...COLUMNS.map(column => column.text(row)),
    ...shownSettings.map(name => formatValue(row.changed[name])),
  ])
  const panels = onScreen
    .peek()
    .map(({ metric, curves, names }) => panelOf(metric, { x, range }, curves, names))
  const charts = panels
    .filter(({ lines }) => lines.length > 0)
    .map(panel => `<figure>${lineChartSvg([panel])}</figure>`)
  const html = reportHtml({ title, from: plain(folder.peek()), headings, cells, charts, time: new Date() })
  download(new Blob([html], { type: 'text/html' }), `${title.replace(/[^\w.-]+/g, '-')}.html`)
}

interface Report {
  title: string
  from: string
  headings: readonly string[]
  cells: readonly (readonly string[])[]
  /** As SVG. */
  charts: readonly string[]
  time: Date
}

/** All texts are escaped; the charts escape theirs themselves. */
export function reportHtml({ title, from, headings, cells, charts, time }: Report): string {
  const row = (texts: readonly string[], tag: string) =>
    `<tr>${texts.map(text => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')}</tr>`
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 1240px; padding: 24px }
.scroll { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: 5px 12px 5px 0; text-align: left; border-bottom: 1px solid #8884; white-space: nowrap }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 540px), 1fr)); gap: 16px; margin-top: 20px }
figure { margin: 0 } svg { width: 100%; height: auto }
</style>
<h1>${escapeHtml(title)}</h1>
<p>From ${escapeHtml(from)}, ${escapeHtml(time.toISOString().slice(0, 16).replace('T', ' '))} UTC, by soft-actor-critic.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table><thead>${row(headings, 'th')}</thead><tbody>
${cells.map(texts => row(texts, 'td')).join('\n')}
</tbody></table></div>
<div class="charts">
${charts.join('\n')}
</div>
</html>
`
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
